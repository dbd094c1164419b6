"""``run`` and ``eval run``: what they ask the pipeline for, and what they print of its answer.

The pipeline is replaced here; ``tests/end_to_end`` runs the real one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import domain_adapt.audit.card
import domain_adapt.pipeline.evaluate
import domain_adapt.pipeline.plan
import domain_adapt.pipeline.preview
import domain_adapt.pipeline.run
from domain_adapt.base.errors import Interrupted
from domain_adapt.base.progress import Progress, SilentProgress
from domain_adapt.cli.main import main
from domain_adapt.cli.output import Output


@dataclass
class FakePipeline:
    """Notes what it is asked for."""

    exit_code: int = 0
    already_done: bool = False
    error: Exception | None = None
    planned: dict[str, Any] = field(default_factory=dict)
    executed: dict[str, Any] = field(default_factory=dict)

    def plan_run(self, pack: str, **options: Any) -> str:
        self.planned = {"pack": pack, **options}
        return "the plan"

    def preview(self, plan: str) -> Any:
        assert plan == "the plan"
        return SimpleNamespace(
            to_json=lambda: {"version": "finance-1", "steps": 60},
            lines=lambda: (("version", "finance-1"), ("training", "60 steps")),
        )

    def execute(self, plan: str, *, progress: Progress, fresh: bool) -> Any:
        self.executed = {"plan": plan, "progress": progress, "fresh": fresh}
        if self.error:
            raise self.error
        with progress.stage("train", 1) as task:
            task.advance()
        return SimpleNamespace(
            record=SimpleNamespace(version="finance-1"),
            report_html=Path("state/versions/finance-1/report.html"),
            already_done=self.already_done,
            exit_code=self.exit_code,
            to_json=lambda: {"version": "finance-1", "seconds": {"train": 1.0}},
        )


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    fake = FakePipeline()
    monkeypatch.setattr(domain_adapt.pipeline.plan, "plan_run", fake.plan_run)
    monkeypatch.setattr(domain_adapt.pipeline.preview, "preview", fake.preview)
    monkeypatch.setattr(domain_adapt.pipeline.run, "execute", fake.execute)
    card = lambda record, html: f"card of {record.version}"  # noqa: E731 - a stand-in, one line
    monkeypatch.setattr(domain_adapt.audit.card, "end_card", card)
    return fake


def test_everything_asked_for_reaches_the_plan(pipeline: FakePipeline, tmp_path: Path) -> None:
    source = tmp_path / "mine.jsonl"
    source.touch()
    arguments = ["run", "finance", "train.epochs=2", "--preset", "tiny", "--source", str(source)]
    arguments += ["--state", str(tmp_path / "state"), "--seed", "5", "--allow-download", "--fresh"]
    assert main(arguments) == 0
    assert pipeline.planned == {
        "pack": "finance",
        "preset": "tiny",
        "overrides": ("train.epochs=2", "seed=5"),
        "sources": (source,),
        "state": tmp_path / "state",
        "allow_download": True,
    }
    assert pipeline.executed["fresh"] is True


def test_dry_run_prints_the_plan_and_runs_nothing(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "finance", "--dry-run"]) == 0
    assert capsys.readouterr().out == "version\tfinance-1\ntraining\t60 steps\n"
    assert main(["run", "finance", "--dry-run", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["steps"] == 60
    assert pipeline.executed == {}


def test_json_is_alone_on_stdout_while_stages_are_told_on_stderr(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "finance", "--yes", "--format", "json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["version"] == "finance-1"
    assert shown.err.splitlines()[0] == "train …"
    assert "card of" not in shown.err


def test_in_a_log_the_card_is_on_stderr_and_the_report_on_stdout(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "finance"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "state/versions/finance-1/report.html\n"
    assert "card of finance-1" in shown.err


def test_on_a_terminal_the_card_is_on_stdout(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Output, "on_terminal", property(lambda _: True))
    assert main(["run", "finance", "--format", "human", "--yes"]) == 0
    assert capsys.readouterr().out == "card of finance-1\n"


def test_quiet_prints_the_version_alone(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "finance", "--format", "quiet"]) == 0
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("finance-1\n", "")
    assert isinstance(pipeline.executed["progress"], SilentProgress)


def test_a_failed_gate_shows_everything_and_exits_6(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.exit_code = 6
    assert main(["run", "finance", "--format", "json"]) == 6
    shown = capsys.readouterr()
    assert json.loads(shown.out)["version"] == "finance-1"
    assert "A gate failed" in shown.err


def test_a_plan_that_has_run_says_so(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.already_done = True
    assert main(["run", "finance"]) == 0
    assert "has run before" in capsys.readouterr().err


def test_an_interrupted_run_exits_130(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.error = Interrupted("DA-RUN-001", "The run was interrupted.", hint="Run it again.")
    assert main(["run", "finance"]) == 130
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "DA-RUN-001: The run was interrupted." in shown.err


@pytest.mark.parametrize(("answer", "code", "runs"), [("y\n", 0, True), ("n\n", 130, False)])
def test_a_person_is_asked_before_minutes_are_spent(
    answer: str,
    code: int,
    runs: bool,
    pipeline: FakePipeline,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Output, "interactive", property(lambda _: True))
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: answer.strip())
    assert main(["run", "finance", "--format", "human"]) == code
    assert bool(pipeline.executed) is runs
    assert "60 steps" in capsys.readouterr().err


def test_yes_asks_nothing(pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Output, "interactive", property(lambda _: True))
    assert main(["run", "finance", "--yes"]) == 0
    assert pipeline.executed


def test_an_unknown_pack_and_key_are_refused_by_the_real_plan(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "fiannce", "--yes"]) == 2
    assert main(["run", "finance", "train.lerning_rate=1", "--dry-run"]) == 3
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "'finance'" in shown.err
    assert "'train.learning_rate'" in shown.err


def test_eval_run_passes_on_what_is_asked_and_prints_the_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: dict[str, Any] = {}
    estimate = {"n": 40, "accuracy": 0.5, "ci95": [0.35, 0.65]}
    answer = {"suite": "mine", "model": "base", **estimate, "families": {}, "seconds": 1.5}

    def run_evaluation(**options: Any) -> Any:
        asked.update(options)
        return SimpleNamespace(
            to_json=lambda: answer, table_rows=lambda: [("all", "40", "50.0%", "35.0% to 65.0%")]
        )

    monkeypatch.setattr(domain_adapt.pipeline.evaluate, "run_evaluation", run_evaluation)
    items, state = tmp_path / "items.jsonl", tmp_path / "state"
    arguments = ["eval", "run", "--model", "base", "--suite", "mine.jsonl", "--limit", "40"]
    arguments += ["--items", str(items), "--state", str(state)]
    assert main([*arguments, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == answer
    assert asked.pop("progress")
    assert asked == {
        "model": "base",
        "suite": "mine.jsonl",
        "items": items,
        "limit": 40,
        "state": state,
        "allow_download": False,
    }
    assert main([*arguments, "--format", "quiet"]) == 0
    assert capsys.readouterr().out == "0.5000\n"
    assert main(arguments) == 0
    assert capsys.readouterr().out == "all\t40\t50.0%\t35.0% to 65.0%\n"
