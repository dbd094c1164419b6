"""Training from the first step to the chosen weights: checkpoints, early stopping, interrupts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from domain_adapt.base.errors import DataError
from domain_adapt.base.progress import Progress, Task
from domain_adapt.engine.adapters import trainable_parameters
from domain_adapt.engine.checkpoint import (
    StepReport,
    TrainState,
    load_checkpoint,
    remove_leftovers,
    save_checkpoint,
)
from domain_adapt.engine.loop import TrainingPlan, training_steps
from domain_adapt.engine.optimizer import MasterAdamW


@dataclass(frozen=True, slots=True)
class FitResult:
    """How training went; the model holds the weights of ``best_step``.

    Attributes:
        reports: One for each step made.
        best_step: The step whose weights were kept.
        stopped_early: Whether the dev loss stopped improving before the plan's end.
        seconds: Wall-clock seconds of steps and dev checks.
    """

    reports: tuple[StepReport, ...]
    best_step: int
    stopped_early: bool
    seconds: float


def fit(
    model: Any,
    plan: TrainingPlan,
    *,
    checkpoint: Path,
    progress: Progress,
    check_stop: Callable[[], None],
) -> FitResult:
    """Train ``model`` by ``plan``, going on from ``checkpoint`` where there is one.

    Args:
        model: A model with a trainable adapter.
        plan: What to train on, and how.
        checkpoint: File written every ``checkpoint_every`` steps and when interrupted.
        progress: Who is told.
        check_stop: Raises when the user asked to stop; called after each step is safe.

    Raises:
        DataError: There is nothing to train on.
        Interrupted: From ``check_stop``, after a checkpoint was written.
    """
    if not plan.batches:
        raise DataError(
            "DA-TRAIN-004",
            "There are no training examples.",
            hint="Check what was refused in rejects.jsonl, or add sources or builders.",
        )
    run = _Fit(model, plan, checkpoint)
    with progress.stage("training", float(len(plan.batches))) as task:
        task.advance(run.state.step)
        run.make_steps(task, check_stop)
    return run.result()


class _Fit:
    """The moving parts of one ``fit``."""

    def __init__(self, model: Any, plan: TrainingPlan, checkpoint: Path) -> None:
        self._model = model
        self._plan = plan
        self._digest = plan.digest()
        self._path = checkpoint
        self._optimizer = MasterAdamW(
            trainable_parameters(model), weight_decay=plan.config.weight_decay
        )
        self.state = TrainState()
        self._best: dict[str, torch.Tensor] = {}
        self._restore()

    def _restore(self) -> None:
        remove_leftovers(self._path)
        loaded = load_checkpoint(self._path, plan=self._digest)
        if loaded is None:
            return
        self.state, tensors = loaded
        self._best = _under(tensors, "best/")
        self._optimizer.load_state(_under(tensors, "now/"))

    def make_steps(self, task: Task, check_stop: Callable[[], None]) -> None:
        """Make the steps that are left, saving on the way and before a stop."""
        every = self._plan.config.checkpoint_every
        if self._exhausted():
            return
        for report in training_steps(self._model, self._plan, self._optimizer, self.state):
            self._note(report)
            task.advance(1, **self._figures(report))
            if report.step % every == 0:
                self._save()
            try:
                check_stop()
            except BaseException:
                self._save()
                raise
            if self._exhausted():
                break
        self._save()

    def _note(self, report: StepReport) -> None:
        self.state.reports.append(report)
        if report.dev_loss is None:
            return
        if report.dev_loss < self.state.best_loss:
            self.state.best_loss, self.state.best_step = report.dev_loss, report.step
            self.state.stale_checks = 0
            self._best = self._optimizer.weights()
        else:
            self.state.stale_checks += 1

    def _figures(self, report: StepReport) -> dict[str, float]:
        tokens = sum(each.tokens for each in self.state.reports)
        figures = {"loss": report.loss, "tokens/s": tokens / max(self.state.seconds, 1e-9)}
        return figures if report.dev_loss is None else figures | {"dev loss": report.dev_loss}

    def _exhausted(self) -> bool:
        return self.state.stale_checks >= self._plan.config.patience

    def _save(self) -> None:
        now = {f"now/{name}": value for name, value in self._optimizer.state().items()}
        best = {f"best/{name}": value for name, value in self._best.items()}
        save_checkpoint(self._path, plan=self._digest, state=self.state, tensors=now | best)

    def result(self) -> FitResult:
        """Put the best weights into the model and tell how training went."""
        if self._best:
            self._optimizer.load_weights(self._best)
        self._model.eval()
        return FitResult(
            reports=tuple(self.state.reports),
            best_step=self.state.best_step if self._best else self.state.step,
            stopped_early=self.state.step < len(self._plan.batches),
            seconds=self.state.seconds,
        )


def _under(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {
        name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)
    }
