from __future__ import annotations

import pytest
import torch

from domain_adapt.base.errors import VerificationError
from domain_adapt.engine.optimizer import MasterAdamW

RATES = [0.1, 0.02, 0.003, 0.05, 0.01, 0.2, 0.0, 0.07]


def _parameters(dtype: torch.dtype = torch.float32) -> dict[str, torch.nn.Parameter]:
    generator = torch.Generator().manual_seed(1)
    return {
        name: torch.nn.Parameter(torch.randn(shape, generator=generator).to(dtype))
        for name, shape in {"first": (3, 4), "second": (5,)}.items()
    }


def _set_gradients(parameters: dict[str, torch.nn.Parameter], step: int) -> None:
    generator = torch.Generator().manual_seed(100 + step)
    for parameter in parameters.values():
        gradient = 3 * torch.randn(parameter.shape, generator=generator)
        parameter.grad = gradient.to(parameter.dtype)


def test_equals_torch_adamw_step_for_step() -> None:
    ours, theirs = _parameters(), _parameters()
    master = MasterAdamW(ours, weight_decay=0.1)
    reference = torch.optim.AdamW(theirs.values(), lr=0.0, weight_decay=0.1)

    for step, rate in enumerate(RATES):
        _set_gradients(ours, step)
        _set_gradients(theirs, step)
        norm = master.step(learning_rate=rate, max_norm=1.5)
        expected_norm = torch.nn.utils.clip_grad_norm_(theirs.values(), 1.5)
        reference.param_groups[0]["lr"] = rate
        reference.step()

        assert norm == float(expected_norm)
        for name in ours:
            assert torch.equal(ours[name], theirs[name])


def test_gradients_are_cleared_and_their_norm_is_that_before_clipping() -> None:
    parameters = {"weight": torch.nn.Parameter(torch.zeros(2))}
    master = MasterAdamW(parameters, weight_decay=0.0)
    parameters["weight"].grad = torch.tensor([3.0, 4.0])

    assert master.step(learning_rate=0.1, max_norm=1.0) == 5.0
    assert parameters["weight"].grad is None


def test_small_steps_on_a_bf16_weight_add_up() -> None:
    weight = torch.nn.Parameter(torch.ones(1, dtype=torch.bfloat16))
    lost = torch.nn.Parameter(torch.ones(1, dtype=torch.bfloat16))
    master = MasterAdamW({"weight": weight}, weight_decay=0.0)
    plain = torch.optim.AdamW([lost], lr=1e-4, weight_decay=0.0)

    for _ in range(100):
        weight.grad, lost.grad = torch.ones_like(weight), torch.ones_like(lost)
        master.step(learning_rate=1e-4, max_norm=10.0)
        plain.step()

    assert lost.item() == 1.0  # why masters are needed
    assert master.weights()["weight"].item() == pytest.approx(0.99, abs=1e-5)
    assert weight.item() == pytest.approx(0.99, abs=2**-8)
    assert weight.dtype == torch.bfloat16
    assert weight.grad is None


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_state_goes_on_exactly_where_it_was_taken(dtype: torch.dtype) -> None:
    unbroken = _parameters(dtype)
    optimizer = MasterAdamW(unbroken, weight_decay=0.1)
    for step in range(3):
        _set_gradients(unbroken, step)
        optimizer.step(learning_rate=RATES[step], max_norm=1.0)
    state = optimizer.state()

    resumed = {name: torch.nn.Parameter(torch.zeros_like(p)) for name, p in unbroken.items()}
    second = MasterAdamW(resumed, weight_decay=0.1)
    second.load_state(state)
    for step in range(3, 6):
        for parameters, each in ((unbroken, optimizer), (resumed, second)):
            _set_gradients(parameters, step)
            each.step(learning_rate=RATES[step], max_norm=1.0)

    for name in unbroken:
        assert torch.equal(unbroken[name], resumed[name])
        assert torch.equal(optimizer.weights()[name], second.weights()[name])


def test_state_and_weights_are_copies() -> None:
    parameters = _parameters()
    optimizer = MasterAdamW(parameters, weight_decay=0.0)
    _set_gradients(parameters, 0)
    optimizer.step(learning_rate=0.1, max_norm=1.0)
    weights, state = optimizer.weights(), optimizer.state()
    before = {name: value.clone() for name, value in (weights | state).items()}

    _set_gradients(parameters, 1)
    optimizer.step(learning_rate=0.1, max_norm=1.0)

    for name, value in (weights | state).items():
        assert torch.equal(value, before[name])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_loaded_weights_reach_the_model(dtype: torch.dtype) -> None:
    parameters = _parameters(dtype)
    optimizer = MasterAdamW(parameters, weight_decay=0.0)
    wanted = {name: torch.full(p.shape, 0.5) for name, p in parameters.items()}

    optimizer.load_weights(wanted)

    for name, parameter in parameters.items():
        assert torch.equal(parameter.float(), wanted[name])


def test_state_of_other_parameters_is_refused() -> None:
    state = MasterAdamW(_parameters(), weight_decay=0.0).state()
    other = MasterAdamW({"third": torch.nn.Parameter(torch.zeros(1))}, weight_decay=0.0)
    with pytest.raises(VerificationError, match="DA-TRAIN-001"):
        other.load_state(state)
