from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain_adapt.base.errors import DataError, UsageError
from domain_adapt.data.readers import read_source
from domain_adapt.data.sources import source_examples

GOOD = {"question": "What is a bond?", "answer": "A debt security."}


def _write(folder: Path, *lines: object, name: str = "mine.jsonl") -> Path:
    path = folder / name
    text = "\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines)
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize(
    ("row", "question", "answer"),
    [
        (GOOD, "What is a bond?", "A debt security."),
        ({"prompt": "p", "completion": " c\n"}, "p", "c"),
        ({"prompt": "p", "answer": "a"}, "p", "a"),
        ({"question": "q", "completion": "c"}, "q", "c"),
        ({"text": "Only text."}, "", "Only text."),
        ({**GOOD, "text": "kept out", "id": 3}, "What is a bond?", "A debt security."),
        (
            {
                "messages": [
                    {"role": "system", "content": "Be short."},
                    {"role": "user", "content": "Hi"},
                    {"role": "assistant", "content": "Hello"},
                    {"role": "user", "content": "What is VaR?"},
                    {"role": "assistant", "content": "A loss quantile."},
                    {"role": "user", "content": "Thanks"},
                ]
            },
            "Be short.\n\nHi\n\nHello\n\nWhat is VaR?",
            "A loss quantile.",
        ),
    ],
)
def test_each_kind_of_row_is_read(tmp_path, row, question, answer):
    result = read_source(_write(tmp_path, row), refusal_limit=0)

    assert result.refused == ()
    (document,) = result.documents
    assert (document.id, document.question, document.answer) == ("mine.jsonl:1", question, answer)


@pytest.mark.parametrize(
    ("row", "rule", "said"),
    [
        ([1], "not-an-object", "list"),
        ("null", "not-an-object", "NoneType"),
        ({"question": "q"}, "missing-field", "'answer' or 'completion'"),
        ({"answer": "a"}, "missing-field", "'question' or 'prompt'"),
        ({}, "missing-field", "'question' or 'prompt'"),
        ({"question": "q", "answer": 3}, "wrong-type", "'answer' is a int"),
        ({"question": None, "answer": "a"}, "wrong-type", "'question' is missing"),
        ({"text": ["a"]}, "wrong-type", "'text' is a list"),
        ({"question": "q", "answer": " \n"}, "empty", "no text"),
        ({"question": "", "answer": "a"}, "empty", "question"),
        ({"text": ""}, "empty", "no text"),
        ({"messages": "hello"}, "wrong-type", "'messages'"),
        ({"messages": []}, "no-assistant-turn", "assistant"),
        ({"messages": [{"role": "assistant", "content": "a"}]}, "empty", "before"),
        (
            {"messages": [{"role": "user"}, {"role": "assistant", "content": "a"}]},
            "wrong-type",
            "'content' is missing",
        ),
        ('{"text": "half \\ud83d of a pair"}', "broken-text", "'text'"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused_with_its_line(tmp_path, row, rule, said):
    result = read_source(_write(tmp_path, GOOD, row, GOOD), refusal_limit=0.5)

    assert [document.id for document in result.documents] == ["mine.jsonl:1", "mine.jsonl:3"]
    (refusal,) = result.refused
    assert (refusal.line, refusal.rule) == (2, rule)
    assert said in refusal.message


def test_lines_that_are_not_json_are_all_listed_at_the_end(tmp_path):
    lines = [GOOD, "{broken", GOOD, *["nonsense"] * 11]

    with pytest.raises(DataError, match="DA-DATA-006") as caught:
        read_source(_write(tmp_path, *lines), refusal_limit=1)

    assert caught.value.exit_code == 4
    assert "mine.jsonl" in caught.value.message
    assert "line 2 (not-json: Expecting property name" in caught.value.message
    assert "line 12 " in caught.value.message
    assert "line 13 " not in caught.value.message
    assert "and 2 more" in caught.value.message


@pytest.mark.parametrize("line", ["[" * 100_000, "1" * 5_000])
def test_json_beyond_all_use_is_a_bad_line_and_not_a_crash(tmp_path, line):
    with pytest.raises(DataError, match=r"DA-DATA-006.*line 2"):
        read_source(_write(tmp_path, GOOD, line), refusal_limit=1)


def test_too_large_a_share_of_refused_rows_is_an_error(tmp_path):
    path = _write(tmp_path, GOOD, {"question": "q"}, GOOD, GOOD)

    assert len(read_source(path, refusal_limit=0.25).refused) == 1
    with pytest.raises(DataError, match=r"DA-DATA-007: 1 of 4 rows.*25\.0%.*20\.0%.*line 2"):
        read_source(path, refusal_limit=0.2)


def test_a_file_with_no_usable_row_is_an_error_at_any_limit(tmp_path):
    with pytest.raises(DataError, match="DA-DATA-007"):
        read_source(_write(tmp_path, {"question": "q"}), refusal_limit=1)


@pytest.mark.parametrize("name", ["mine.jsonl", "mine.txt", "mine.md"])
@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_an_error(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(DataError, match="DA-DATA-005") as caught:
        read_source(path, refusal_limit=1)
    assert caught.value.exit_code == 4


def test_a_missing_file_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match=r"DA-DATA-001.*nowhere") as caught:
        read_source(tmp_path / "nowhere.jsonl", refusal_limit=0)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["mine.docx", "mine"])
def test_an_unknown_kind_of_file_is_refused_with_what_is_read(tmp_path, name):
    (tmp_path / name).write_text("x", encoding="utf-8")

    with pytest.raises(DataError, match="DA-DATA-002") as caught:
        read_source(tmp_path / name, refusal_limit=0)
    assert caught.value.hint == "Files that can be read: .jsonl, .md, .txt."


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"DA-DATA-002.*a folder"):
        read_source(tmp_path, refusal_limit=0)


def test_a_file_that_cannot_be_opened_is_coded(tmp_path, monkeypatch):
    path = _write(tmp_path, GOOD)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"DA-DATA-003.*Permission denied"):
        read_source(path, refusal_limit=0)


