"""The matcher against a slow one, written from the definition: every span of the text is tried."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from slow_matcher import SlowMatcher

from domain_adapt.ontology.concept import LabelType
from domain_adapt.ontology.match.matcher import build_matcher
from domain_adapt.ontology.match.terms import Term


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
    assert fast_hits(terms, text) == SlowMatcher(terms).hits(text)


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
    assert found == SlowMatcher(terms).hits(text)


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("ab -\n病CA\u0301"), max_size=25), st.integers(0, 3))
@example("a\n- b", 0)
def test_small_alphabets(text: str, size: int) -> None:
    terms = preferred(*["a", "a b", "b", "病a", "a病", "ab ca"][: size + 3])
    assert fast_hits(terms, text) == SlowMatcher(terms).hits(text)
