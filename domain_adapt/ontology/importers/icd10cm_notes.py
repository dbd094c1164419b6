"""Excludes notes of ICD-10-CM: which codes they name, and the rules that follow.

``pneumonia (J12-J18)``, ``burn of shoulder (T22.- with fifth character 5)``: codes, ranges of
codes, and codes narrowed by their later characters. A note whose codes cannot be told for sure
gives one rule without an object: its statement is kept, and nothing is judged by it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from domain_adapt.ontology.rules import Rule, RuleKind, Severity

_CODE = re.compile(
    r"(?<![0-9A-Za-z])([A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4}(?![0-9A-Za-z]))?)(?![0-9A-Za-z])"
)
_ALONE = re.compile(r"[^0-9]*\(([A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?)(?:\.?-)?\)$")
"""One code at the end and no other figure: six notes in seven."""

_BETWEEN = re.compile(r"(?:\.?-+\s*-?|\.?-?\s+(?:to|-)\s+)$")
_SUFFIXES = re.compile(r",?\s*with(?: final characters)?((?:[\s,]|or|\.\d+[-.]?)+)$")
_ENDING = re.compile(r"with final characters -(\d+)$")
_PLACES = re.compile(
    r"with (?P<first>\w+)(?: (?:or|to) (?P<second>\w+))?[- ]characters? "
    r"\.?(?P<values>[0-9A-Z]+(?:-[0-9])?(?: or [0-9A-Z])*)$"
)
_ORDINALS = {"5th": 5, "fifth": 5, "sixth": 6, "6th": 6, "7th": 7, "seventh": 7}
_CATEGORY = 3

_SENTENCES = {
    RuleKind.EXCLUDES1: "{} is never coded together with: {}",
    RuleKind.EXCLUDES2: "{} does not include what may be coded beside it: {}",
}


class Note(NamedTuple):
    """One Excludes note: its own id, kind, the concept it stands under, and its text."""

    id: str
    kind: RuleKind
    subject: str
    text: str


@dataclass(slots=True)
class NoteReader:
    """Turns notes into rules over the codes that exist.

    Attributes:
        below: Id to the ids directly below, for every concept; its order is the list's.
        prefix: What ids begin with.
        source: What rules give as their source.
    """

    below: Mapping[str, Sequence[str]]
    prefix: str
    source: str
    _categories: list[str] = field(init=False)
    _above: dict[str, str] = field(init=False)
    _ranges: dict[tuple[str, str], tuple[str, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        start = len(self.prefix)
        self._categories = sorted(x[start:] for x in self.below if len(x) == start + _CATEGORY)
        # only blocks and chapters are put in the place of their parts
        self._above = {x: high for high, row in self.below.items() if "-" in high for x in row}

    def rules(self, note: Note) -> Iterator[Rule]:
        """Yield a rule for each concept that the note names, or one without."""
        subject = note.subject[len(self.prefix) :]
        targets = [each for each in self.targets(note.text) if not self._overlap(subject, each)]
        severity = Severity.ABSOLUTE if note.kind is RuleKind.EXCLUDES1 else Severity.RELATIVE
        statement = {"en": _SENTENCES[note.kind].format(subject, note.text)}
        for number, target in enumerate(targets or ("",), start=1):
            place = note.id if len(targets) < 2 else f"{note.id}.{number}"
            yield Rule(place, note.kind, note.subject, target, (), severity, statement, self.source)

    def _overlap(self, subject: str, target: str) -> bool:
        """Say whether one lies under the other; as a rule, that would refuse the code itself."""
        low, high = _span(subject)
        first, last = _span(target[len(self.prefix) :])
        return low <= last and first <= high

    def targets(self, text: str) -> tuple[str, ...]:
        """Return the ids that a note names; none where that is not sure."""
        if alone := _ALONE.match(text):
            return (self.prefix + alone[1],) if self.prefix + alone[1] in self.below else ()
        found = list(_CODE.finditer(text))
        if not found or "unless" in text:
            return ()
        bases = self._bases(text, [(each[1], each.start(), each.end()) for each in found])
        rest = text[found[-1].end() :].partition(")")[0].strip().lstrip(".-").strip()
        if "with" not in rest:
            return tuple(dict.fromkeys(bases))
        return tuple(dict.fromkeys(self._narrowed(bases, rest)))

    def _bases(self, text: str, codes: list[tuple[str, int, int]]) -> list[str]:
        """Return the ids of single codes and of all that ranges cover."""
        ids: list[str] = []
        place = 0
        while place < len(codes):
            code, _, end = codes[place]
            later = codes[place + 1] if place + 1 < len(codes) else None
            if later and _BETWEEN.match(text[end : later[1]]):
                ids += self._range(code, later[0])
                place += 2
            else:
                if self.prefix + code in self.below:
                    ids.append(self.prefix + code)
                place += 1
        return ids

    def _range(self, low: str, high: str) -> tuple[str, ...]:
        key = (low, high)
        if key not in self._ranges:
            first = bisect_left(self._categories, low[:_CATEGORY])
            last = bisect_right(self._categories, high[:_CATEGORY])
            inside = [
                each
                for category in self._categories[first:last]
                for each in self._topmost(self.prefix + category, low, high)
            ]
            self._ranges[key] = tuple(self._gathered(inside))
        return self._ranges[key]

    def _topmost(self, concept: str, low: str, high: str) -> Iterator[str]:
        """Yield the concept if all of it lies in the range, else what of it does."""
        code = concept[len(self.prefix) :]
        if low <= code and code[: len(high)] <= high:
            if len(code) >= len(high) or code < high[: len(code)]:
                yield concept
                return
        elif code > high or code < low[: len(code)]:
            return
        for child in self.below[concept]:
            yield from self._topmost(child, low, high)

    def _gathered(self, concepts: list[str]) -> list[str]:
        """Put a block or chapter in the place of its parts where all of them are there."""
        while True:
            there = set(concepts)
            whole = {
                above
                for above in {self._above.get(each, "") for each in concepts}
                if above and "-" in above and there.issuperset(self.below[above])
            }
            if not whole:
                return concepts
            raised = (self._above[x] if self._above.get(x) in whole else x for x in concepts)
            concepts = list(dict.fromkeys(raised))

    def _narrowed(self, bases: list[str], rest: str) -> Iterator[str]:
        """Yield the codes below ``bases`` that ``with …`` says; none if it is not understood."""
        if found := _SUFFIXES.match(rest):
            for category in self._categories_of(bases):
                for suffix in _listed_suffixes(found[1]):
                    if category + suffix in self.below:
                        yield category + suffix
        elif found := _ENDING.match(rest):
            endings = found[1]
            yield from (each for each in self._under(bases) if each.endswith(endings))
        elif found := _PLACES.match(rest):
            yield from self._by_place(bases, found)

    def _by_place(self, bases: list[str], found: re.Match[str]) -> Iterator[str]:
        """Yield codes that have the given characters in the given places (from 1, no point)."""
        first, second = (_ORDINALS.get(found[name] or "", 0) for name in ("first", "second"))
        if not first or (found["second"] and not second):
            return
        places = (first, second) if second else (first,)
        if " to " in found[0] and second:
            places = (second,)
        values = _values(found["values"])
        for concept in self._under(bases):
            bare = concept[len(self.prefix) :].replace(".", "")
            if len(bare) not in places or not bare.endswith(values):
                continue
            # "fifth or sixth" means whichever is the last before the 7th
            if len(places) == 1 or len(bare) == places[-1] or not self._has_next(concept):
                yield concept

    def _has_next(self, concept: str) -> bool:
        """Say whether the concept has children that are one character longer."""
        return any(len(child) == len(concept) + 1 for child in self.below[concept])

    def _categories_of(self, bases: list[str]) -> list[str]:
        wanted = len(self.prefix) + _CATEGORY
        found = [each for each in self._under(bases) if len(each) == wanted]
        return found or [each[:wanted] for each in bases]

    def _under(self, bases: list[str]) -> Iterator[str]:
        """Yield the concepts of ``bases`` and all below them, from the top."""
        waiting = list(reversed(bases))
        while waiting:
            concept = waiting.pop()
            yield concept
            waiting.extend(reversed(self.below[concept]))


def _span(code: str) -> tuple[str, str]:
    """Return the first and the last text that a code of the concept may be."""
    low, dash, high = code.partition("-")
    return low, f"{high if dash else low}~"


def _listed_suffixes(text: str) -> list[str]:
    """Return ``.51, .52`` for ``.51-.52``, and lists as they are."""
    found: list[str] = []
    for low, high in re.findall(r"(\.\d+)(?:-(\.\d+))?", text):
        if high:
            width = len(low) - 1
            found += [f".{n:0{width}}" for n in range(int(low[1:]), int(high[1:]) + 1)]
        else:
            found.append(low)
    return found


def _values(text: str) -> tuple[str, ...]:
    """Return the characters of ``1-4 or 6`` or ``B or C``; a pair such as ``51`` stays whole."""
    found: list[str] = []
    for part in text.split(" or "):
        low, dash, high = part.partition("-")
        found += [str(n) for n in range(int(low), int(high) + 1)] if dash else [low]
    return tuple(found)
