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


_RUNTIME_BYTES = 0.6 * 2**30
"""The interpreter, torch and transformers (measured)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides the memory of a model.

    Attributes:
        parameters: Of the base model.
        trainable: Of the adapter.
        layers: Decoder layers.
        hidden: Width of the residual stream.
        intermediate: Width of the feed-forward layers.
        vocabulary: Size of the vocabulary.
    """

    parameters: int
    trainable: int
    layers: int
    hidden: int
    intermediate: int
    vocabulary: int


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
    shape: Shape,
    *,
    dtype: torch.dtype,
    device: torch.device,
    row_tokens: int,
    training_tokens: int,
    evaluation_tokens: int,
) -> Estimate:
    """Estimate time and memory of a run on this machine.

    Args:
        shape: Of the model.
        dtype: Compute precision.
        device: Where it runs.
        row_tokens: Tokens of one forward pass.
        training_tokens: Tokens of all training steps.
        evaluation_tokens: Tokens of one model's evaluation.
    """
    speed = _matrix_product_flops(dtype, device) * _EFFICIENCY
    memory = _weight_bytes(shape, dtype) + _activation_bytes(shape, dtype, row_tokens)
    return Estimate(
        training_seconds=training_tokens * shape.parameters * _TRAINING / speed,
        evaluation_seconds=2 * evaluation_tokens * shape.parameters * _FORWARD / speed,
        memory_gib=(memory + _RUNTIME_BYTES) / 2**30,
    )


def _weight_bytes(shape: Shape, dtype: torch.dtype) -> float:
    """Return the frozen weights, and the adapter with its gradient and optimizer in float32."""
    return shape.parameters * torch.finfo(dtype).bits // 8 + shape.trainable * 16


def _activation_bytes(shape: Shape, dtype: torch.dtype, row_tokens: int) -> float:
    """Return what the backward pass keeps of a row, and the logits of a third of it."""
    per_layer = 16 * shape.hidden + 4 * shape.intermediate  # values a token
    kept = row_tokens * shape.layers * per_layer * torch.finfo(dtype).bits // 8
    return kept + row_tokens // 3 * shape.vocabulary * 4 * 2


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
