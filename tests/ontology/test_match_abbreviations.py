"""Abbreviations that a text defines itself, and what they do to the hits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.ontology.concept import LabelType
from domain_adapt.ontology.match.abbreviations import (
    find_definitions,
    is_short_form,
    long_form_start,
    parenthesised_short_forms,
)
from domain_adapt.ontology.match.matcher import build_matcher
from domain_adapt.ontology.match.mentions import with_own_abbreviations
from domain_adapt.ontology.match.terms import Term


def pairs(text: str) -> list[tuple[str, str]]:
    found = find_definitions(text)
    return [(text[slice(*each.short)], text[slice(*each.long)]) for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in chronic kidney disease (CKD), which", [("CKD", "chronic kidney disease")]),
        ("the heat shock transcription factor (HSF)", [("HSF", "heat shock transcription factor")]),
        ("a CKD (chronic kidney disease) case", [("CKD", "chronic kidney disease")]),
        ("beta-lactam antibiotics (BLA)", [("BLA", "beta-lactam antibiotics")]),
        ("the net present value (NPV; see below)", [("NPV", "net present value")]),
        ("glycated haemoglobin (HbA1c)", []),
        ("loss given\ndefault (LGD)", [("LGD", "loss given\ndefault")]),
        ("loss given default（LGD）", [("LGD", "loss given default")]),
        ("Value was lost. Given default (VLGD)", []),  # not across sentences
        ("see the table (2019)", []),  # no letter
        ("a word (x)", []),  # too short
        ("something else (which is a long remark)", []),
        ("it fell (in particular)", []),
        ("CKD (CKD)", []),
        ("(ABC)", []),
        ("()", []),
    ],
)
def test_definitions(text: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(text) == expected


def test_the_first_letter_must_begin_a_word() -> None:
    assert long_form_start("ab", "xa b") is None
    assert long_form_start("ab", "a xb") == 0
    assert long_form_start("A-B", "one Alpha-beta") == 4


@pytest.mark.parametrize("text", ["CD", "IL-2", "New York", "3D model"])
def test_short_forms(text: str) -> None:
    assert is_short_form(text)


@pytest.mark.parametrize("text", ["", "C", "1234", "-CD", "a b c", "abcdefghijk"])
def test_not_short_forms(text: str) -> None:
    assert not is_short_form(text)


@given(st.text(st.sampled_from("ab AB()（）.- \n"), max_size=40))
def test_spans_lie_in_the_text_and_say_what_they_are(text: str) -> None:
    for definition in find_definitions(text):
        short, long = text[slice(*definition.short)], text[slice(*definition.long)]
        assert is_short_form(short)
        assert len(long) > len(short)
        letters = iter(long.lower())
        assert all(letter in letters for letter in short.lower() if letter.isalnum())
    for span, parenthesis in parenthesised_short_forms(text):
        assert text[parenthesis] in "(（"
        assert is_short_form(text[slice(*span)])


PD = Term("x:pd", "PD", LabelType.ABBREVIATION)
TERMS = [
    PD,
    Term("x:pd", "probability of default", LabelType.PREFERRED),
    Term("x:pd", "违约概率", LabelType.PREFERRED),
    Term("x:parkinson", "Parkinson's disease", LabelType.PREFERRED),
    Term("x:model", "PD model", LabelType.PREFERRED),
]


def meant(text: str) -> list[tuple[str, str]]:
    hits = with_own_abbreviations(text, build_matcher(TERMS).hits(text))
    return [(text[start:end], terms[0].concept) for start, end, terms in hits]


def test_a_short_form_means_its_long_form_from_there_on() -> None:
    assert meant("PD. Parkinson disease (PD); PDs, PD") == [
        ("PD", "x:pd"),
        ("Parkinson disease", "x:parkinson"),
        ("PD", "x:parkinson"),
        ("PDs", "x:parkinson"),
        ("PD", "x:parkinson"),
    ]


def test_an_unknown_short_form_is_learned_with_its_type() -> None:
    text = "Probability of default (PrD) and PrD, prd, PrDX"
    hits = with_own_abbreviations(text, build_matcher(TERMS).hits(text))
    named = [(text[a:b], terms[0].label, terms[0].type) for a, b, terms in hits]
    assert named == [
        ("Probability of default", "probability of default", LabelType.PREFERRED),
        ("PrD", "PrD", LabelType.ABBREVIATION),
        ("PrD", "PrD", LabelType.ABBREVIATION),
    ]


def test_a_short_form_that_the_text_uses_otherwise_is_no_hit() -> None:
    assert meant("PD. The purchase department (PD) said PD.") == [("PD", "x:pd")]


def test_a_long_form_with_the_term_inside_keeps_it() -> None:
    assert meant("the probability of default days (PD) and PD") == [
        ("probability of default", "x:pd"),
        ("PD", "x:pd"),
        ("PD", "x:pd"),
    ]


def test_a_longer_term_keeps_its_place() -> None:
    assert meant("Parkinson disease (PD); a PD model") == [
        ("Parkinson disease", "x:parkinson"),
        ("PD", "x:parkinson"),
        ("PD model", "x:model"),
    ]


def test_chinese_terms_before_a_short_form_define_it() -> None:
    assert meant("违约概率（PDX）上升。PDX 下降") == [
        ("违约概率", "x:pd"),
        ("PDX", "x:pd"),
        ("PDX", "x:pd"),
    ]
