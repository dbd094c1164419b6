"""Where a regulation's definition holds: "For purposes of this section, ..." read as a scope.

Paragraph ids are paths, as the eCFR numbers paragraphs: ``1005-19-a-1`` is § 1005.19(a)(1) and
``1005-19-a-Interp-2`` a comment on § 1005.19(a).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_WORDING = re.compile(
    r"(?:\b(?:for\s+(?:the\s+)?purposes?\s+of|(?:as|when)\s+used\s+in)|(?:^|[.)]\s*)In)\s+this\s+"
    r"(?P<unit>part|regulation|chapter|subpart|section|paragraph)\b(?P<labels>(?:\s*\(\w+\))*)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\((\w+)\)")
_DEFINES = re.compile(r"[^.]*?(?:\bdefin|\bterms?\b|\bmeans?\b|[:—]\s*$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TermScope:
    """The paragraphs that a definition holds for.

    Attributes:
        prefix: Only ids that are, or lie under, this one; empty for all.
        sections: Only section numbers in this inclusive range; None for all.
    """

    prefix: str = ""
    sections: tuple[int, int] | None = None

    def covers(self, paragraph: str) -> bool:
        """Say whether a paragraph's id lies in the scope."""
        if self.sections is not None:
            number = section_number(paragraph)
            return number is not None and self.sections[0] <= number <= self.sections[1]
        return not self.prefix or f"{paragraph}-".startswith(f"{self.prefix}-")

    def width(self) -> int:
        """Return a number that is smaller the narrower the scope is, to compare by."""
        if self.sections is not None:
            return -1
        return -1 - self.prefix.count("-") if self.prefix else 0


def section_number(paragraph: str) -> int | None:
    """Return 19 for ``1005-19-a-1``; None for an appendix (``1005-A-1``) or a part alone."""
    parts = paragraph.split("-")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else None


def scope_of_definition(
    paragraph: str, *, before: str, texts: Mapping[str, str], subparts: Sequence[int]
) -> TermScope:
    """Read the scope of a definition from the words that lead to it.

    The nearest wording counts: in the paragraph, before the term; else in a sentence of the
    paragraph above it that introduces definitions (§ 1005.20(a) speaks for its (a)(1)), and so
    on. Without any the definition holds everywhere.

    Args:
        paragraph: Id of the paragraph that defines the term.
        before: Its text up to the term.
        texts: Id to text of all paragraphs.
        subparts: First section numbers of the subparts (:func:`subpart_starts`).
    """
    found = list(_WORDING.finditer(before))
    for above in above_of(paragraph):
        if found:
            break
        text = texts.get(above, "")
        found = [each for each in _WORDING.finditer(text) if _DEFINES.match(text, each.end())]
        paragraph = above if found else paragraph
    return _scope(found[-1], paragraph, subparts) if found else TermScope()


def above_of(paragraph: str) -> Iterable[str]:
    """Yield the ids above a paragraph, the nearest first: ``1-2-a`` gives ``1-2`` and ``1``."""
    while "-" in paragraph:
        paragraph = paragraph.rpartition("-")[0]
        yield paragraph


def subpart_starts(paragraphs: Iterable[str]) -> tuple[int, ...]:
    """Return the section numbers at which a subpart begins, as far as the numbering shows.

    Subparts leave room for later sections: § 1005.20 is followed by § 1005.30, the first of
    subpart B. Ids carry no other sign of them.
    """
    numbers = sorted({n for each in paragraphs if (n := section_number(each)) is not None})
    steps = pairwise(numbers)
    return (*numbers[:1], *(after for before, after in steps if after > before + 1))


def _scope(wording: re.Match[str], paragraph: str, subparts: Sequence[int]) -> TermScope:
    unit, number = wording["unit"].lower(), section_number(paragraph)
    section = "-".join(paragraph.split("-")[:2])
    if unit == "section":
        return TermScope(prefix=section)
    if unit == "paragraph":
        labels = _LABEL.findall(wording["labels"])
        return TermScope(prefix="-".join((section, *labels)) if labels else paragraph)
    if unit == "subpart" and number is not None:
        first = max((start for start in subparts if start <= number), default=number)
        last = min((start - 1 for start in subparts if start > number), default=10**9)
        return TermScope(sections=(first, last))
    return TermScope()
