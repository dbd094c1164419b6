"""Stopped in the middle: the same command goes on, and ends as if nothing had happened."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pipeline_helpers import (
    ASKING_ADAPTED,
    ASKING_BASE,
    LONG,
    TRAINING,
    Recorder,
    Workplace,
    contents,
    enter,
    make_workplace,
    one_thread,
)

from domain_adapt.base.errors import DomainAdaptError, Interrupted
from domain_adapt.cli.main import main
from domain_adapt.engine.base_models import BaseModel
from domain_adapt.engine.checkpoint import load_checkpoint
from domain_adapt.pipeline.prepare import prepare
from domain_adapt.pipeline.state import State

WEIGHTS = "adapter/adapter_model.safetensors"
COMMAND = ["run", "finance", *LONG, "--state", "state", "--yes", "--format", "json"]
SECONDS = 120.0


@pytest.fixture(scope="module")
def unbroken(
    tiny_model: BaseModel, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, bytes], int]:
    """The files of a run that nobody stopped, and its steps."""
    workplace = make_workplace(tmp_path_factory.mktemp("unbroken"), tiny_model)
    with pytest.MonkeyPatch.context() as patch, one_thread():
        enter(workplace, patch)
        result = workplace.run(workplace.plan(small=LONG))
        return contents(result.folder), result.record.training.steps


def _signal_at(step: int, number: int = signal.SIGTERM) -> Callable[[float], None]:
    def send(done: float) -> None:
        if done == step:
            os.kill(os.getpid(), number)

    return send


def _interrupt(workplace: Workplace, *, at_step: int) -> Path:
    """Stop a run after a step; return its folder."""
    plan = workplace.plan(small=LONG)
    with pytest.raises(Interrupted, match="DA-RUN-001"):
        workplace.run(plan, progress=Recorder(_signal_at(at_step)))
    return workplace.state / "runs" / plan.version


def _assert_as_unbroken(workplace: Workplace, version: str, unbroken: dict[str, bytes]) -> None:
    """Whatever no clock is written into has the same bytes."""
    found = contents(workplace.state / "versions" / version)
    assert set(found) == set(unbroken)
    dated = {"MODEL_CARD.md", "report.html", "report.json", "version.json"}
    for name in set(unbroken) - dated:
        assert found[name] == unbroken[name], name
    curves = [json.loads(files["report.json"])["training"]["curve"] for files in (found, unbroken)]
    assert curves[0] == curves[1]
    assert list((workplace.state / "runs").iterdir()) == []


def test_training_goes_on_from_the_step_it_stopped_at(
    workplace: Workplace, unbroken: tuple[dict[str, bytes], int]
) -> None:
    files, steps = unbroken
    folder = _interrupt(workplace, at_step=7)
    assert (folder / "checkpoint.safetensors").is_file()
    assert not (folder / "adapter").exists()
    assert State.open(workplace.state).versions() == ()

    watched = Recorder()
    result = workplace.run(workplace.plan(small=LONG), progress=watched)
    assert watched.first[TRAINING] == 7
    assert watched.done[TRAINING] == steps > 20
    assert ASKING_BASE not in watched.stages  # its answers are kept
    assert not result.already_done
    _assert_as_unbroken(workplace, result.record.version, files)


def test_a_run_may_be_stopped_again_and_again(
    workplace: Workplace, unbroken: tuple[dict[str, bytes], int]
) -> None:
    for step in (1, 6, 13):
        _interrupt(workplace, at_step=step)
    result = workplace.run(workplace.plan(small=LONG))
    _assert_as_unbroken(workplace, result.record.version, unbroken[0])


def test_fresh_begins_again(workplace: Workplace, unbroken: tuple[dict[str, bytes], int]) -> None:
    folder = _interrupt(workplace, at_step=7)
    (folder / "left behind").touch()
    watched = Recorder()
    result = workplace.run(workplace.plan(small=LONG), fresh=True, progress=watched)
    assert watched.first[TRAINING] == 0
    _assert_as_unbroken(workplace, result.record.version, unbroken[0])


def test_fresh_leaves_runs_of_other_plans_alone(workplace: Workplace) -> None:
    other = _interrupt(workplace, at_step=7)
    kept = contents(other)
    workplace.run(workplace.plan(), fresh=True)
    assert contents(other) == kept


def test_a_damaged_checkpoint_is_told_and_fresh_helps(
    workplace: Workplace, unbroken: tuple[dict[str, bytes], int]
) -> None:
    checkpoint = _interrupt(workplace, at_step=7) / "checkpoint.safetensors"
    checkpoint.write_bytes(checkpoint.read_bytes()[:-50])
    with pytest.raises(DomainAdaptError, match="--fresh") as caught:
        workplace.run(workplace.plan(small=LONG))
    assert (caught.value.code, caught.value.exit_code) == ("DA-TRAIN-002", 7)
    result = workplace.run(workplace.plan(small=LONG), fresh=True)
    _assert_as_unbroken(workplace, result.record.version, unbroken[0])


@pytest.mark.parametrize("stage", [ASKING_BASE, ASKING_ADAPTED])
def test_questions_can_be_stopped_too(
    workplace: Workplace, unbroken: tuple[dict[str, bytes], int], stage: str
) -> None:
    class StopsAtStage(Recorder):
        def stage(self, name: str, total: float | None) -> Any:
            if name == stage:
                os.kill(os.getpid(), signal.SIGINT)
            return super().stage(name, total)

    with pytest.raises(Interrupted):
        workplace.run(workplace.plan(small=LONG), progress=StopsAtStage())
    watched = Recorder()
    result = workplace.run(workplace.plan(small=LONG), progress=watched)
    if stage == ASKING_ADAPTED:  # everything was trained already
        assert watched.first[TRAINING] == watched.done[TRAINING] == unbroken[1]
    _assert_as_unbroken(workplace, result.record.version, unbroken[0])


def test_time_is_added_up_over_the_sittings(workplace: Workplace) -> None:
    folder = _interrupt(workplace, at_step=7)
    earlier = json.loads((folder / "seconds.json").read_text())
    assert earlier["train"] > 0
    earlier["train"] = 1000.0
    (folder / "seconds.json").write_text(json.dumps(earlier))
    result = workplace.run(workplace.plan(small=LONG))
    assert result.record.seconds["train"] > 1000
    assert not (result.folder / "seconds.json").exists()


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def _stopped(workplace: Workplace, number: int) -> tuple[int, str, str]:
    """Run the command, send a signal in mid-training; return exit status, stdout and stderr."""
    with workplace.start(*COMMAND) as process:
        try:
            _until(lambda: bool(_checkpoints(workplace)) or process.poll() is not None)
            process.send_signal(number)
            out, told = process.communicate(timeout=SECONDS)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    return process.returncode, out, told


def _checkpoints(workplace: Workplace) -> list[Path]:
    return list((workplace.state / "runs").glob("*/checkpoint.safetensors"))


def _steps_saved(workplace: Workplace) -> int:
    (path,) = _checkpoints(workplace)
    plan = workplace.plan(small=LONG)
    loaded = load_checkpoint(path, plan=prepare(plan).training.digest())
    assert loaded is not None
    return loaded[0].step


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_process_that_is_stopped_goes_on_with_the_same_command(
    workplace: Workplace,
    unbroken: tuple[dict[str, bytes], int],
    capsys: pytest.CaptureFixture[str],
    number: int,
) -> None:
    files, steps = unbroken
    status, out, told = _stopped(workplace, number)
    assert out == ""
    assert "Traceback" not in told
    if number == signal.SIGKILL:
        assert status == -signal.SIGKILL
    else:
        assert status == 130
        assert "DA-RUN-001: The run was interrupted." in told
    saved = _steps_saved(workplace)
    assert 5 <= saved < steps
    assert number != signal.SIGKILL or saved % 5 == 0

    assert main(COMMAND) == 0
    payload = json.loads(capsys.readouterr().out)
    assert set(payload) >= {"version", "evaluation", "retention", "gates", "report"}
    _assert_as_unbroken(workplace, payload["version"], files)
