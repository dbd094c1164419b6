from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from engine_helpers import STOP, adapted, random_tokens, training_plan

from domain_adapt.base.errors import DataError, DomainAdaptError
from domain_adapt.base.records import EncodedExample
from domain_adapt.engine.adapters import trainable_parameters
from domain_adapt.engine.preflight import preflight


def test_a_sound_run_passes_and_nothing_is_changed() -> None:
    model = adapted(dropout=0.5)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    generator = torch.get_rng_state()

    preflight(model, training_plan(), stop_id=STOP)

    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(each.grad is None for each in model.parameters())
    assert torch.equal(generator, torch.get_rng_state())


def test_the_longest_example_is_tried() -> None:
    model = adapted()
    lengths: list[int] = []
    model.get_input_embeddings().register_forward_hook(
        lambda _, inputs, __: lengths.append(inputs[0].shape[1])
    )
    plan = training_plan()
    # longest with its prefix, though not by its body
    longest = EncodedExample("longest", random_tokens(40, 1), (5, STOP), 1)
    preflight(model, replace(plan, examples=(*plan.examples, longest)), stop_id=STOP)
    assert lengths == [42]


def test_an_example_that_does_not_teach_to_stop_is_refused() -> None:
    plan = training_plan()
    endless = EncodedExample("endless", (1,), (5, 6, 7), 1)
    with pytest.raises(DataError, match="DA-TRAIN-005: Example 'endless'"):
        preflight(adapted(), replace(plan, examples=(*plan.examples, endless)), stop_id=STOP)


@pytest.mark.parametrize("damage", [float("nan"), float("inf")])
def test_a_damaged_base_model_is_refused(damage: float) -> None:
    model = adapted()
    with torch.no_grad():
        model.get_input_embeddings().weight.fill_(damage)
    with pytest.raises(DomainAdaptError, match="DA-TRAIN-006"):
        preflight(model, training_plan(), stop_id=STOP)
    assert all(each.grad is None for each in model.parameters())


def test_an_adapter_that_cannot_move_is_refused() -> None:
    model = adapted()
    with torch.no_grad():  # both matrices zero: neither gets a gradient
        for parameter in trainable_parameters(model).values():
            parameter.zero_()
    with pytest.raises(DomainAdaptError, match="DA-TRAIN-007"):
        preflight(model, training_plan(), stop_id=STOP)
