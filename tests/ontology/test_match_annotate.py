"""Annotating a file: rows in, mentions out, and every bad line named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain_adapt.base.errors import DataError, DomainAdaptError, UsageError
from domain_adapt.ontology.annotate import annotate, read_passages
from domain_adapt.ontology.load import load_ontology
from domain_adapt.ontology.match.mentions import OntologyMatcher, ontology_matcher

GOOD = b'{"id": "1", "text": "The CDS settled early; no evidence of a bond."}\n'


@pytest.fixture(scope="module")
def finance() -> OntologyMatcher:
    return ontology_matcher(load_ontology("finance"))


def test_rows_become_mentions(finance: OntologyMatcher, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD + b'\n{"id": 2, "text": "", "more": null}\r\n')
    first, second = annotate(read_passages(path), finance)
    assert first.to_json() == {
        "id": "1",
        "mentions": [
            {
                "start": 4,
                "end": 7,
                "concept": "fin:credit_default_swap",
                "label": "CDS",
                "negated": False,
            },
            {"start": 40, "end": 44, "concept": "fin:bond", "label": "bond", "negated": True},
        ],
    }
    assert second.to_json() == {"id": 2, "mentions": []}
    with_context = first.to_json(context=True)["mentions"][0]
    assert (
        with_context
        | {"uncertain": False, "family": False, "historical": False, "alternatives": []}
        == with_context
    )


def test_rows_are_read_as_they_are_asked_for(finance: OntologyMatcher, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(GOOD + b"{broken\n")
    rows = annotate(read_passages(path), finance)
    assert next(rows).id == "1"
    with pytest.raises(DataError, match=r"in\.jsonl', line 2: not JSON"):
        next(rows)


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (b'{"id": "2", "text": "\xff"}', "DA-ONTO-072", "line 2: byte 0xff is not UTF-8"),
        (b"{broken", "DA-ONTO-073", "line 2: not JSON"),
        (b"[" * 100_000, "DA-ONTO-073", "line 2: not JSON"),
        (b'{"id": ' + b"9" * 5000 + b', "text": ""}', "DA-ONTO-073", "line 2: not JSON"),
        (b'["id"]', "DA-ONTO-074", "a list instead of an object"),
        (b'{"text": "x"}', "DA-ONTO-074", "'id' is missing"),
        (b'{"id": "x"}', "DA-ONTO-074", "'text' is missing"),
        (b'{"id": "x", "text": 3}', "DA-ONTO-074", "'text' is 3, not a text"),
        (b'{"id": null, "text": ""}', "DA-ONTO-074", "'id' is null"),
        (b'{"id": true, "text": ""}', "DA-ONTO-074", "'id' is true"),
        (b'{"id": "x", "text": "\\ud800"}', "DA-ONTO-075", "line 2: half of a character pair"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: bytes, code: str, words: str) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(GOOD + line + b"\n")
    with pytest.raises(DomainAdaptError) as caught:
        list(read_passages(path))
    assert caught.value.code == code
    assert words in caught.value.message
    assert str(path) in caught.value.message


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="DA-ONTO-070"):
        list(read_passages(tmp_path / "none.jsonl"))
    with pytest.raises(DataError, match="DA-ONTO-071"):
        list(read_passages(tmp_path))


def test_a_character_pair_written_as_two_escapes_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"id": "x", "text": "😀"}), encoding="utf-8")
    assert [passage.text for passage in read_passages(path)] == ["😀"]