@pytest.mark.parametrize("name", ["mine.jsonl", "mine.txt"])
def test_a_file_that_is_not_utf8_is_coded_with_its_line(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b'{"text": "a"}\n{"text": "caf\xe9"}\n')

    with pytest.raises(DataError, match=r"DA-DATA-004.*0xe9 in line 2"):
        read_source(path, refusal_limit=1)


def test_byte_order_mark_windows_line_ends_and_blank_lines_do_not_matter(tmp_path):
    path = tmp_path / "MINE.JSONL"
    row = json.dumps(GOOD).encode()
    path.write_bytes(b"\xef\xbb\xbf" + row + b"\r\n\r\n" + row + b"\r\n")

    result = read_source(path, refusal_limit=0)

    assert [document.id for document in result.documents] == ["MINE.JSONL:1", "MINE.JSONL:3"]
    assert {document.answer for document in result.documents} == {GOOD["answer"]}


def test_unicode_line_separators_do_not_end_a_row(tmp_path):
    row = json.dumps({"text": "one\u2028two\x85three"}, ensure_ascii=False)

    (document,) = read_source(_write(tmp_path, row), refusal_limit=0).documents

    assert document.answer == "one\u2028two\x85three"


@pytest.mark.parametrize("name", ["mine.txt", "mine.md"])
def test_text_files_are_split_at_blank_lines(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"\r\n# Bonds\r\nAre debt. \r\n \r\n\r\nSwaps\nare not.")

    result = read_source(path, refusal_limit=0)

    assert [(d.id, d.question, d.answer) for d in result.documents] == [
        (f"{name}:2", "", "# Bonds\nAre debt."),
        (f"{name}:6", "", "Swaps\nare not."),
    ]


def test_records_become_examples_word_by_word(tmp_path):
    result = read_source(_write(tmp_path, GOOD, {"text": "t"}), refusal_limit=0)

    first, second = source_examples(result.documents)

    assert (first.id, first.prompt, first.answer) == ("mine.jsonl:1", *GOOD.values())
    assert (second.prompt, second.answer, second.concept) == ("", "t", None)
    assert first.builder == second.builder == "source.v1"


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["question", "answer", "text", "messages", "role", "content", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(rows=st.lists(_JSON, min_size=1, max_size=6))
def test_whatever_json_comes_each_row_is_read_or_refused(tmp_path, rows):
    path = _write(tmp_path, GOOD, *(json.dumps(row) for row in rows))

    result = read_source(path, refusal_limit=1)

    assert len(result.documents) + len(result.refused) == len(rows) + 1
    assert all(document.answer for document in result.documents)
