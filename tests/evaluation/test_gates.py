from __future__ import annotations

import math
from dataclasses import replace

import pytest

from domain_adapt.config.recipe import GatesConfig
from domain_adapt.evaluation.estimates import Comparison, Estimate
from domain_adapt.evaluation.gates import Gate, check_gates

BARS = GatesConfig(
    term_delta=0.08,
    p_value=0.001,
    seen_accuracy=0.85,
    unseen_delta=-0.05,
    retention_delta=-0.05,
    enforced=True,
)
KEPT = Comparison(
    n=100,
    clusters=50,
    base=Estimate(100, 0.5, (0.4, 0.6)),
    adapted=Estimate(100, 0.9, (0.8, 0.95)),
    delta=0.4,
    delta_ci95=(0.3, 0.5),
    p_value=0.0001,
    p_holm=None,
    detectable=0.1,
)
STEP = 1e-6


def _lower(value: float) -> Comparison:
    """A comparison whose interval begins at ``value``, whatever its point estimate."""
    return replace(KEPT, delta=value + 0.2, delta_ci95=(value, value + 0.4))


def _p(value: float) -> Comparison:
    return replace(KEPT, p_value=value)


def _accuracy(value: float) -> Comparison:
    return replace(KEPT, adapted=Estimate(100, value, (value - 0.1, value + 0.1)))


def _gates(**changed: Comparison) -> dict[str, Gate]:
    parts = dict.fromkeys(("headline", "seen", "unseen", "retention"), KEPT) | changed
    return {gate.name: gate for gate in check_gates(BARS, **parts)}


CASES = [
    ("term_delta", "headline", _lower, 0.08, 1),
    ("p_value", "headline", _p, 0.001, -1),
    ("seen_accuracy", "seen", _accuracy, 0.85, 1),
    ("unseen_delta", "unseen", _lower, -0.05, 1),
    ("retention_delta", "retention", _lower, -0.05, 1),
]
"""Gate, the comparison it looks at, how to make one, its bar, and where the good side lies."""


@pytest.mark.parametrize(("name", "part", "make", "bar", "good"), CASES)
def test_each_gate_at_above_and_below_its_bar(name, part, make, bar, good):
    for value, holds in ((bar, True), (bar + good * STEP, True), (bar - good * STEP, False)):
        gates = _gates(**{part: make(value)})

        assert gates[name].value == value
        assert gates[name].bar == bar
        assert gates[name].holds is holds
        assert all(gate.holds for other, gate in gates.items() if other != name)


@pytest.mark.parametrize(("name", "part"), [(c[0], c[1]) for c in CASES if c[2] is _lower])
def test_changes_are_judged_by_their_lower_bound(name, part):
    """A gain that looks large and is not shown does not count."""
    not_shown = replace(KEPT, delta=0.3, delta_ci95=(-0.2, 0.8))

    gates = _gates(**{part: not_shown})

    assert gates[name].value == -0.2
    assert not gates[name].holds


def test_what_could_not_be_computed_does_not_hold():
    gates = _gates(headline=replace(KEPT, delta_ci95=(math.nan, math.nan), p_value=math.nan))

    assert not gates["term_delta"].holds
    assert not gates["p_value"].holds


def test_every_bar_of_the_recipe_is_a_gate():
    assert set(_gates()) == set(GatesConfig.model_fields) - {"enforced"}
    assert {gate.unit for gate in _gates().values()} == {"points", "percent", "p"}
