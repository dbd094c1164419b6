"""Planning a private training before it starts: how much noise, what it costs, what that means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain_adapt.base.errors import ConfigError
from domain_adapt.privacy.accounting import (
    ACCOUNTANT,
    Spending,
    attack_success,
    epsilon,
    noise_multiplier,
)

FALSE_POSITIVE_RATES = (0.001, 0.01)
FEW_EXPECTED = 32
"""Units a step below which noise drowns what a model of any size could learn."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training would spend.

    Attributes:
        spending: The steps.
        delta: For which ε holds.
        epsilon: Of these steps alone.
        epsilon_total: Of these steps and the history together.
        curve: Steps to ε of so many steps (alone), rising.
        attack: False positive rate to the most that a membership attack achieves at it, after
            all steps and the history.
        accountant: How ε was computed.
    """

    spending: Spending
    delta: float
    epsilon: float
    epsilon_total: float
    curve: tuple[tuple[int, float], ...]
    attack: dict[float, float]
    accountant: str = ACCOUNTANT


def plan_noise(
    *,
    sampling_rate: float,
    steps: int,
    delta: float,
    target: float | None = None,
    noise: float | None = None,
    history: Sequence[Spending] = (),
) -> Plan:
    """Return what ``steps`` cost with a given noise, or with the least that meets a target.

    Args:
        sampling_rate: Probability with which a unit is in a step.
        steps: How many.
        delta: For which ε holds.
        target: Largest ε of the history and these steps together.
        noise: Noise multiplier, instead of a target.
        history: What was spent on the same units before.

    Raises:
        ConfigError: Not exactly one of target and noise, or a value out of its range.
    """
    if (target is None) == (noise is None):
        raise ConfigError(
            "DA-PRIV-012",
            "Exactly one of a target ε and a noise multiplier decides a plan; "
            f"got {'neither' if target is None else 'both'}.",
            hint="Give --epsilon or --noise-multiplier.",
        )
    if noise is None:
        noise = noise_multiplier(
            target or 0.0, delta=delta, sampling_rate=sampling_rate, steps=steps, history=history
        )
    spending = Spending(sampling_rate, noise, steps)
    alone = epsilon((spending,), delta=delta)
    whole = (*history, spending)
    return Plan(
        spending=spending,
        delta=delta,
        epsilon=alone,
        epsilon_total=epsilon(whole, delta=delta) if history else alone,
        curve=_curve(spending, delta),
        attack=attack_success(whole, false_positive_rates=FALSE_POSITIVE_RATES),
    )


def _curve(spending: Spending, delta: float) -> tuple[tuple[int, float], ...]:
    """Return ε at about eight places along the way."""
    counts = sorted({max(1, round(spending.steps * eighth / 8)) for eighth in range(1, 9)})
    return tuple(
        (
            count,
            epsilon(
                (Spending(spending.sampling_rate, spending.noise_multiplier, count),), delta=delta
            ),
        )
        for count in counts
    )
