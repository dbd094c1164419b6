"""Mentions of a regulation's defined terms, found from its text and its list of definitions.

Longest match, held back where a match is no use of the term: in headings, in the paragraph that
defines it, inside proper names, and outside of the definition's scope. docs/linking.md has what
each rule does to precision and recall.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain_adapt.base.errors import DataError
from domain_adapt.ontology.term_heading import heading_end
from domain_adapt.ontology.term_scope import (
    TermScope,
    above_of,
    scope_of_definition,
    subpart_starts,
)

_FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        a all although an and any are as at because both but by can do does each either every
        except for from however if in is its may must neither no not of on only or other our shall
        since some such that the their these this those to under unless until what when where
        whether which while who will with within without you your
        """,
    )
)
_WORD_BEFORE = re.compile(r"([\w’'-]+) $")
_WORD_AFTER = re.compile(r"(?:’s|'s)? (?:of )?([A-Za-z][\w-]*)")
_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A numbered piece of a regulation.

    Attributes:
        id: Its path, such as ``1005-19-a-1`` (:mod:`domain_adapt.ontology.term_scope`).
        text: As published, with its enumerator.
    """

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A term and where it is defined.

    Attributes:
        term: The term, as a rule in the singular.
        paragraph: Id of the paragraph with the definition.
        start: Offset of the term in that paragraph, in characters.
    """

    term: str
    paragraph: str
    start: int


@dataclass(frozen=True, slots=True)
class TermMention:
    """A use of a defined term.

    Attributes:
        start: Offset in the paragraph's text, in characters.
        end: Offset behind the mention.
        definition: The definition that holds there, the most local one.
    """

    start: int
    end: int
    definition: Definition


@dataclass(frozen=True, slots=True)
class _Scoped:
    definition: Definition
    scope: TermScope


def find_defined_terms(
    paragraphs: Sequence[Paragraph], definitions: Sequence[Definition]
) -> tuple[tuple[TermMention, ...], ...]:
    """Find the uses of defined terms in a regulation.

    A term matches in any case and in the plural of its last word; of overlapping matches the
    longest counts, also where it is then held back.

    Args:
        paragraphs: The regulation, in order.
        definitions: Its defined terms; one that is defined in several places has several.

    Returns:
        The mentions of each paragraph, in order of offset, not overlapping.

    Raises:
        DataError: DA-ONTO-080, a definition has a blank term.
    """
    by_form = _by_form(paragraphs, definitions)
    if not by_form:
        return tuple(() for _ in paragraphs)
    pattern = _pattern(by_form)
    with_children = {above for each in paragraphs for above in _headed(each.id)}
    return tuple(
        tuple(_mentions(each, pattern, by_form, has_children=each.id in with_children))
        for each in paragraphs
    )


def _mentions(
    paragraph: Paragraph,
    pattern: re.Pattern[str],
    by_form: Mapping[str, Sequence[_Scoped]],
    *,
    has_children: bool,
) -> Iterator[TermMention]:
    text = paragraph.text
    body = heading_end(text, has_children=has_children)
    for match in pattern.finditer(text):
        if match.start() < body or in_proper_name(text, match.start(), match.end()):
            continue
        holding = [x for x in by_form[_key(match[0])] if x.scope.covers(paragraph.id)]
        if holding and all(x.definition.paragraph != paragraph.id for x in holding):
            nearest = min(holding, key=lambda x: x.scope.width())
            yield TermMention(match.start(), match.end(), nearest.definition)


def in_proper_name(text: str, start: int, end: int) -> bool:
    """Say whether ``text[start:end]`` is part of a longer name in capitals.

    "State law" uses the term State, "United States" and "Farm Credit Administration" do not use
    State and credit: a word beside the mention is capitalised too and is no function word.
    """
    words = text[start:end].split()
    if not words[-1][0].isupper():
        return False
    before = _WORD_BEFORE.search(text, max(0, start - _LONGEST_WORD), start)
    after = _WORD_AFTER.match(text, end)
    return (words[0][0].isupper() and _is_name_word(before)) or _is_name_word(after)


def plural(term: str) -> str:
    """Return the regular English plural of a term's last word (Quirk et al. 1985, 5.80)."""
    lower = term.lower()
    if lower.endswith("y") and lower[-2:-1] not in set("aeiou"):
        return f"{term[:-1]}ies"
    return f"{term}es" if lower.endswith(("s", "x", "z", "ch", "sh")) else f"{term}s"


def _is_name_word(found: re.Match[str] | None) -> bool:
    if found is None:
        return False
    return found[1][0].isupper() and found[1].lower() not in _FUNCTION_WORDS


def _by_form(
    paragraphs: Sequence[Paragraph], definitions: Sequence[Definition]
) -> dict[str, list[_Scoped]]:
    texts = {each.id: each.text for each in paragraphs}
    subparts = subpart_starts(texts)
    by_form: dict[str, list[_Scoped]] = defaultdict(list)
    for each in definitions:
        if not each.term.strip():
            raise DataError(
                "DA-ONTO-080",
                f"The definition at {each.paragraph}, offset {each.start}, has a blank term.",
                hint="Give the term that is defined there.",
            )
        before = texts.get(each.paragraph, "")[: each.start]
        scope = scope_of_definition(each.paragraph, before=before, texts=texts, subparts=subparts)
        for form in {_key(each.term), _key(plural(each.term))}:
            by_form[form].append(_Scoped(each, scope))
    return by_form


def _pattern(forms: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    spaced = (r"\s+".join(map(re.escape, form.split())) for form in longest_first)
    return re.compile(rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)", re.IGNORECASE)


def _headed(paragraph: str) -> Iterator[str]:
    """Return the ids above; of a comment only those of comments: what it is on is no heading."""
    commented = paragraph.rpartition("-Interp-")[0]
    return (above for above in above_of(paragraph) if len(above) > len(commented))


def _key(text: str) -> str:
    return " ".join(text.lower().split())
