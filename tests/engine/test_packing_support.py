from __future__ import annotations

import pytest
import torch
from engine_helpers import ARCHITECTURES, OTHERS, adapted, tiny

from domain_adapt.base.errors import ConfigError
from domain_adapt.engine import packing_support
from domain_adapt.engine.packing_support import check_packable, packing_difference


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_models_that_understand_rows_are_accepted(architecture: str, dtype: torch.dtype) -> None:
    model = tiny(architecture, dtype=dtype)
    check_packable(model, length=40)
    assert packing_difference(model, length=40) < (1e-3 if dtype == torch.float32 else 0.2)


@pytest.mark.parametrize("architecture", OTHERS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_models_that_do_not_are_refused(architecture: str, dtype: torch.dtype) -> None:
    with pytest.raises(ConfigError, match="DA-MODEL-026") as caught:
        check_packable(tiny(architecture, dtype=dtype), length=40)
    assert architecture.split(maxsplit=1)[0] in caught.value.message


@pytest.mark.parametrize("architecture", [name for name in OTHERS if "window" in name])
def test_sequences_that_fit_the_window_are_accepted(architecture: str) -> None:
    model = tiny(architecture)
    check_packable(model, length=8)
    assert packing_difference(model, length=8) < 1e-3


@pytest.mark.parametrize("length", [1, 2, 3, 9, 100])
def test_any_length_can_be_asked_for(length: int) -> None:
    assert packing_difference(tiny(), length=length) < 1e-5


def test_a_model_with_an_adapter_is_understood_and_the_generator_left_alone() -> None:
    before = torch.get_rng_state()
    check_packable(adapted(), length=20)
    assert torch.equal(before, torch.get_rng_state())


def test_a_model_that_gives_no_numbers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing_support, "packing_difference", lambda *_, **__: float("nan"))
    with pytest.raises(ConfigError, match="DA-MODEL-026"):
        check_packable(tiny(), length=20)


def test_too_little_memory_is_not_taken_for_a_wrong_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> float:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(packing_support, "packing_difference", exhausted)
    with pytest.raises(torch.OutOfMemoryError):
        check_packable(tiny(), length=20)
