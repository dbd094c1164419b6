"""Gates: what a recipe promises, held against what was measured."""

from __future__ import annotations

from dataclasses import dataclass

from domain_adapt.config.recipe import GatesConfig
from domain_adapt.evaluation.estimates import Comparison


@dataclass(frozen=True, slots=True)
class Gate:
    """One promise and whether the measurement keeps it.

    Attributes:
        direction: ``at_least`` or ``at_most``: on which side of ``bar`` a value holds.
        unit: ``points`` (a difference of shares), ``percent`` (a share) or ``p``.
    """

    name: str
    title: str
    value: float
    bar: float
    direction: str
    unit: str

    @property
    def holds(self) -> bool:
        """Whether the value is on the right side of the bar."""
        return self.value >= self.bar if self.direction == "at_least" else self.value <= self.bar


def check_gates(
    config: GatesConfig,
    *,
    headline: Comparison,
    seen: Comparison,
    unseen: Comparison,
    retention: Comparison,
) -> tuple[Gate, ...]:
    """Return the recipe's gates with their values.

    Changes are judged by the lower bound of their interval, never by the point estimate: what
    is not shown does not count.
    """
    return (
        Gate(
            "term_delta",
            "Gain on terms, lower bound",
            headline.delta_ci95[0],
            config.term_delta,
            "at_least",
            "points",
        ),
        Gate("p_value", "p of that gain", headline.p_value, config.p_value, "at_most", "p"),
        Gate(
            "seen_accuracy",
            "Accuracy on trained concepts",
            seen.adapted.value,
            config.seen_accuracy,
            "at_least",
            "percent",
        ),
        Gate(
            "unseen_delta",
            "Change on never-seen concepts, lower bound",
            unseen.delta_ci95[0],
            config.unseen_delta,
            "at_least",
            "points",
        ),
        Gate(
            "retention_delta",
            "Change in general knowledge, lower bound",
            retention.delta_ci95[0],
            config.retention_delta,
            "at_least",
            "points",
        ),
    )
