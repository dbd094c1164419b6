"""Checkpoints: one safetensors file, replaced whole, so that a kill leaves the last good one."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from domain_adapt.base.errors import VerificationError
from domain_adapt.base.files import atomic_path
from domain_adapt.engine.serialisation import system_errors


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one optimizer step did.

    Attributes:
        step: Steps made so far, this one included.
        loss: Mean over the batch's examples of their mean target loss, nats a token.
        dev_loss: The same over the dev examples where it was measured after this step.
        learning_rate: Of this step.
        gradient_norm: Before clipping.
        tokens: Tokens computed in this step (shared system turns once a row; no padding).
    """

    step: int
    loss: float
    dev_loss: float | None
    learning_rate: float
    gradient_norm: float
    tokens: int


@dataclass(slots=True)
class TrainState:
    """Where training stands; with the optimizer's tensors, all that resuming needs.

    Attributes:
        reports: One for each step made.
        best_step: Step with the lowest dev loss so far; 0 before the first check.
        best_loss: That loss.
        stale_checks: Dev checks since it improved.
        seconds: Wall-clock seconds spent in steps, over all sittings.
    """

    reports: list[StepReport] = field(default_factory=list)
    best_step: int = 0
    best_loss: float = float("inf")
    stale_checks: int = 0
    seconds: float = 0.0

    @property
    def step(self) -> int:
        """Steps made so far."""
        return len(self.reports)


def save_checkpoint(
    path: Path, *, plan: str, state: TrainState, tensors: dict[str, torch.Tensor]
) -> None:
    """Write a checkpoint whole or not at all.

    Args:
        path: The file; an earlier one is replaced.
        plan: Digest of the plan that the checkpoint belongs to.
        state: Where training stands.
        tensors: The optimizer's state and the best weights so far.
    """
    from safetensors.torch import save_file

    described = asdict(state) | {"plan": plan}
    if described["best_loss"] == float("inf"):
        described["best_loss"] = None
    contiguous = {name: tensor.contiguous() for name, tensor in tensors.items()}
    with atomic_path(path) as temporary, system_errors():
        save_file(contiguous, temporary, metadata={"state": json.dumps(described)})


def load_checkpoint(path: Path, *, plan: str) -> tuple[TrainState, dict[str, torch.Tensor]] | None:
    """Read the checkpoint of the same plan; None where there is none.

    Raises:
        VerificationError: The file is damaged or belongs to another plan.
    """
    from safetensors import SafetensorError, safe_open

    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as stream:
            described = json.loads(stream.metadata()["state"])
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118
        belongs_to = described.pop("plan")
        state = _state_of(described)
    except (SafetensorError, OSError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise VerificationError(
            "DA-TRAIN-002",
            f"The checkpoint '{path}' cannot be read: {error}.",
            hint="Run again with --fresh to start this version over; nothing else is touched.",
        ) from error
    if belongs_to != plan:
        raise VerificationError(
            "DA-TRAIN-003",
            f"The checkpoint '{path}' belongs to another plan.",
            hint="Run again with --fresh to start this version over.",
        )
    return state, tensors


def _state_of(described: dict[str, Any]) -> TrainState:
    reports = [StepReport(**report) for report in described.pop("reports")]
    best_loss = described.pop("best_loss")
    return TrainState(
        reports=reports,
        best_loss=float("inf") if best_loss is None else best_loss,
        **described,
    )


def remove_leftovers(path: Path) -> None:
    """Remove what a process that was killed while saving ``path`` left beside it."""
    for pattern in (f".{path.name}.*.tmp", ".tmp??????"):  # ours, and that of safetensors
        for leftover in path.parent.glob(pattern):
            leftover.unlink(missing_ok=True)
