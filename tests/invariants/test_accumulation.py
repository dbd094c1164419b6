"""How a batch is dealt out to rows is a matter of memory alone: loss and gradients stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from engine_helpers import SYSTEM, adapted, random_examples
from hypothesis import given, settings
from hypothesis import strategies as st

from domain_adapt.base.records import EncodedExample
from domain_adapt.engine.adapters import trainable_parameters
from domain_adapt.engine.loop import accumulate_gradients, mean_loss

PREFIXES = (SYSTEM, (), (4, 5))


def _gradients(model: Any, batch: Sequence[EncodedExample], micro_tokens: int) -> tuple[float, Any]:
    model.zero_grad(set_to_none=True)
    loss, _ = accumulate_gradients(model, batch, micro_tokens)
    return loss, {name: each.grad.clone() for name, each in trainable_parameters(model).items()}


def _brute_force(model: Any, batch: Sequence[EncodedExample]) -> tuple[float, Any]:
    """Each example by itself, its mean over target tokens, the mean of those."""
    model.zero_grad(set_to_none=True)
    losses = []
    for example in batch:
        tokens = torch.tensor([example.prefix + example.body])
        begin = len(example.prefix) + max(example.target_start, 0 if example.prefix else 1)
        values = model(tokens).logits[0].log_softmax(-1)
        losses.append(
            -values[torch.arange(begin - 1, tokens.shape[1] - 1), tokens[0, begin:]].mean()
        )
    loss = torch.stack(losses).mean()
    loss.backward()
    return float(loss.detach()), {
        name: p.grad.clone() for name, p in trainable_parameters(model).items()
    }


def _assert_same(found: tuple[float, Any], expected: tuple[float, Any]) -> None:
    assert found[0] == pytest.approx(expected[0], abs=1e-6)
    for name, gradient in expected[1].items():
        torch.testing.assert_close(found[1][name], gradient, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("micro_tokens", [1, 7, 20, 33, 64, 10_000])
def test_loss_and_gradients_are_those_of_the_examples_run_one_by_one(micro_tokens: int) -> None:
    model = adapted()
    batch = random_examples(7, prefixes=PREFIXES)
    _assert_same(_gradients(model, batch, micro_tokens), _brute_force(model, batch))


@settings(max_examples=15, deadline=None)
@given(
    count=st.integers(1, 8),
    seed=st.integers(0, 1000),
    sizes=st.tuples(st.integers(1, 200), st.integers(1, 200)),
)
def test_row_size_changes_nothing(count: int, seed: int, sizes: tuple[int, int]) -> None:
    model = adapted()
    batch = random_examples(count, seed=seed, prefixes=PREFIXES)
    _assert_same(_gradients(model, batch, sizes[0]), _gradients(model, batch, sizes[1]))


def test_a_long_answer_weighs_no_more_than_a_short_one() -> None:
    model = adapted()
    short = EncodedExample("short", SYSTEM, (10, 11, 2), 2)
    long = EncodedExample("long", SYSTEM, (10, 12, *range(20, 50), 2), 2)

    loss, _ = accumulate_gradients(model, [short, long], 1000)

    each = [accumulate_gradients(model, [example], 1000)[0] for example in (short, long)]
    assert loss == pytest.approx(sum(each) / 2, abs=1e-6)


def test_bodies_that_are_learned_from_their_first_token() -> None:
    # where the prefix is shared, several first tokens have one predictor
    model = adapted()
    batch = [
        EncodedExample("a", SYSTEM, (10, 11, 2), 0),
        EncodedExample("b", SYSTEM, (12, 13, 14, 2), 2),
        EncodedExample("c", SYSTEM, (15, 2), 0),
        EncodedExample("d", (), (16, 17, 2), 0),
    ]
    for micro_tokens in (1, 12, 1000):
        _assert_same(_gradients(model, batch, micro_tokens), _brute_force(model, batch))


@pytest.mark.parametrize("micro_tokens", [1, 30, 10_000])
def test_dev_loss_does_not_depend_on_rows(micro_tokens: int) -> None:
    model = adapted()
    dev = random_examples(6, seed=9, prefixes=PREFIXES)
    assert mean_loss(model, dev, micro_tokens) == pytest.approx(
        _brute_force(model, dev)[0], abs=2e-6
    )
