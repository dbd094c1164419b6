"""What the short forms of a document stand for, by the document itself.

Schwartz–Hearst definitions come first; then a mention in parentheses right behind another one
("myotonic dystrophy (DM)", where the letters do not follow the words); then a mention of the same
document whose letters the short form abbreviates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from domain_adapt.ontology.match.abbreviations import find_definitions, long_form_start

Span = tuple[int, int]

_SHORT_FORM = re.compile(r"[A-Z][A-Za-z0-9/-]{1,6}")
_OPENING = re.compile(r"\s*\(")
_IN_PARENTHESES = re.compile(r"\s*\(([^()]*)\)\s*$")
_FEWEST_CAPITALS = 2


def short_forms(text: str, mentions: Sequence[Span] = ()) -> dict[str, str]:
    """Return short form to long form.

    Args:
        text: The document.
        mentions: Spans in it that are known to be mentions, in any order.
    """
    found: dict[str, str] = {}
    for each in find_definitions(text):
        found.setdefault(text[slice(*each.short)], text[slice(*each.long)])
    for before, after in pairwise(sorted(mentions)):
        short = text[slice(*after)]
        if _is_short_form(short) and _explained(text, before, after):
            found.setdefault(short, text[slice(*before)])
    _add_abbreviated(found, sorted({text[slice(*each)] for each in mentions}, key=_by_length))
    return found


def expand(mention: str, forms: Mapping[str, str]) -> str:
    """Return a mention with its short forms written out.

    "mention (SF)" loses the parentheses where SF is a short form of the document or capitals.
    """
    inner = _IN_PARENTHESES.search(mention)
    if inner and inner.start() and (inner[1].strip() in forms or inner[1].isupper()):
        mention = mention[: inner.start()]
    if mention in forms or not forms:
        return forms.get(mention, mention)
    choices = "|".join(re.escape(each) for each in sorted(forms, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{choices})(?!\w)", lambda found: forms[found[0]], mention)


def _explained(text: str, before: Span, after: Span) -> bool:
    """Say whether the second span stands in parentheses right behind the first, and is shorter."""
    opened = _OPENING.fullmatch(text, before[1], after[0])
    closed = text[after[1] : after[1] + 1] in {")", ",", ";"}
    return bool(opened) and closed and after[1] - after[0] < before[1] - before[0]


def _add_abbreviated(found: dict[str, str], mentions: Sequence[str]) -> None:
    """Add short mentions whose letters appear in order in a longer one, from its first letter."""
    for short in mentions:
        if short not in found and _is_short_form(short):
            longer = (each for each in mentions if len(each) > len(short) + 2)
            long = next((each for each in longer if long_form_start(short, each) == 0), None)
            if long is not None:
                found[short] = long


def _is_short_form(text: str) -> bool:
    capitals = sum(char.isupper() for char in text)
    return capitals >= _FEWEST_CAPITALS and _SHORT_FORM.fullmatch(text) is not None


def _by_length(text: str) -> tuple[int, str]:
    return len(text), text
