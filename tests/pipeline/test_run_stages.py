"""A whole run: what it writes, what it says, and what it does not do again."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import re
import socket
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from pipeline_helpers import (
    ASKING_ADAPTED,
    ASKING_BASE,
    CHECKOUT,
    TRAINING,
    Recorder,
    Workplace,
    contents,
)

import domain_adapt.pipeline.run
from domain_adapt.audit.report import record_from_json
from domain_adapt.base.errors import ConfigError
from domain_adapt.config.load import load_recipe
from domain_adapt.evaluation.questions import read_answers
from domain_adapt.pipeline.plan import plan_run
from domain_adapt.pipeline.prepare import longest_sequence, prepare
from domain_adapt.pipeline.state import State

FILES = {
    "MODEL_CARD.md",
    "adapter/adapter_config.json",
    "adapter/adapter_model.safetensors",
    "answers_adapted.jsonl",
    "answers_base.jsonl",
    "data/examples.jsonl",
    "data/rejects.jsonl",
    "data_manifest.json",
    "metrics.json",
    "recipe.lock.yaml",
    "report.html",
    "report.json",
    "version.json",
}
COMPARED = {"n", "base_accuracy", "adapted_accuracy", "delta", "delta_ci95"}
GATES = {"term_delta", "p_value", "seen_accuracy", "unseen_delta", "retention_delta"}


def test_a_version_holds_exactly_what_is_documented(in_made: Any) -> None:
    found = contents(in_made.folder)
    assert set(found) == FILES
    assert all(found[name] for name in FILES - {"data/rejects.jsonl"})
    assert list((in_made.workplace.state / "runs").iterdir()) == []


def test_the_json_has_the_keys_of_the_contract(in_made: Any) -> None:
    payload = json.loads(json.dumps(in_made.result.to_json(), allow_nan=False))
    assert set(payload) == {
        "version",
        "pack",
        "preset",
        "evaluation",
        "retention",
        "privacy",
        "gates",
        "report",
        "seconds",
    }
    evaluation = payload["evaluation"]
    assert set(evaluation) == COMPARED | {"suite", "p_value", "families", "seen", "unseen"}
    assert set(evaluation["families"]) == {"P1", "P2", "P3", "P4", "P5", "P6"}
    assert set(payload["retention"]) == COMPARED
    assert payload["privacy"] is None
    assert set(payload["gates"]) == GATES | {"passed", "enforced"}
    assert set(payload["report"]) == {"html", "json"}
    assert evaluation["n"] == 16
    assert evaluation["seen"]["n"] + evaluation["unseen"]["n"] == 16
    assert payload["retention"]["n"] == 8
    low, high = evaluation["delta_ci95"]
    assert low <= evaluation["delta"] <= high
    assert set(payload["seconds"]) == {"data", "load", "evaluate_base", "train", "evaluate_adapted"}
    assert all(spent >= 0 for spent in payload["seconds"].values())
    for path in payload["report"].values():
        assert Path(path).is_file()


def test_the_reports_digests_are_those_of_the_files(in_made: Any) -> None:
    report = json.loads((in_made.folder / "report.json").read_text("utf-8"))
    told = {file["name"]: (file["bytes"], file["sha256"]) for file in report["files"]}
    found = contents(in_made.folder)
    made_after = {"MODEL_CARD.md", "metrics.json", "report.html", "report.json", "version.json"}
    assert set(told) == FILES - made_after
    for name, (size, digest) in told.items():
        assert size == len(found[name])
        assert digest == hashlib.sha256(found[name]).hexdigest()


def test_report_metrics_and_result_say_the_same(in_made: Any) -> None:
    record = in_made.result.record
    text = (in_made.folder / "report.json").read_text("utf-8")
    assert record_from_json(text) == record
    metrics = json.loads((in_made.folder / "metrics.json").read_text("utf-8"))
    expected = {"evaluation": asdict(record.evaluation), "retention": asdict(record.retention)}
    assert metrics == json.loads(json.dumps(expected))
    html = (in_made.folder / "report.html").read_text("utf-8")
    assert record.version in html
    assert record.version in (in_made.folder / "MODEL_CARD.md").read_text("utf-8")
    manifest = json.loads((in_made.folder / "data_manifest.json").read_text("utf-8"))
    assert manifest == json.loads(json.dumps(asdict(record.data)))


def test_the_answers_are_those_to_the_questions(in_made: Any) -> None:
    questions = prepare(in_made.plan).questions
    for name, part in (("answers_base.jsonl", "base"), ("answers_adapted.jsonl", "adapted")):
        answers = read_answers(in_made.folder / name, questions)
        assert answers is not None
        correct = sum(outcome.correct for outcome in answers.headline)
        told = getattr(in_made.result.record.evaluation.headline, part)
        assert told.value == pytest.approx(correct / 16)


def test_training_changed_what_the_model_says(in_made: Any) -> None:
    base = (in_made.folder / "answers_base.jsonl").read_text("utf-8")
    assert (in_made.folder / "answers_adapted.jsonl").read_text("utf-8") != base
    training = in_made.result.record.training
    assert training.steps == training.planned_steps == len(training.curve) >= 4
    assert training.tokens > 0


def test_no_file_names_this_machine_its_user_or_its_folders(in_made: Any) -> None:
    told = {
        str(in_made.workplace.folder),
        str((in_made.workplace.folder / "tiny").resolve()),
        str(CHECKOUT),
        str(Path.home()),
        "/tmp/",  # noqa: S108 - looked for, not used
    }
    name = rf"(?<![\w.]){re.escape(socket.gethostname())}(?![\w.])"
    user = rf"(?<![\w.])(home|Users)?/{re.escape(getpass.getuser())}(?![\w.])"
    for file, content in contents(in_made.folder).items():
        text = content.decode("utf-8", errors="replace")
        assert not [path for path in told if path in text], file
        assert not re.search(user, text), file
        if len(socket.gethostname()) > 3:  # shorter ones occur by chance
            assert not re.search(name, text), file


def test_absolute_paths_of_the_command_stand_in_the_lock_alone(workplace: Workplace) -> None:
    row = {"question": "What is a tarn?", "answer": "A small mountain lake."}
    folder = workplace.folder
    plan = workplace.plan(
        f"model.base={folder / 'tiny'}",
        f"evaluation.retention={folder / 'general.jsonl'}",
        sources=[folder / workplace.source("mine.jsonl", row)],
    )
    found = contents(workplace.run(plan).folder)
    assert {name for name, content in found.items() if str(folder).encode() in content} == {
        "recipe.lock.yaml"
    }
    assert b"mine.jsonl" in found["report.json"]


def test_the_locked_recipe_plans_the_same_version(in_made: Any) -> None:
    lock = in_made.folder / "recipe.lock.yaml"
    assert load_recipe(str(lock)).recipe == in_made.plan.recipe


def test_the_same_plan_does_nothing_again(in_made: Any) -> None:
    before = contents(in_made.workplace.state)
    times = {path: path.stat().st_mtime_ns for path in in_made.folder.rglob("*")}
    watched = Recorder()
    again = in_made.workplace.run(in_made.workplace.plan(), progress=watched)
    assert again.already_done
    assert not in_made.result.already_done
    assert again.record == in_made.result.record
    assert again.to_json() == in_made.result.to_json()
    assert watched.stages == []
    assert contents(in_made.workplace.state) == before
    assert {path: path.stat().st_mtime_ns for path in in_made.folder.rglob("*")} == times


def test_fresh_does_not_make_a_finished_version_again(in_made: Any) -> None:
    before = contents(in_made.workplace.state)
    assert in_made.workplace.run(in_made.workplace.plan(), fresh=True).already_done
    assert contents(in_made.workplace.state) == before


def test_the_same_plan_in_another_state_gives_the_same_bytes(in_made: Any) -> None:
    elsewhere = in_made.workplace.elsewhere("again")
    result = elsewhere.run(elsewhere.plan())
    first, second = contents(in_made.folder), contents(result.folder)
    dated = {"report.html", "report.json", "MODEL_CARD.md", "version.json"}
    assert {name for name in FILES if first[name] != second[name]} <= dated


def test_another_seed_makes_another_version_and_becomes_the_latest(workplace: Workplace) -> None:
    first = workplace.run(workplace.plan())
    kept = contents(first.folder)
    second = workplace.run(workplace.plan("seed=7"))
    state = State.open(workplace.state)
    assert state.versions() == (first.record.version, second.record.version)
    assert state.latest("finance") == second.record.version
    assert contents(first.folder) == kept
    weights = "adapter/adapter_model.safetensors"
    assert contents(second.folder)[weights] != kept[weights]


def test_the_base_model_is_asked_once_by_all_runs(workplace: Workplace) -> None:
    first, second, third = Recorder(), Recorder(), Recorder()
    one = workplace.run(workplace.plan(), progress=first)
    two = workplace.run(workplace.plan("train.learning_rate=0.02"), progress=second)
    assert first.stages.count(ASKING_BASE) == 1
    assert ASKING_BASE not in second.stages
    assert second.stages.count(ASKING_ADAPTED) == 1
    assert contents(two.folder)["answers_base.jsonl"] == contents(one.folder)["answers_base.jsonl"]
    # another system turn: other answers, though the questions are the same
    workplace.run(workplace.plan("model.system_prompt=Be brief."), progress=third)
    assert third.stages.count(ASKING_BASE) == 1


def test_the_stages_come_in_order(workplace: Workplace) -> None:
    watched = Recorder()
    result = workplace.run(workplace.plan(), progress=watched)
    assert watched.stages == [
        "data",
        "loading the base model",
        ASKING_BASE,
        TRAINING,
        ASKING_ADAPTED,
        "report",
    ]
    assert watched.done[TRAINING] == result.record.training.steps
    assert watched.done[ASKING_BASE] == watched.done[ASKING_ADAPTED]


def test_a_missed_gate_decides_the_exit_code_only_where_it_is_enforced(in_made: Any) -> None:
    assert not in_made.result.record.passed
    assert in_made.result.exit_code == 0
    workplace = in_made.workplace.elsewhere("enforced")
    enforced = workplace.run(workplace.plan("gates.enforced=true"))
    assert enforced.exit_code == 6
    assert enforced.to_json()["gates"]["passed"] is False
    again = workplace.run(workplace.plan("gates.enforced=true"))
    assert (again.already_done, again.exit_code) == (True, 6)


def test_a_users_source_is_learned_and_reported(workplace: Workplace) -> None:
    rows = [{"question": f"What is fell {n}?", "answer": f"Hill {n}."} for n in range(5)]
    result = workplace.run(workplace.plan(sources=[workplace.source("mine.jsonl", *rows)]))
    lines = contents(result.folder)["data/examples.jsonl"].decode().splitlines()
    learned = [json.loads(line) for line in lines]
    assert [row["answer"] for row in learned if row["builder"] == "source.v1"] == [
        f"Hill {n}." for n in range(5)
    ]
    source = result.record.data.sources[1]
    assert (source.name, source.examples, source.refused) == ("mine.jsonl", 5, 0)
    assert source.digest == hashlib.sha256(Path("mine.jsonl").read_bytes()).hexdigest()


def test_a_model_that_cannot_share_rows_is_refused_before_anything_is_asked(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(domain_adapt.pipeline.run, "check_packable"):
        pytest.skip("the pipeline does not look at how models understand rows yet")
    lengths: list[int] = []

    def refuse(_model: Any, *, length: int) -> None:
        lengths.append(length)
        raise ConfigError("DA-MODEL-026", "It cannot.", hint="Take another.")

    monkeypatch.setattr(domain_adapt.pipeline.run, "check_packable", refuse)
    watched = Recorder()
    plan = workplace.plan()
    with pytest.raises(ConfigError, match="DA-MODEL-026"):
        workplace.run(plan, progress=watched)
    assert lengths == [longest_sequence(prepare(plan))]
    assert ASKING_BASE not in watched.stages
    assert TRAINING not in watched.stages
    assert State.open(workplace.state).versions() == ()


def test_the_plan_of_the_command_line_is_that_of_the_library(in_made: Any) -> None:
    plan = plan_run(
        "finance",
        preset="default",
        overrides=in_made.plan.overrides,
        sources=(),
        state=Path(os.path.relpath(in_made.workplace.state)),
        allow_download=False,
    )
    assert plan.version == in_made.plan.version
