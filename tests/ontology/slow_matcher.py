"""A slow term matcher, written from the definition and sharing no search code with the fast one.

The definition: a term is where its canonical form (:mod:`domain_adapt.ontology.match.normalise`)
or that of a variant stands, on whole characters; a side of it that is a letter or digit and not
Chinese must be the end of a word; its case must be one in which the name counts; of those that
overlap the longest stays, of equally long ones the first.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from domain_adapt.ontology.match.terms import Case, Term, case_of, variants

SPACE = " \t\n\r\f\v"
APOSTROPHES = "\u2018\u2019\u201b\u02bc\u02b9\u2032\u00b4"
HYPHENS = "\u2010\u2011\u2012\u2013\u2212\u02d7\u2043"


@dataclass(frozen=True)
class Character:
    """One character of the canonical form, and which part of the source it came from."""

    text: str
    start: int
    end: int
    first: bool = True
    last: bool = True


def is_chinese(character: str) -> bool:
    code = ord(character)
    return (
        0x3400 <= code <= 0x4DBF
        or 0x4E00 <= code <= 0x9FFF
        or 0x20000 <= code <= 0x3FFFF
        or character in "々〇"
    )


def plain_word(character: str) -> bool:
    return character.isalnum() and not is_chinese(character)


def belongs_to_the_one_before(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character)[0] == "M"
        or 0x1160 <= code <= 0x11FF
        or 0xD7B0 <= code <= 0xD7FF
        or 0xFF9E <= code <= 0xFF9F
    )


def folded(cluster: str, *, case: bool) -> str:
    if len(cluster) == 1 and ord(cluster) < 128:
        return cluster.lower() if case else cluster
    named = {
        **dict.fromkeys(APOSTROPHES, "'"),
        **dict.fromkeys(HYPHENS, "-"),
        **dict.fromkeys("\u0085\u2028\u2029", "\n"),
        "\u1680": " ",
        "…": ".",
        "™": "®",
        "℠": "®",
    }
    text = unicodedata.normalize("NFKD", "".join(named.get(x, x) for x in cluster))
    text = "".join(
        x for x in text if not 0x300 <= ord(x) <= 0x36F and unicodedata.category(x) != "Cf"
    )
    text = unicodedata.normalize("NFKC", text)
    if not case:
        return text
    lowered = "".join(x for x in text.casefold() if not 0x300 <= ord(x) <= 0x36F)
    return unicodedata.normalize("NFKC", lowered).lower()


def characters_of(text: str, *, case: bool) -> list[Character]:
    clusters: list[tuple[int, str]] = []
    for place, character in enumerate(text):
        if clusters and belongs_to_the_one_before(character):
            clusters[-1] = (clusters[-1][0], clusters[-1][1] + character)
        else:
            clusters.append((place, character))
    found = []
    for start, cluster in clusters:
        pieces = folded(cluster, case=case)
        for number, piece in enumerate(pieces):
            place = (start, start + len(cluster))
            found.append(Character(piece, *place, number == 0, number == len(pieces) - 1))
    return found


def line_breaks(run: str) -> int:
    return run.replace("\r\n", "\n").replace("\r", "\n").count("\n")


def spaced(found: list[Character]) -> list[Character]:
    """One space for what separates words inside a name; the rest keeps its length."""
    result: list[Character] = []
    place = 0
    while place < len(found):
        here = found[place]
        begin = place + (here.text == "-")
        end = begin
        while end < len(found) and found[end].text in SPACE:
            end += 1
        run = "".join(x.text for x in found[begin:end])
        if here.text == "-" and run:
            after_word = place > 0 and found[place - 1].text.isalnum()
            joined = line_breaks(run) == 1 and after_word
        else:
            dash_follows = end < len(found) and found[end].text == "-"
            joined = len(run) > 1 and line_breaks(run) < 2 and not dash_follows
        stop = max(end, place + 1)
        if joined:
            first, last = found[place], found[stop - 1]
            result.append(Character(" ", first.start, last.end, first.first, last.last))
        else:
            result += [
                Character(" ", x.start, x.end, x.first, x.last) if x.text in SPACE + "-" else x
                for x in found[place:stop]
            ]
        place = stop
    return result


def canonical_characters(text: str, *, case: bool) -> list[Character]:
    result: list[Character] = []
    for here in spaced(characters_of(text, case=case)):
        if result:
            before = result[-1].text
            if (is_chinese(before) and plain_word(here.text)) or (
                plain_word(before) and is_chinese(here.text)
            ):
                result.append(Character(" ", here.start, here.start))
        result.append(here)
    return result


def form(text: str, *, case: bool = True) -> str:
    return "".join(x.text for x in canonical_characters(text, case=case))


class SlowMatcher:
    """Tries every span of a text against every name."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms: dict[str, list[Term]] = defaultdict(list)
        for term in terms:
            for name in {form(variant).strip(" ") for variant in variants(term)}:
                if any(x.isalnum() for x in name):
                    self._terms[name].append(term)
        self._longest = max(map(len, self._terms), default=0)

    def hits(self, text: str) -> dict[tuple[int, int], set[str]]:
        """Return span to ids of concepts; longest first, of equally long ones the first."""
        spans = self.valid_spans(text)
        kept: dict[tuple[int, int], set[str]] = {}
        for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
            if all(end <= a or b <= start for a, b in kept):
                kept[start, end] = spans[start, end]
        return dict(sorted(kept.items()))

    def valid_spans(self, text: str) -> dict[tuple[int, int], set[str]]:
        """Return all spans that are a term by themselves, also those that overlap."""
        line = canonical_characters(text, case=True)
        whole = "".join(x.text for x in line)
        found: dict[tuple[int, int], set[str]] = {}
        for begin in range(len(line)):
            for end in range(begin + 1, min(begin + self._longest, len(line)) + 1):
                terms = self._terms.get(whole[begin:end])
                if not terms or not stands_alone(line, begin, end):
                    continue
                span = (line[begin].start, line[end - 1].end)
                surface = text[span[0] : span[1]]
                concepts = {term.concept for term in terms if is_written(term, surface)}
                if concepts:
                    found[span] = concepts
        return found


def stands_alone(line: list[Character], begin: int, end: int) -> bool:
    """Say whether a span of the canonical form is whole characters and whole words."""
    if not (line[begin].first and line[end - 1].last):
        return False
    if begin > 0 and plain_word(line[begin].text) and plain_word(line[begin - 1].text):
        return False
    return not (end < len(line) and plain_word(line[end - 1].text) and plain_word(line[end].text))


def is_written(term: Term, surface: str) -> bool:
    """Say whether the case is one in which the name counts."""
    if case_of(term) is Case.ANY:
        return True
    written = form(surface, case=False)
    for variant in variants(term):
        exact = form(variant, case=False).strip(" ")
        if form(variant).strip(" ") != form(surface):
            continue
        if written == exact:
            return True
        if case_of(term) is Case.SAME_OR_CAPITALS and written == exact.upper():
            return True
    return False
