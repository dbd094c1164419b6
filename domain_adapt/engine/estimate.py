"""How long a run will take and how much memory, from arithmetic and one short measurement."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch

_FORWARD, _TRAINING = 2, 4
"""Floating-point operations a parameter and token: forward; and with the backward pass through
frozen weights, which needs no gradients of the weights themselves."""

_EFFICIENCY = 0.55
"""Share of the matrix-product speed that a whole step reaches (measured: 0.5 to 0.6)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will need.

    Attributes:
        training_seconds: All steps.
        evaluation_seconds: Both models on all questions.
        memory_gib: Weights, adapter with optimizer, and activations of one row.
    """

    training_seconds: float
    evaluation_seconds: float
    memory_gib: float


def estimate(
    *,
    parameters: int,
    trainable: int,
    dtype: torch.dtype,
    device: torch.device,
    training_tokens: int,
    evaluation_tokens: int,
) -> Estimate:
    """Estimate time and memory of a run on this machine.

    Args:
        parameters: Of the base model.
        trainable: Of the adapter.
        dtype: Compute precision.
        device: Where it runs.
        training_tokens: Tokens of all training steps.
        evaluation_tokens: Tokens of one model's evaluation.
    """
    speed = _matrix_product_flops(dtype, device) * _EFFICIENCY
    width = torch.finfo(dtype).bits // 8
    activations = 512 * parameters**0.5 * 400 * width  # grows with layers times width
    weights = parameters * width + trainable * 16
    runtime = 0.6 * 2**30  # the interpreter and its libraries
    return Estimate(
        training_seconds=training_tokens * parameters * _TRAINING / speed,
        evaluation_seconds=2 * evaluation_tokens * parameters * _FORWARD / speed,
        memory_gib=(weights + activations + runtime) / 2**30,
    )


def _matrix_product_flops(dtype: torch.dtype, device: torch.device) -> float:
    """Return floating-point operations a second of a 1024 × 1024 matrix product."""
    size, rounds = 1024, 4
    left = torch.ones(size, size, dtype=dtype, device=device)
    began = time.perf_counter()
    for _ in range(rounds + 1):
        if _ == 1:
            began = time.perf_counter()  # the first one warms up
        product = left @ left
    float(product[0, 0])  # waits for an accelerator to finish
    return rounds * 2 * size**3 / (time.perf_counter() - began)
