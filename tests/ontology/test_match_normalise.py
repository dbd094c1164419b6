"""Normal forms, and the way back from them to the text as it was."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain_adapt.ontology.match.normalise import canonical, coarse, normalise
from domain_adapt.ontology.match.offsets import Edits

ALPHABET = "aB1 -\n\t.'’–éßİﬁ½…\u0301\u00ad\u200b\u0000㎎糖病々가\u1100\u1161か\u3099ﾊﾞ😀Ａ\ud800"
texts = st.text(st.one_of(st.sampled_from(ALPHABET), st.characters()), max_size=30)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Credit-Default  Swap", "credit default swap"),
        ("credit\n    default\r\nswap", "credit default swap"),
        ("credit-\n  default", "credit default"),
        ("ＣＤＳ", "cds"),
        ("Crohn’s", "crohn's"),
        ("Crohn´s", "crohn's"),
        ("Guillain–Barré", "guillain barre"),
        ("Guillain-Barre\u0301", "GUILLAIN‑BARRÉ"),
        ("ﬁbrosis", "fibrosis"),
        ("dia\u00adbe\u200btes", "diabetes"),
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("Ménière", "MENIERE"),
        ("2型糖尿病", "2 型糖尿病"),
        ("Glucophage™", "Glucophage®"),
        ("a\u00a0b\u3000c", "a b c"),
    ],
)
def test_the_same(first: str, second: str) -> None:
    assert canonical(first) == canonical(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("heart attack", "heart. attack"),
        ("heart attack", "heart/attack"),
        ("heart attack", "heart - attack"),
        ("heart attack", "heart -- attack"),
        ("heart attack", "heart\n\nattack"),
        ("heart attack", "heart\n- attack"),
        ("heart attack", "heartattack"),
        ("CD4+", "CD4"),
        ("か", "が"),
    ],
)
def test_not_the_same(first: str, second: str) -> None:
    assert canonical(first) != canonical(second)


def test_case_can_be_kept() -> None:
    assert canonical("ＶａＲ  Model", case=False) == "VaR Model"


@given(texts)
def test_composed_and_decomposed_characters_are_the_same(text: str) -> None:
    assert canonical(unicodedata.normalize("NFC", text)) == canonical(
        unicodedata.normalize("NFD", text)
    )


@given(texts)
def test_the_coarse_form_is_words_and_spaces_and_of_the_canonical_length(text: str) -> None:
    form = normalise(text).text
    assert form[0] == form[-1] == " "
    assert form[1:-1] == coarse(canonical(text))
    assert all(x == " " or x.isalnum() for x in form)


@settings(max_examples=300)
@given(texts, st.integers(0, 30), st.integers(0, 30))
def test_a_span_leads_back_to_what_has_this_form(text: str, first: int, second: int) -> None:
    form = normalise(text)
    start, end = sorted((1 + first % len(form.text), 1 + second % len(form.text)))
    if start == end or end >= len(form.text):
        return
    span = form.span(start, end)
    if span is None:
        return
    assert 0 <= span[0] <= span[1] <= len(text)
    # white space at the sides has lost its neighbours, which decide about runs
    wanted = form.text[start:end]
    if not wanted.startswith(" ") and not wanted.endswith(" "):
        assert coarse(canonical(text[slice(*span)])) == wanted


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("x  ﬁn y", "fin", "ﬁn"),
        ("😀😀 dia\u00adbetes\u00ad.", "diabetes", "dia\u00adbetes"),
        ("e\u0301te\u0301 z", "ete", "e\u0301te\u0301"),
        ("糖尿病CDS对冲", "cds", "CDS"),
        ("1½ z", "z", "z"),
        ("a \n b", "a b", "a \n b"),
        ("\u200ba\u200b", "a", "a"),
    ],
)
def test_places_count_characters_of_the_source(text: str, part: str, expected: str) -> None:
    form = normalise(text)
    start = form.text.index(part)
    span = form.span(start, start + len(part))
    assert span is not None
    assert text[slice(*span)] == expected


def test_half_a_character_has_no_place() -> None:
    form = normalise("ﬁn")
    assert form.span(1, 2) is None  # the f of the ligature
    assert form.span(2, 4) is None
    assert form.span(1, 3) == (0, 1)


def test_edits_of_pieces_that_go_come_and_change() -> None:
    edits = Edits()
    edits.add(1, 1, 1)  # "ab" -> "a b"
    edits.add(2, 4, 0)  # "xx" goes
    edits.add(4, 5, 3)  # "½" -> "1/2"
    # source: a b x x ½ c; rewritten: a _ b 1 / 2 c
    assert edits.span(0, 1) == (0, 1)
    assert edits.span(2, 3) == (1, 2)
    assert edits.span(3, 6) == (4, 5)
    assert edits.span(3, 5) is None
    assert edits.span(6, 7) == (5, 6)
    assert edits.span(0, 7) == (0, 6)
