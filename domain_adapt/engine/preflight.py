"""One worst-case step before the real ones: what would fail in an hour fails in a second."""

from __future__ import annotations

import math
from typing import Any

import torch

from domain_adapt.base.errors import DataError, DomainAdaptError
from domain_adapt.engine.adapters import trainable_parameters
from domain_adapt.engine.loop import TrainingPlan, accumulate_gradients, seeded


def preflight(model: Any, plan: TrainingPlan, *, stop_id: int) -> None:
    """Run the longest example forward and backward, and look at what came out.

    Nothing is changed: gradients are cleared and no step is made.

    Args:
        model: The model with its trainable adapter.
        plan: What would be trained on.
        stop_id: The token that ends an answer.

    Raises:
        DataError: An example does not teach where to stop.
        DomainAdaptError: The loss is not finite, or nothing would move.
    """
    for example in plan.examples:
        if example.body[-1] != stop_id:
            raise DataError(
                "DA-TRAIN-005",
                f"Example '{example.id}' does not end with the model's end mark.",
                hint="Check the chat template; without it the model would never stop.",
            )
    longest = max(plan.examples, key=lambda example: len(example.prefix) + len(example.body))
    model.train()
    with seeded(plan.seed, model.device):
        loss, _ = accumulate_gradients(model, [longest], plan.config.micro_tokens)
    moved = sum(_gradient_size(each) for each in trainable_parameters(model).values())
    model.zero_grad(set_to_none=True)
    if not math.isfinite(loss) or not math.isfinite(moved):
        raise DomainAdaptError(
            "DA-TRAIN-006",
            f"The loss of example '{longest.id}' is {loss}, its gradient {moved}.",
            hint="Use model.dtype=fp32; if that does not help, the base model is damaged.",
        )
    if moved == 0:
        raise DomainAdaptError(
            "DA-TRAIN-007",
            "No weight of the adapter would move.",
            hint="Check adapter.target_modules.",
        )


def _gradient_size(parameter: torch.nn.Parameter) -> float:
    return 0.0 if parameter.grad is None else float(parameter.grad.float().abs().sum())
