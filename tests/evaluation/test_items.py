from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.errors import DataError
from domain_adapt.base.records import Probe
from domain_adapt.evaluation.items import read_items

GOOD = '{"question": "What is 2 + 2?", "choices": ["3", "4", "5"], "answer": 1}'


@pytest.fixture
def lines(tmp_path: Path) -> Callable[..., Path]:
    """Write lines to a JSONL file and return its path."""

    def write(*content: str, encoding: str = "utf-8", end: str = "\n") -> Path:
        path = tmp_path / "quiz.jsonl"
        path.write_bytes("".join(line + end for line in content).encode(encoding))
        return path

    return write


def test_an_item_becomes_a_probe(lines):
    (probe,) = read_items(lines(GOOD))

    assert probe == Probe(
        id="quiz-0001",
        family="general",
        concept="quiz-0001",
        split=None,
        prompt="What is 2 + 2?",
        choices=("3", "4", "5"),
        answer=1,
    )


def test_items_are_named_after_their_line_or_by_themselves(lines):
    named = json.dumps({**json.loads(GOOD), "id": "sum"})
    numbered = json.dumps({**json.loads(GOOD), "id": 7, "topic": "ignored"})
    unnamed = json.dumps({**json.loads(GOOD), "id": None})

    probes = read_items(lines(GOOD, "", named, "  ", numbered, unnamed), family="mine")

    assert [probe.id for probe in probes] == ["quiz-0001", "sum", "7", "quiz-0006"]
    assert all(probe.concept == probe.id and probe.family == "mine" for probe in probes)


@pytest.mark.parametrize(
    ("choices", "given", "index"),
    [
        (["red", "green", "blue"], 0, 0),
        (["red", "green", "blue"], 2, 2),
        (["red", "green", "blue"], "B", 1),
        (["red", "green", "blue"], " c ", 2),
        (["red", "green", "blue"], "green", 1),
        (["B", "A"], "A", 1),  # a choice's text comes before its letter
        (["4", "0"], 0, 0),  # a number is an index
        (["4", "0"], "0", 1),  # a text is a choice
    ],
)
def test_the_answer_as_index_letter_or_text(lines, choices, given, index):
    row = json.dumps({"question": "?", "choices": choices, "answer": given})

    assert read_items(lines(row))[0].answer == index


@pytest.mark.parametrize("given", [3, -1, True, 1.0, "D", "Green", "", None, ["red"]])
def test_an_answer_that_is_no_choice(lines, given):
    row = json.dumps({"question": "?", "choices": ["red", "green", "blue"], "answer": given})

    assert f"line 1: 'answer' {given!r} is none of the choices" in _refused(lines(row))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"question": None}, "'question' must be a text"),
        ({"question": " "}, "'question' must be a text"),
        ({"choices": "abc"}, "'choices' must be a list of texts"),
        ({"choices": ["a", 4]}, "'choices' must be a list of texts"),
        ({"choices": ["a", ""]}, "'choices' must be a list of texts"),
        ({"choices": ["a"]}, "'choices' must be at least two different texts"),
        ({"choices": []}, "'choices' must be at least two different texts"),
        ({"choices": ["a", "b", "a"]}, "'choices' must be at least two different texts"),
        ({"choices": ["a", "b", "a "]}, "'choices' must be at least two different texts"),
    ],
)
def test_an_item_in_the_wrong_form(lines, change, told):
    row = json.dumps({**json.loads(GOOD), **change})

    assert f"line 2: {told}" in _refused(lines(GOOD, row))


@pytest.mark.parametrize("key", ["question", "choices", "answer"])
def test_a_part_that_is_missing(lines, key):
    row = {name: part for name, part in json.loads(GOOD).items() if name != key}

    assert f"line 1: no '{key}'" in _refused(lines(json.dumps(row)))


@pytest.mark.parametrize("row", ["[1, 2]", '"text"', "null", "3"])
def test_a_line_that_is_no_object(lines, row):
    assert "line 1: not a JSON object" in _refused(lines(row))


def test_bad_lines_are_named_and_the_rest_is_still_checked(lines):
    path = lines('{"question": ', GOOD, "", "[]", GOOD, '{"question": "?"}')

    message = _refused(path)

    assert f"'{path}' has 3 lines that are no item" in message
    assert "line 1: Expecting value" in message
    assert "line 4: not a JSON object" in message
    assert "line 6: no 'choices'" in message
    assert not any(f"line {good}:" in message for good in (2, 3, 5))


def test_a_single_bad_line(lines):
    assert "has 1 line that is no item: line 2: not a JSON object." in _refused(lines(GOOD, "[]"))


def test_many_bad_lines_are_counted_and_ten_shown(lines):
    message = _refused(lines(*["[]"] * 25))

    assert "has 25 lines that are no item" in message
    assert "line 10:" in message
    assert "line 11:" not in message
    assert "and 15 more" in message


def test_one_id_twice(lines):
    row = json.dumps({**json.loads(GOOD), "id": "sum"})

    assert "line 3: 'id' 'sum' is taken by an earlier line" in _refused(lines(row, GOOD, row))


def test_nesting_without_end(lines):
    assert "line 1: " in _refused(lines("[" * 100_000))


@pytest.mark.parametrize("content", ["", "\n\n", "   \n"])
def test_an_empty_file(lines, content):
    assert _refused(lines(content, end="")).endswith("holds no items.")


def test_a_byte_order_mark_is_no_part_of_the_first_line(lines):
    assert read_items(lines(GOOD, encoding="utf-8-sig"))[0].prompt == "What is 2 + 2?"


def test_line_ends_of_windows(lines):
    assert len(read_items(lines(GOOD, GOOD, end="\r\n"))) == 2


@given(st.text("ab\u2028\u2029\x85\x0b\x0c\x1c ", min_size=1).filter(str.strip))
def test_line_breaks_of_unicode_inside_a_text_break_no_line(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("items") / "quiz.jsonl"
    row = {"question": text, "choices": ["yes", "no"], "answer": "yes"}
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n" + GOOD, encoding="utf-8")

    assert [probe.prompt for probe in read_items(path)] == [text, "What is 2 + 2?"]


def test_a_file_that_cannot_be_read(tmp_path, lines):
    for path in (tmp_path / "missing.jsonl", tmp_path, lines("é", encoding="latin-1")):
        with pytest.raises(DataError) as caught:
            read_items(path)

        assert caught.value.code == "DA-EVAL-004"
        assert str(path) in caught.value.message


def _refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_items(path)
    assert caught.value.code == "DA-EVAL-005"
    assert str(path) in caught.value.message
    return caught.value.message
