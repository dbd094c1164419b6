"""A run that was stopped, at whatever step and by whatever means, ends as if it never had been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from engine_helpers import adapted, tiny, training_plan
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from domain_adapt.base.errors import Interrupted, VerificationError
from domain_adapt.base.progress import SilentProgress
from domain_adapt.engine.adapters import trainable_parameters
from domain_adapt.engine.base_models import BaseModel
from domain_adapt.engine.checkpoint import load_checkpoint
from domain_adapt.engine.fit import FitResult, fit
from domain_adapt.engine.loop import TrainingPlan

SCRIPT = Path(__file__).with_name("fit_in_a_process.py")
CHECKOUT = SCRIPT.parent.parent.parent
PLANS = {
    "to its end": training_plan(steps=10, check_every=3, checkpoint_every=4),
    "stopped early": training_plan(
        steps=40, examples=4, check_every=2, patience=2, learning_rate=0.03, checkpoint_every=5
    ),
    "without dev examples": training_plan(steps=8, dev=0, checkpoint_every=100),
}


def _stop_at(steps: Sequence[int]) -> Callable[[], None]:
    """Raise after each of the given steps, counted over all sittings."""
    made = 0

    def check() -> None:
        nonlocal made
        made += 1
        if made in steps:
            raise Interrupted("DA-RUN-001", "The run was interrupted.", hint="Go on.")

    return check


def _never() -> None:
    """Nobody wants to stop."""


def _fit(
    plan: TrainingPlan, path: Path, check_stop: Callable[[], None], dtype: torch.dtype
) -> tuple[Any, FitResult]:
    model = adapted(tiny(dtype=dtype), dropout=0.3)
    result = fit(model, plan, checkpoint=path, progress=SilentProgress(), check_stop=check_stop)
    return trainable_parameters(model), result


def _in_sittings(
    plan: TrainingPlan, path: Path, stops: Sequence[int], dtype: torch.dtype
) -> tuple[Any, FitResult, int]:
    check = _stop_at(stops)
    interrupted = 0
    while True:
        try:
            weights, result = _fit(plan, path, check, dtype)
        except Interrupted:
            interrupted += 1
            torch.rand(interrupted)  # another global generator state changes nothing
        else:
            return weights, result, interrupted


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@settings(max_examples=4, deadline=None)
@given(stops=st.lists(st.integers(1, 7), min_size=1, max_size=3, unique=True))
def test_an_interrupted_run_is_bit_equal_to_an_unbroken_one(
    tmp_path_factory: pytest.TempPathFactory, name: str, dtype: torch.dtype, stops: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("resume")
    plan = PLANS[name]

    unbroken, expected = _fit(plan, folder / "unbroken.safetensors", _never, dtype)
    resumed, found, interrupted = _in_sittings(plan, folder / "resumed.safetensors", stops, dtype)

    assert interrupted == len(stops)
    assert replace(found, seconds=expected.seconds) == expected
    for parameter in unbroken:
        assert torch.equal(unbroken[parameter], resumed[parameter])


def test_the_best_weights_outlive_an_interrupt_that_comes_after_them(tmp_path: Path) -> None:
    plan = PLANS["stopped early"]
    unbroken, expected = _fit(plan, tmp_path / "one.safetensors", _never, torch.float32)
    after_best = expected.best_step + 1

    resumed, found, _ = _in_sittings(
        plan, tmp_path / "two.safetensors", [after_best], torch.float32
    )

    assert found.best_step == expected.best_step < len(found.reports)
    assert all(torch.equal(resumed[name], value) for name, value in unbroken.items())


def test_a_checkpoint_serves_no_other_plan(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    plan = PLANS["to its end"]
    with pytest.raises(Interrupted):
        _fit(plan, path, _stop_at([2]), torch.float32)
    other = replace(plan, seed=plan.seed + 1)
    with pytest.raises(VerificationError, match="DA-TRAIN-003"):
        _fit(other, path, _never, torch.float32)


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    plan = PLANS["to its end"]
    with pytest.raises(Interrupted):
        _fit(plan, path, _stop_at([2]), torch.float32)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(VerificationError, match="DA-TRAIN-002"):
        _fit(plan, path, _never, torch.float32)


def _process(model: BaseModel, folder: Path) -> subprocess.Popen[str]:
    paths = [model.path, folder / "checkpoint.safetensors", folder / "weights.safetensors"]
    return subprocess.Popen(
        [sys.executable, SCRIPT, *paths],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{CHECKOUT}{os.pathsep}{CHECKOUT / 'tests'}"},
    )


def _signalled(model: BaseModel, folder: Path, number: int, *, after: int) -> tuple[int, str]:
    """Send a signal once ``after`` steps were made; return the exit status and what was told."""
    with _process(model, folder) as process:
        assert process.stdout is not None
        for _ in range(after):
            assert process.stdout.readline()
        process.send_signal(number)
        _, told = process.communicate(timeout=300)
    return process.returncode, told


def _finished(model: BaseModel, folder: Path) -> dict[str, torch.Tensor]:
    folder.mkdir(exist_ok=True)
    with _process(model, folder) as process:
        _, told = process.communicate(timeout=300)
    assert process.returncode == 0, told
    return load_file(folder / "weights.safetensors")


@pytest.fixture(scope="module")
def expected(
    tiny_model: BaseModel, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, torch.Tensor]:
    """The weights of a process that nobody stopped."""
    return _finished(tiny_model, tmp_path_factory.mktemp("unbroken"))


def _assert_equal(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], value) for name, value in expected.items())


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 5, 13])
def test_a_killed_process_goes_on_from_its_last_checkpoint(
    tiny_model: BaseModel, tmp_path: Path, expected: dict[str, torch.Tensor], after: int
) -> None:
    status, _ = _signalled(tiny_model, tmp_path, signal.SIGKILL, after=after)
    assert status == -signal.SIGKILL
    assert not (tmp_path / "weights.safetensors").exists()
    assert (tmp_path / "checkpoint.safetensors").exists() == (after >= 3)

    _assert_equal(_finished(tiny_model, tmp_path), expected)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_asked_to_stop_saves_what_it_has(
    tiny_model: BaseModel, tmp_path: Path, expected: dict[str, torch.Tensor], number: int
) -> None:
    status, told = _signalled(tiny_model, tmp_path, number, after=4)
    assert status == 130
    assert told.strip() == "DA-RUN-001"
    checkpoint = tmp_path / "checkpoint.safetensors"
    loaded = load_checkpoint(checkpoint, plan=_digest())
    assert loaded is not None
    assert loaded[0].step >= 4  # none of the steps made is lost, whatever checkpoint_every says

    _assert_equal(_finished(tiny_model, tmp_path), expected)


def _digest() -> str:
    return training_plan(steps=16, checkpoint_every=3).digest()
