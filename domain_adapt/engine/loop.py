"""The training loop, as a generator: one optimizer step for each report that it yields.

Saving, stopping and showing live outside (``fit``), so that the loop is all mathematics.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from domain_adapt.base.errors import DomainAdaptError
from domain_adapt.base.hashing import digest_json
from domain_adapt.base.records import EncodedExample
from domain_adapt.config.recipe import TrainConfig
from domain_adapt.data.batches import pack_rows
from domain_adapt.engine.checkpoint import StepReport, TrainState
from domain_adapt.engine.loss import sequence_sums, target_log_probabilities
from domain_adapt.engine.optimizer import MasterAdamW
from domain_adapt.engine.packing import ROOT, Row, Segment, build_row
from domain_adapt.engine.schedule import learning_rate


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Everything that decides the outcome of training, fixed before the first step.

    Attributes:
        examples: What is trained on.
        dev: What early stopping looks at; public.
        batches: Indices into ``examples``, one tuple a step.
        config: The recipe's training section.
        seed: Seed of dropout.
    """

    examples: tuple[EncodedExample, ...]
    dev: tuple[EncodedExample, ...]
    batches: tuple[tuple[int, ...], ...]
    config: TrainConfig
    seed: int

    def digest(self) -> str:
        """Return the identity of the plan, so that a checkpoint cannot serve another."""
        encoded = [
            [[example.prefix, example.body, example.target_start] for example in part]
            for part in (self.examples, self.dev)
        ]
        return digest_json([encoded, self.batches, self.config.model_dump(), self.seed])


def training_steps(
    model: Any, plan: TrainingPlan, optimizer: MasterAdamW, state: TrainState
) -> Iterator[StepReport]:
    """Make the plan's remaining steps, one for each report yielded.

    Args:
        model: The model with its trainable adapter, on its device.
        plan: What to train on, and how.
        optimizer: Holds the adapter's weights.
        state: Where to go on from; the caller keeps it up to date.

    Raises:
        DomainAdaptError: The loss or its gradient is not finite; the step is not yielded.
    """
    total = len(plan.batches)
    for step in range(state.step, total):
        began = time.perf_counter()
        batch = [plan.examples[index] for index in plan.batches[step]]
        rate = learning_rate(
            step,
            total=total,
            peak=plan.config.learning_rate,
            warmup=plan.config.warmup,
            schedule=plan.config.schedule,
        )
        model.train()
        with seeded(plan.seed + step, model.device):
            loss, tokens = accumulate_gradients(model, batch, plan.config.micro_tokens)
        norm = optimizer.step(learning_rate=rate, max_norm=plan.config.max_gradient_norm)
        _check_finite(step + 1, loss, norm)
        due = (step + 1) % plan.config.check_every == 0 or step + 1 == total
        dev = mean_loss(model, plan.dev, plan.config.micro_tokens) if due and plan.dev else None
        state.seconds += time.perf_counter() - began
        yield StepReport(step + 1, loss, dev, rate, norm, tokens)


def _check_finite(step: int, loss: float, norm: float) -> None:
    """Refuse a step after which every weight would be no number."""
    if not (math.isfinite(loss) and math.isfinite(norm)):
        raise DomainAdaptError(
            "DA-TRAIN-008",
            f"In step {step} the loss became {loss} and its gradient {norm}.",
            hint="Use a lower train.learning_rate or model.dtype=fp32, and run with --fresh.",
        )


def accumulate_gradients(
    model: Any, batch: Sequence[EncodedExample], micro_tokens: int
) -> tuple[float, int]:
    """Add the gradient of the batch's loss to the parameters; return the loss and the tokens.

    The loss is the mean over examples of each example's own mean over its target tokens, so
    that how examples are dealt out to rows changes nothing.
    """
    total = 0.0
    tokens = 0
    for indices in pack_rows(batch, micro_tokens=micro_tokens):
        examples = [batch[index] for index in indices]
        row = training_row(examples, model)
        loss = example_losses(model, row, len(examples)).sum() / len(batch)
        torch.autograd.backward(loss)
        total += float(loss.detach())
        tokens += row.input_ids.numel()
    return total, tokens


def training_row(examples: Sequence[EncodedExample], model: Any) -> Row:
    """Lay examples out in one row under their shared prefixes."""
    segments: list[Segment] = []
    roots: dict[tuple[int, ...], int] = {(): ROOT}
    for owner, example in enumerate(examples):
        if example.prefix not in roots:
            roots[example.prefix] = len(segments)
            segments.append(Segment(example.prefix))
        segments.append(Segment(example.body, roots[example.prefix], owner, example.target_start))
    return build_row(segments, model.dtype).to(model.device)


def example_losses(model: Any, row: Row, count: int) -> torch.Tensor:
    """Return ``[count]`` mean target losses, nats a token, one for each example of the row."""
    losses = -target_log_probabilities(model, row)
    sizes = sequence_sums(torch.ones_like(losses), row.owners, count)
    return sequence_sums(losses, row.owners, count) / sizes


@torch.no_grad()
def mean_loss(model: Any, examples: Sequence[EncodedExample], micro_tokens: int) -> float:
    """Return the mean over examples of their mean target loss, nats a token, without dropout."""
    model.eval()
    total = 0.0
    for indices in pack_rows(examples, micro_tokens=micro_tokens):
        chosen = [examples[index] for index in indices]
        total += float(example_losses(model, training_row(chosen, model), len(chosen)).sum())
    return total / len(examples)


@contextlib.contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Give dropout a stream of its own, so that resuming needs no generator state."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield
