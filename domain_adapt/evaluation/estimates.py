"""Numbers as they are shown to anyone: with n and an interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its 95 % interval.

    Attributes:
        n: How many probes it rests on.
        value: The share, 0 to 1.
        ci95: Lower and upper bound.
    """

    n: int
    value: float
    ci95: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same probes answered by two models.

    Attributes:
        n: How many probes.
        clusters: How many concepts they ask about.
        base: The first model's accuracy (Wilson interval).
        adapted: The second model's accuracy (Wilson interval).
        delta: ``adapted - base``.
        delta_ci95: Paired bootstrap interval, resampling concepts.
        p_value: Two-sided concept-level sign-flip permutation test.
        p_holm: The same after Holm's correction over the families; None where it is not one.
        detectable: Smallest absolute change that this n could have shown (power 0.8, α 0.05).
    """

    n: int
    clusters: int
    base: Estimate
    adapted: Estimate
    delta: float
    delta_ci95: tuple[float, float]
    p_value: float
    p_holm: float | None
    detectable: float
