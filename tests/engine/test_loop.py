from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from engine_helpers import STOP, adapted, tiny, training_plan

from domain_adapt.base.errors import DomainAdaptError
from domain_adapt.engine.adapters import automatic_targets, trainable_parameters
from domain_adapt.engine.checkpoint import StepReport, TrainState
from domain_adapt.engine.generate import greedy_answers
from domain_adapt.engine.loop import TrainingPlan, mean_loss, training_steps
from domain_adapt.engine.optimizer import MasterAdamW


def _train(model: Any, plan: TrainingPlan) -> list[StepReport]:
    optimizer = MasterAdamW(trainable_parameters(model), weight_decay=plan.config.weight_decay)
    return list(training_steps(model, plan, optimizer, TrainState()))


def test_four_examples_are_learned_by_heart() -> None:
    model = adapted(targets=automatic_targets(tiny()))
    plan = training_plan(
        steps=40, examples=4, dev=0, learning_rate=0.02, weight_decay=0.0, warmup=0.05
    )

    reports = _train(model, plan)

    assert reports[0].loss > 4
    assert reports[-1].loss < 0.25
    prompts = [each.prefix + each.body[: each.target_start] for each in plan.examples]
    (answers,) = greedy_answers(model, prompts, stop_id=STOP, max_new_tokens=20)
    assert answers == [each.body[each.target_start : -1] for each in plan.examples]


def test_reports_tell_what_each_step_did() -> None:
    plan = training_plan(steps=7, check_every=3, schedule="linear")
    state = TrainState()
    model = adapted()
    optimizer = MasterAdamW(trainable_parameters(model), weight_decay=0.0)

    reports = list(training_steps(model, plan, optimizer, state))

    assert [report.step for report in reports] == [1, 2, 3, 4, 5, 6, 7]
    checked = [report.step for report in reports if report.dev_loss is not None]
    assert checked == [3, 6, 7]  # every third, and the last
    assert reports[-1].dev_loss == mean_loss(model, plan.dev, plan.config.micro_tokens)
    assert reports[0].learning_rate > reports[-1].learning_rate > 0
    assert all(report.gradient_norm > 0 for report in reports)
    assert state.seconds > 0


def test_tokens_count_a_shared_system_turn_once_a_row() -> None:
    plan = training_plan(steps=1, dev=0, micro_tokens=10_000)
    batch = [plan.examples[index] for index in plan.batches[0]]

    (report,) = _train(adapted(), plan)

    assert report.tokens == len(batch[0].prefix) + sum(len(each.body) for each in batch)


def _frozen_losses(*, dropout: float, seed: int = 5) -> list[float]:
    """Losses of three steps on one batch, with a learning rate too small to matter."""
    plan = training_plan(steps=3, dev=0, examples=4, learning_rate=1e-30, seed=seed)
    return [report.loss for report in _train(adapted(dropout=dropout), plan)]


def test_dropout_differs_from_step_to_step_and_comes_again_with_the_seed() -> None:
    losses = _frozen_losses(dropout=0.5)
    assert max(losses) - min(losses) > 1e-2
    assert losses == _frozen_losses(dropout=0.5)
    assert losses != _frozen_losses(dropout=0.5, seed=6)


def test_without_dropout_nothing_differs() -> None:
    losses = _frozen_losses(dropout=0.0)
    assert losses == pytest.approx([losses[0]] * 3, abs=1e-6)


def test_dev_loss_is_measured_without_dropout() -> None:
    model = adapted(dropout=0.5)
    plan = training_plan()
    model.train()
    first = mean_loss(model, plan.dev, 64)
    model.train()
    assert first == mean_loss(model, plan.dev, 64)


def test_global_generators_are_left_alone() -> None:
    torch_before, python_before = torch.get_rng_state(), random.getstate()
    _train(adapted(dropout=0.3), training_plan(steps=2))
    assert torch.equal(torch_before, torch.get_rng_state())
    assert python_before == random.getstate()


def test_only_the_adapter_changes() -> None:
    model = adapted()
    before = {name: value.clone() for name, value in model.state_dict().items()}

    _train(model, training_plan(steps=2))

    changed = {
        name for name, value in model.state_dict().items() if not torch.equal(value, before[name])
    }
    assert changed == {name for name in before if "lora_" in name}


@pytest.mark.parametrize("damage", [float("nan"), float("inf")])
def test_a_step_without_a_finite_loss_is_refused_and_not_reported(damage: float) -> None:
    model = adapted()
    plan = training_plan(steps=3, dev=0)
    optimizer = MasterAdamW(trainable_parameters(model), weight_decay=0.0)
    steps = training_steps(model, plan, optimizer, TrainState())
    next(steps)
    with torch.no_grad():
        next(iter(trainable_parameters(model).values())).fill_(damage)

    with pytest.raises(DomainAdaptError, match="DA-TRAIN-008: In step 2 the loss became nan"):
        next(steps)


def test_digest_knows_everything_that_decides_the_outcome() -> None:
    plan = training_plan()
    others = [
        training_plan(seed=6),
        training_plan(steps=9),
        training_plan(dev=2),
        training_plan(learning_rate=0.021),
        TrainingPlan(plan.examples, plan.dev, plan.batches, plan.config, plan.seed + 1),
        TrainingPlan(plan.examples[::-1], plan.dev, plan.batches, plan.config, plan.seed),
        # the same examples, but one of them moved to the dev set
        TrainingPlan(
            plan.examples[:-1], plan.examples[-1:] + plan.dev, plan.batches, plan.config, plan.seed
        ),
    ]
    assert training_plan().digest() == plan.digest()
    assert len({each.digest() for each in (plan, *others)}) == len(others) + 1
