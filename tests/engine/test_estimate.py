from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from domain_adapt.engine import estimate as module
from domain_adapt.engine.estimate import Estimate, Shape, estimate

CPU = torch.device("cpu")


SHAPE = Shape(
    parameters=1_000_000, trainable=10_000, layers=2, hidden=64, intermediate=128, vocabulary=400
)


def _estimate(**changes: Any) -> Estimate:
    values: dict[str, Any] = {
        "dtype": torch.float32,
        "device": CPU,
        "row_tokens": 256,
        "training_tokens": 5_000,
        "evaluation_tokens": 2_000,
    }
    sizes = {name: changes.pop(name) for name in Shape.__slots__ if name in changes}
    return estimate(replace(SHAPE, **sizes), **(values | changes))


def test_time_is_operations_over_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_matrix_product_flops", lambda *_: 1e9)
    found = _estimate()
    # 4 operations a parameter and token in training; 2 in evaluation, of two models
    assert found.training_seconds == pytest.approx(4 * 1e6 * 5_000 / 0.55e9)
    assert found.evaluation_seconds == pytest.approx(2 * 2 * 1e6 * 2_000 / 0.55e9)


def test_memory_grows_with_the_model_its_adapter_and_its_precision(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_matrix_product_flops", lambda *_: 1e9)
    base = _estimate().memory_gib
    assert base > _estimate(dtype=torch.bfloat16).memory_gib
    assert base < _estimate(parameters=2_000_000).memory_gib
    assert base < _estimate(row_tokens=512).memory_gib
    assert base < _estimate(layers=4).memory_gib
    # a float32 master, its gradient and two moments
    larger = _estimate(trainable=10_000 + 2**20).memory_gib
    assert larger - base == pytest.approx(16 / 1024)


def test_the_machine_is_measured() -> None:
    found = _estimate()
    assert found.training_seconds > 0
    assert found.evaluation_seconds > 0
