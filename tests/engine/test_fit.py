from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from engine_helpers import adapted, training_plan

from domain_adapt.base.errors import DataError, DomainAdaptError, Interrupted
from domain_adapt.base.progress import SilentProgress, SilentTask
from domain_adapt.engine.adapters import trainable_parameters
from domain_adapt.engine.fit import FitResult, fit
from domain_adapt.engine.loop import TrainingPlan, mean_loss


def _go_on() -> None:
    """Nobody wants to stop."""


def _fit(
    model: Any, plan: TrainingPlan, path: Path, check_stop: Callable[[], None] = _go_on
) -> FitResult:
    return fit(model, plan, checkpoint=path, progress=SilentProgress(), check_stop=check_stop)


def _stop_after(steps: int) -> Callable[[], None]:
    made = iter(range(1, 1000))

    def check() -> None:
        if next(made) == steps:
            raise Interrupted("DA-RUN-001", "The run was interrupted.", hint="Go on.")

    return check


def _weights(model: Any) -> dict[str, torch.Tensor]:
    return {name: each.detach().clone() for name, each in trainable_parameters(model).items()}


def _dev_losses(result: FitResult) -> dict[int, float]:
    return {each.step: each.dev_loss for each in result.reports if each.dev_loss is not None}


def test_training_stops_when_dev_loss_no_longer_falls_and_keeps_the_best(tmp_path: Path) -> None:
    model = adapted()
    # four random sequences learned by heart make others less likely, after a while
    plan = training_plan(steps=60, examples=4, check_every=2, patience=3, learning_rate=0.03)

    result = _fit(model, plan, tmp_path / "checkpoint.safetensors")

    losses = _dev_losses(result)
    assert result.stopped_early
    assert len(result.reports) < 60
    assert result.best_step == min(losses, key=losses.__getitem__)
    assert len(result.reports) == result.best_step + 3 * 2
    assert mean_loss(model, plan.dev, 64) == losses[result.best_step] < losses[max(losses)]
    assert not model.training


def test_a_plan_that_ends_before_patience_does_still_keeps_the_best(tmp_path: Path) -> None:
    model = adapted()
    plan = training_plan(steps=60, examples=4, check_every=2, patience=50, learning_rate=0.03)

    result = _fit(model, plan, tmp_path / "checkpoint.safetensors")

    losses = _dev_losses(result)
    assert not result.stopped_early
    assert len(result.reports) == 60
    assert result.best_step < 60
    assert mean_loss(model, plan.dev, 64) == min(losses.values())


def test_without_dev_examples_the_last_weights_are_kept(tmp_path: Path) -> None:
    model = adapted()
    result = _fit(model, training_plan(steps=5, dev=0), tmp_path / "checkpoint.safetensors")
    assert (result.best_step, result.stopped_early) == (5, False)
    assert _dev_losses(result) == {}


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    plan = training_plan(steps=40, examples=4, check_every=2, patience=2, learning_rate=0.03)
    first_model, second_model = adapted(), adapted()
    first = _fit(first_model, plan, path)

    second = _fit(second_model, plan, path)

    assert second == first  # seconds too: no step was made
    for name, weight in _weights(first_model).items():
        assert torch.equal(weight, _weights(second_model)[name])


class _Watcher(SilentProgress, SilentTask):
    """Notes all it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[float, dict[str, float]]] = []

    def stage(self, name: str, total: float | None) -> Any:
        self.told.append((total or 0, {}))
        return self

    def __enter__(self) -> _Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def advance(self, amount: float = 1.0, **figures: float) -> None:
        self.told.append((amount, figures))


def test_progress_counts_steps_from_where_training_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    plan = training_plan(steps=6, check_every=3)
    with pytest.raises(Interrupted):
        _fit(adapted(), plan, path, _stop_after(2))
    watcher = _Watcher()

    fit(adapted(), plan, checkpoint=path, progress=watcher, check_stop=_go_on)

    assert [amount for amount, _ in watcher.told] == [6.0, 2, 1, 1, 1, 1]
    figures = [set(each) for _, each in watcher.told[2:]]
    plain, checked = {"loss", "tokens/s"}, {"loss", "tokens/s", "dev loss"}
    assert figures == [checked, plain, plain, checked]


def test_checkpoints_are_written_as_often_as_asked(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    there: list[bool] = []
    plan = training_plan(steps=5, checkpoint_every=3)
    _fit(adapted(), plan, path, lambda: there.append(path.exists()))
    assert there == [False, False, True, True, True]


def test_nothing_to_train_on(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="DA-TRAIN-004"):
        _fit(adapted(), training_plan(steps=0), tmp_path / "checkpoint.safetensors")


def test_a_full_disk_leaves_the_last_checkpoint_to_go_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoint.safetensors"
    plan = training_plan(steps=8, checkpoint_every=4)
    unbroken = adapted()
    _fit(unbroken, plan, tmp_path / "other.safetensors")
    with pytest.raises(Interrupted):
        _fit(adapted(), plan, path, _stop_after(2))
    before = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DomainAdaptError, match="DA-DISK-001"):
            _fit(adapted(), plan, path)

    assert path.read_bytes() == before
    assert {each.name for each in tmp_path.iterdir()} == {path.name, "other.safetensors"}
    model = adapted()
    _fit(model, plan, path)
    for name, weight in _weights(unbroken).items():
        assert torch.equal(weight, _weights(model)[name])


def test_leftovers_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    others = [tmp_path / ".other.json.abc.tmp", tmp_path / ".tmp", tmp_path / "a.tmp"]
    leftovers = [tmp_path / f".{path.name}.x1_y.tmp", tmp_path / ".tmpAb12Cd"]
    for each in (*others, *leftovers):
        each.write_text("half")

    _fit(adapted(), training_plan(steps=1, dev=0), path)

    assert {each.name for each in tmp_path.iterdir()} == {path.name, *(o.name for o in others)}
