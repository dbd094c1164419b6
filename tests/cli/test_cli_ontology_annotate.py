"""``ontology annotate``: what stdout holds, and what a person sees when a line is bad."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain_adapt.base.errors import DataError, UsageError
from domain_adapt.cli.ontology_annotate import annotate_command

TEXT = "The CDS settled early; no evidence of default."


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"id": "1", "text": TEXT}) + "\n", encoding="utf-8")
    return path


def test_stdout_holds_a_line_for_each_text(file: Path) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"id": "二", "text": "违约概率"}) + "\n")
    done = CliRunner().invoke(annotate_command, ["finance", str(file)])
    assert (done.exit_code, done.stderr) == (0, "")
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["id"] == "1"
    cds = next(each for each in first["mentions"] if each["start"] == 4)
    assert cds == {
        "start": 4,
        "end": 7,
        "concept": "fin:credit_default_swap",
        "label": "CDS",
        "negated": False,
    }
    assert second == {
        "id": "二",
        "mentions": [
            {
                "start": 0,
                "end": 4,
                "concept": "fin:probability_of_default",
                "label": "违约概率",
                "negated": False,
            }
        ],
    }
    assert "违约概率" in done.stdout  # as it is, not escaped


def test_context_says_more(file: Path) -> None:
    done = CliRunner().invoke(annotate_command, ["finance", str(file), "--context"])
    mention = json.loads(done.stdout)["mentions"][0]
    assert mention.keys() >= {"negated", "uncertain", "family", "historical", "alternatives"}


def test_lines_before_a_bad_one_are_written(file: Path) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write("{broken\n")
    done = CliRunner().invoke(annotate_command, ["finance", str(file)])
    assert isinstance(done.exception, DataError)
    assert done.exception.code == "DA-ONTO-073"
    assert len(done.stdout.splitlines()) == 1


def test_an_unknown_ontology(file: Path) -> None:
    done = CliRunner().invoke(annotate_command, ["financ", str(file)])
    assert isinstance(done.exception, UsageError)


def test_a_missing_file(tmp_path: Path) -> None:
    done = CliRunner().invoke(annotate_command, ["finance", str(tmp_path / "none.jsonl")])
    assert isinstance(done.exception, UsageError)
    assert done.exception.code == "DA-ONTO-070"
