from __future__ import annotations

from typing import Any

import pytest
import torch
from engine_helpers import ARCHITECTURES, SYSTEM, alone, random_examples, tiny
from torch.nn import functional

from domain_adapt.engine.loop import example_losses, training_row
from domain_adapt.engine.loss import sequence_sums, target_log_probabilities
from domain_adapt.engine.packing import ROOT, Segment, build_row


def _rows_reaching_the_vocabulary(model: Any) -> list[int]:
    counted: list[int] = []
    layer = model.get_output_embeddings()
    layer.register_forward_hook(lambda _, inputs, __: counted.append(inputs[0].shape[1]))
    return counted


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_equals_cross_entropy_over_all_logits(architecture: str) -> None:
    model = tiny(architecture)
    examples = random_examples(5)

    with torch.no_grad():
        losses = example_losses(model, training_row(examples, model), len(examples))

    expected = []
    for example in examples:
        tokens = torch.tensor([example.prefix + example.body])
        labels = tokens.clone()
        labels[:, : len(example.prefix) + example.target_start] = -100
        with torch.no_grad():
            logits = model(tokens).logits
        expected.append(functional.cross_entropy(logits[0, :-1], labels[0, 1:]))
    torch.testing.assert_close(losses, torch.stack(expected), atol=1e-5, rtol=1e-5)


def test_only_predicting_positions_reach_the_vocabulary_layer() -> None:
    model = tiny()
    counted = _rows_reaching_the_vocabulary(model)
    examples = random_examples(6)
    row = training_row(examples, model)

    target_log_probabilities(model, row)

    learned = sum(len(example.body) - example.target_start for example in examples)
    assert counted == [learned]
    assert learned < row.input_ids.numel() / 2


def test_a_predictor_with_many_targets_is_computed_once() -> None:
    model = tiny()
    counted = _rows_reaching_the_vocabulary(model)
    choices = [Segment((token,), 0, owner, 0) for owner, token in enumerate((4, 5, 6))]
    row = build_row([Segment((1, 3)), *choices], torch.float32)

    values = target_log_probabilities(model, row)

    assert counted == [1]
    torch.testing.assert_close(values, alone(model, (1, 3))[-1, [4, 5, 6]], atol=1e-5, rtol=1e-5)


def test_targets_whose_predictors_come_in_another_order_keep_their_own_values() -> None:
    # the second sequence's target is predicted from before the first sequence's
    model = tiny()
    segments = [Segment(SYSTEM), Segment((10, 11, 12), 0, 0, 2), Segment((20,), 0, 1, 0)]
    row = build_row(segments, torch.float32)
    assert row.predictor_of.tolist() == [1, 0]

    values = target_log_probabilities(model, row)

    first = alone(model, (*SYSTEM, 10, 11))[-1, 12]
    second = alone(model, SYSTEM)[-1, 20]
    torch.testing.assert_close(values, torch.stack([first, second]), atol=1e-5, rtol=1e-5)


def test_log_probabilities_are_float32_in_a_bf16_model() -> None:
    model = tiny(dtype=torch.bfloat16)
    row = build_row([Segment((1, 3, 4), ROOT, 0, 1)], torch.bfloat16)

    values = target_log_probabilities(model, row)

    assert values.dtype == torch.float32
    torch.testing.assert_close(values, alone(model, (1, 3, 4))[[0, 1], [3, 4]], atol=0.1, rtol=0.05)


def test_sums_by_owner() -> None:
    values = torch.tensor([1.0, 2.0, 4.0])
    assert sequence_sums(values, torch.tensor([2, 0, 2]), 4).tolist() == [2.0, 0.0, 5.0, 0.0]
