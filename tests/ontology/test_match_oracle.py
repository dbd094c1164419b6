"""The matcher against a slow one, written from the definition: every span of the text is tried."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain_adapt.ontology.concept import LabelType
from domain_adapt.ontology.match.matcher import build_matcher
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


def names_of(term: Term) -> set[tuple[str, str]]:
    pairs = {(form(v).strip(" "), form(v, case=False).strip(" ")) for v in variants(term)}
    return {pair for pair in pairs if any(x.isalnum() for x in pair[0])}


def is_named(term: Term, surface: str) -> bool:
    written = form(surface, case=False)
    for name, exact in names_of(term):
        if form(surface) != name:
            continue
        if case_of(term) is Case.ANY or written == exact:
            return True
        if case_of(term) is Case.SAME_OR_CAPITALS and written == exact.upper():
            return True
    return False


def valid_spans(terms: list[Term], text: str) -> dict[tuple[int, int], set[str]]:
    line = canonical_characters(text, case=True)
    names = {name for term in terms for name, _ in names_of(term)}
    found: dict[tuple[int, int], set[str]] = {}
    for begin in range(len(line)):
        for end in range(begin + 1, len(line) + 1):
            if "".join(x.text for x in line[begin:end]) not in names:
                continue
            if not (line[begin].first and line[end - 1].last):
                continue
            if begin > 0 and plain_word(line[begin].text) and plain_word(line[begin - 1].text):
                continue
            if end < len(line) and plain_word(line[end - 1].text) and plain_word(line[end].text):
                continue
            span = (line[begin].start, line[end - 1].end)
            concepts = {t.concept for t in terms if is_named(t, text[span[0] : span[1]])}
            if concepts:
                found[span] = concepts
    return found


def slow_hits(terms: list[Term], text: str) -> dict[tuple[int, int], set[str]]:
    spans = valid_spans(terms, text)
    kept: dict[tuple[int, int], set[str]] = {}
    for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if all(end <= a or b <= start for a, b in kept):
            kept[start, end] = spans[start, end]
    return dict(sorted(kept.items()))


def fast_hits(terms: list[Term], text: str) -> dict[tuple[int, int], set[str]]:
    hits = build_matcher(terms).hits(text)
    assert [hit[:2] for hit in hits] == sorted({hit[:2] for hit in hits})
    return {(start, end): {term.concept for term in named} for start, end, named in hits}


WORDS = ["a", "b", "ab", "A", "B", "heart", "Attack", "attacks", "CDS", "cds", "VaR", "CD4", "s"]
ODD = ["é", "e\u0301", "E", "ﬁ", "fi", "ß", "SS", "İ", "½", "1", "㎎", "mg", "™", "😀", "…", "°"]
ODD += [
    "가",
    "\u1100\u1161",
    "か\u3099",
    "が",
    "ﾊﾞ",
    "ＣＤＳ",
    "\u00ad",
    "\u200b",
    "\ufeff",
    "\u0301",
]
ODD += ["ि", "ह", "Σ", "ς", "\ud800", "🧬", "\U00020000", "_", "\x1f", "\ue000", "\x00"]
CHINESE = ["糖", "尿", "糖尿病", "病", "2型", "々", "，", "。", "（", "）"]
BETWEEN = [" ", " ", " ", "  ", "-", "-", "\u2013", "\u2011", " - ", "--", "-\n", "\n", "\n\n"]
BETWEEN += ["\r\n", "\t", " \n ", "\u00a0", "\u3000", "'", "\u2019", "+", ".", ", ", "/", "(", ")"]

piece = st.sampled_from(WORDS + ODD + CHINESE + BETWEEN)
mixed = st.lists(piece, max_size=14).map("".join)
english = st.lists(st.sampled_from(WORDS + BETWEEN), max_size=14).map("".join)
label = st.lists(piece, min_size=1, max_size=4).map("".join)
kinds = st.sampled_from(
    [LabelType.PREFERRED, LabelType.SYNONYM, LabelType.ABBREVIATION, LabelType.CODE]
)
term = st.builds(Term, st.sampled_from(["x:1", "x:2", "x:3"]), label, kinds)


@settings(max_examples=100, deadline=None)
@given(st.lists(term, min_size=1, max_size=5), st.one_of(mixed, english), st.data())
def test_nothing_is_missed_and_nothing_made_up(
    terms: list[Term], text: str, data: st.DataObject
) -> None:
    # texts that hold the names are rare by chance: put some in
    places = data.draw(st.lists(st.tuples(st.integers(0, 14), st.sampled_from(terms)), max_size=4))
    for place, planted in places:
        text = text[:place] + planted.label + text[place:]
    assert fast_hits(terms, text) == slow_hits(terms, text)


def preferred(*labels: str) -> list[Term]:
    return [Term(f"x:{place}", text, LabelType.PREFERRED) for place, text in enumerate(labels)]


@pytest.mark.parametrize(
    ("labels", "text", "expected"),
    [
        # a longer candidate that ends inside a word must not hide the shorter valid one
        (("heart", "heart a"), "the heart attack", ["heart"]),
        (("risk", "risks a"), "risks are risk", ["risks", "risk"]),
        # crossing candidates: the longest
        (("a b", "b c d"), "a b c d", ["b c d"]),
        (("a b c", "c d", "d e f g"), "a b c d e f g", ["a b c", "d e f g"]),
        # equally long: the first
        (("a b", "b a"), "a b a", ["a b"]),
        # nested ones that end together, begin together, or lie inside
        (("type 2 diabetes", "diabetes", "type 2", "2"), "type 2 diabetes", ["type 2 diabetes"]),
        # a name that reaches beyond its letters, and gives way to a longer one
        (("CD4+", "CD4", "+ cell count"), "CD4+ cell count", ["CD4", "+ cell count"]),
        (("CD4+", "CD4"), "CD4+T, CD4-T", ["CD4+", "CD4"]),
    ],
)
def test_overlaps(labels: tuple[str, ...], text: str, expected: list[str]) -> None:
    terms = preferred(*labels)
    found = fast_hits(terms, text)
    assert [text[start:end] for start, end in found] == expected
    assert found == slow_hits(terms, text)


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("ab -\n病CA\u0301"), max_size=25), st.integers(0, 3))
@example("a\n- b", 0)
def test_small_alphabets(text: str, size: int) -> None:
    terms = preferred(*["a", "a b", "b", "病a", "a病", "ab ca"][: size + 3])
    assert fast_hits(terms, text) == slow_hits(terms, text)
