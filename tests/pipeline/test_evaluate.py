"""``eval run``: any model, any suite."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from domain_adapt.base.errors import DomainAdaptError
from domain_adapt.base.progress import SilentProgress
from domain_adapt.pipeline.evaluate import EvaluationResult, run_evaluation


def _evaluate(made: Any, model: str, suite: str, **choices: Any) -> EvaluationResult:
    wanted: dict[str, Any] = {"items": None, "limit": None} | choices
    return run_evaluation(
        model=model,
        suite=suite,
        state=made.workplace.state,
        allow_download=False,
        progress=SilentProgress(),
        **wanted,
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def test_the_json_has_the_documented_keys(in_made: Any) -> None:
    told = json.loads(json.dumps(_evaluate(in_made, "./tiny", "general.jsonl").to_json()))
    assert set(told) == {"suite", "model", "n", "accuracy", "ci95", "families", "seconds"}
    assert (told["suite"], told["model"], told["n"]) == ("general", "./tiny", 8)
    assert told["ci95"][0] <= told["accuracy"] <= told["ci95"][1]
    assert set(told["families"]) == {"general"}
    assert set(told["families"]["general"]) == {"n", "accuracy", "ci95"}


def test_a_version_scores_what_its_report_says(in_made: Any) -> None:
    evaluation = in_made.result.record.evaluation
    found = _evaluate(in_made, "finance@latest", "finance/terms")
    assert found.model == in_made.result.record.version
    assert (found.overall.n, found.overall.value) == (16, evaluation.headline.adapted.value)
    assert found.overall.ci95 == evaluation.headline.adapted.ci95
    assert {name: each.value for name, each in found.families.items()} == {
        name: each.adapted.value for name, each in evaluation.families.items()
    }
    retention = _evaluate(in_made, "finance@latest", "general.jsonl")
    assert retention.overall.value == in_made.result.record.retention.comparison.adapted.value


def test_its_items_are_those_of_the_run(in_made: Any, tmp_path: Path) -> None:
    """Down to the log-likelihoods: the adapter that was saved is the one that was measured."""
    _evaluate(in_made, "finance@latest", "finance/terms", items=tmp_path / "items.jsonl")
    answers = _rows(in_made.folder / "answers_adapted.jsonl")
    measured = {row["probe"]: row for row in answers if row["part"] == "headline"}
    rows = _rows(tmp_path / "items.jsonl")
    assert [row["id"] for row in rows] == list(measured)
    for row in rows:
        assert row["scores"] == pytest.approx(measured[row["id"]]["scores"], abs=1e-4)
        assert row["chosen"] == measured[row["id"]]["chosen"]


@pytest.mark.parametrize("name", ["id", "prefix", "alias"])
def test_a_version_goes_by_id_beginning_and_alias(in_made: Any, name: str) -> None:
    version = in_made.result.record.version
    given = {"id": version, "prefix": version[:12], "alias": "finance@latest"}[name]
    assert _evaluate(in_made, given, "general.jsonl", limit=2).model == version


def test_items_have_one_line_each_with_the_score_of_every_choice(
    in_made: Any, tmp_path: Path
) -> None:
    items = tmp_path / "new folder" / "items.jsonl"
    found = _evaluate(in_made, "./tiny", "general.jsonl", items=items)
    rows = _rows(items)
    assert len(rows) == found.overall.n == 8
    for row in rows:
        assert len(row["scores"]) == len(row["choices"]) == 2
        assert all(score < 0 for score in row["scores"])
        assert row["correct"] is (row["chosen"] == row["answer"])
        per_byte = [
            score / len(choice.encode())
            for score, choice in zip(row["scores"], row["choices"], strict=True)
        ]
        assert row["chosen"] == per_byte.index(max(per_byte))
    assert sum(row["correct"] for row in rows) == round(8 * found.overall.value)


def test_a_limit_asks_the_first_only(in_made: Any, tmp_path: Path) -> None:
    every, first = tmp_path / "every.jsonl", tmp_path / "first.jsonl"
    _evaluate(in_made, "./tiny", "general.jsonl", items=every)
    found = _evaluate(in_made, "./tiny", "general.jsonl", items=first, limit=3)
    assert found.overall.n == 3
    assert [row["id"] for row in _rows(first)] == [row["id"] for row in _rows(every)][:3]


def test_rows_for_a_person_end_with_the_whole_suite(in_made: Any) -> None:
    found = _evaluate(in_made, "finance@latest", "finance/terms")
    rows = found.table_rows()
    assert [row[0] for row in rows] == [*found.families, "all"]
    assert rows[-1][1] == "16"
    assert rows[-1][2] == f"{found.overall.value:.1%}"


def test_a_base_model_is_measured_as_in_the_run(in_made: Any) -> None:
    retention = in_made.result.record.retention.comparison
    assert _evaluate(in_made, "./tiny", "general.jsonl").overall.value == pytest.approx(
        retention.base.value
    )


def test_evaluating_leaves_the_state_as_it_is(in_made: Any) -> None:
    before = {p: p.read_bytes() for p in in_made.folder.rglob("*") if p.is_file()}
    _evaluate(in_made, "finance@latest", "general.jsonl", limit=1)
    assert {p: p.read_bytes() for p in in_made.folder.rglob("*") if p.is_file()} == before


def test_a_state_that_is_not_there_is_not_made(in_made: Any, tmp_path: Path) -> None:
    found = run_evaluation(
        model="./tiny",
        suite="general.jsonl",
        state=tmp_path / "absent",
        items=None,
        limit=1,
        allow_download=False,
        progress=SilentProgress(),
    )
    assert found.overall.n == 1
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize(
    ("model", "suite", "code", "exit_code"),
    [
        ("finance@newest", "general.jsonl", "DA-STATE-007", 2),
        ("nosuchmodel", "general.jsonl", "DA-MODEL-001", 2),
        ("base", "general.jsonl", "DA-MODEL-004", 2),
        ("./absent", "general.jsonl", "DA-MODEL-016", 2),
        ("./tiny", "finance/trems", "DA-EVAL-001", 2),
        ("./tiny", "broken.jsonl", "DA-EVAL-005", 4),
    ],
)
def test_what_cannot_be_asked_is_told(
    in_made: Any, model: str, suite: str, code: str, exit_code: int
) -> None:
    Path("broken.jsonl").write_text('{"question": "What?", "choices": ["a", "b"]}\n')
    with pytest.raises(DomainAdaptError) as caught:
        _evaluate(in_made, model, suite)
    assert (caught.value.code, caught.value.exit_code) == (code, exit_code)


def test_an_interrupted_evaluation_writes_no_items(in_made: Any, tmp_path: Path) -> None:
    class Stops(SilentProgress):
        def stage(self, name: str, total: float | None) -> Any:
            os.kill(os.getpid(), signal.SIGTERM)
            return super().stage(name, total)

    with pytest.raises(DomainAdaptError) as caught:
        run_evaluation(
            model="./tiny",
            suite="general.jsonl",
            state=in_made.workplace.state,
            items=tmp_path / "items.jsonl",
            limit=None,
            allow_download=False,
            progress=Stops(),
        )
    assert caught.value.exit_code == 130
    assert not (tmp_path / "items.jsonl").exists()
