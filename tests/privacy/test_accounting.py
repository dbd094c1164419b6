"""The cost of steps against dp-accounting's own accountant, Opacus, and the definition."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from dp_accounting import dp_event
from dp_accounting.pld import PLDAccountant
from dp_accounting.rdp import RdpAccountant
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from domain_adapt.base.errors import ConfigError
from domain_adapt.privacy.accounting import (
    PRECISION,
    Spending,
    attack_success,
    delta_at,
    epsilon,
    noise_multiplier,
)

DELTA = 1e-6
PLAIN = Spending(0.01, 2.0, 500)


def _event(spending: Spending) -> dp_event.DpEvent:
    gaussian = dp_event.GaussianDpEvent(spending.noise_multiplier)
    return dp_event.PoissonSampledDpEvent(spending.sampling_rate, gaussian)


def _oracle(*spendings: Spending, grid: float = 1e-5) -> float:
    accountant = PLDAccountant(value_discretization_interval=grid)
    for each in spendings:
        accountant.compose(_event(each), each.steps)
    return float(accountant.get_epsilon(DELTA))


@pytest.mark.parametrize(
    "spending", [PLAIN, Spending(0.02, 1.0, 300), Spending(0.3, 6.0, 5), Spending(1.0, 8.0, 3)]
)
def test_within_a_thousandth_of_the_finest_grid_and_never_below(spending: Spending) -> None:
    exact = _oracle(spending, grid=1e-5 if spending.steps > 300 else 3e-5)
    found = epsilon([spending], delta=DELTA)
    assert exact * (1 - 1e-6) <= found <= exact * (1 + 1e-3)


def test_at_most_what_renyi_accounting_says() -> None:
    renyi = RdpAccountant()
    renyi.compose(_event(PLAIN), PLAIN.steps)
    assert epsilon([PLAIN], delta=DELTA) < renyi.get_epsilon(DELTA)


def test_agrees_with_the_accountant_of_opacus() -> None:
    from opacus.accountants import PRVAccountant

    other = PRVAccountant()
    other.history = [(PLAIN.noise_multiplier, PLAIN.sampling_rate, PLAIN.steps)]
    upper = other.get_epsilon(DELTA, eps_error=0.001)
    assert upper - 0.003 <= epsilon([PLAIN], delta=DELTA) <= upper


def test_successive_runs_compose_to_the_cost_of_the_whole_list() -> None:
    runs = [PLAIN] * 12
    assert epsilon(runs, delta=DELTA) == pytest.approx(_oracle(*runs, grid=1e-4), rel=1e-3)
    assert epsilon(runs, delta=DELTA) < 12 * epsilon([PLAIN], delta=DELTA) / 2


def test_one_whole_gaussian_step_has_the_delta_of_its_formula() -> None:
    # Balle and Wang, Improving the Gaussian Mechanism for Differential Privacy, 2018, theorem 5
    noise, at = 3.0, 0.7
    half = 1 / (2 * noise)
    exact = stats.norm.cdf(half - at * noise) - math.exp(at) * stats.norm.cdf(-half - at * noise)
    found = delta_at([Spending(1.0, noise, 1)], epsilon=at)
    assert exact <= found <= exact * 1.001


def test_nothing_spent_costs_nothing() -> None:
    assert epsilon([], delta=DELTA) == 0.0
    assert epsilon([Spending(0.5, 1.0, 0)], delta=DELTA) == 0.0


@pytest.mark.parametrize("target", [0.5, 3.0, 8.0])
def test_the_planned_noise_meets_the_target_and_hardly_more(target: float) -> None:
    noise = noise_multiplier(target, delta=DELTA, sampling_rate=0.02, steps=100)
    spent = epsilon([Spending(0.02, noise, 100)], delta=DELTA)
    assert target * (1 - 5 * PRECISION) <= spent <= target


def test_history_counts() -> None:
    fresh = noise_multiplier(3.0, delta=DELTA, sampling_rate=0.01, steps=200)
    noise = noise_multiplier(3.0, delta=DELTA, sampling_rate=0.01, steps=200, history=[PLAIN])
    assert noise > fresh
    assert epsilon([PLAIN, Spending(0.01, noise, 200)], delta=DELTA) <= 3.0


def test_a_history_beyond_the_target_leaves_nothing() -> None:
    with pytest.raises(ConfigError) as caught:
        noise_multiplier(0.4, delta=DELTA, sampling_rate=0.01, steps=1, history=[PLAIN])
    assert caught.value.code == "DA-PRIV-011"
    assert "0.505" in caught.value.message


@settings(max_examples=15, deadline=None)
@given(
    rate=st.sampled_from([0.01, 0.1, 1.0]),
    noise=st.floats(1.0, 6.0),
    steps=st.integers(1, 60),
)
def test_more_steps_cost_more_and_more_noise_less(rate: float, noise: float, steps: int) -> None:
    cost = epsilon([Spending(rate, noise, steps)], delta=DELTA)
    assert epsilon([Spending(rate, noise, steps + 20)], delta=DELTA) > cost
    assert epsilon([Spending(rate, noise * 1.3, steps)], delta=DELTA) < cost


def test_no_attack_on_one_gaussian_step_beats_the_best_test() -> None:
    # the trade-off function of N(0, 1) against N(1 / noise, 1), Dong, Roth, Su 2019
    noise, rates = 2.0, (0.001, 0.01, 0.1, 0.5)
    best = {rate: stats.norm.sf(stats.norm.isf(rate) - 1 / noise) for rate in rates}
    found = attack_success([Spending(1.0, noise, 1)], false_positive_rates=rates)
    for rate in rates:
        assert best[rate] <= found[rate] <= best[rate] * 1.02


def test_a_stronger_attack_needs_a_larger_budget() -> None:
    powers = [
        attack_success([Spending(0.02, 1.0, steps)], false_positive_rates=(0.01,))[0.01]
        for steps in (1, 10, 100, 1000)
    ]
    assert all(first < second for first, second in pairwise(powers))
    assert powers[0] >= 0.01


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ((0.0, 1.0, 1), "sampling rate"),
        ((1.5, 1.0, 1), "sampling rate"),
        ((math.nan, 1.0, 1), "sampling rate"),
        ((0.1, 0.0, 1), "noise multiplier"),
        ((0.1, math.inf, 1), "noise multiplier"),
        ((0.1, 1.0, -1), "number of steps"),
    ],
)
def test_steps_that_cannot_be(values: tuple[float, float, int], word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Spending(*values)
    assert caught.value.code == "DA-PRIV-010"
    assert word in caught.value.message


@pytest.mark.parametrize("delta", [0.0, 1.0, -1.0, math.nan])
def test_a_delta_that_promises_nothing(delta: float) -> None:
    with pytest.raises(ConfigError) as caught:
        epsilon([PLAIN], delta=delta)
    assert caught.value.code == "DA-PRIV-010"


@pytest.mark.parametrize(("target", "steps"), [(0.0, 10), (-1.0, 10), (math.inf, 10), (1.0, 0)])
def test_targets_that_cannot_be(target: float, steps: int) -> None:
    with pytest.raises(ConfigError) as caught:
        noise_multiplier(target, delta=DELTA, sampling_rate=0.1, steps=steps)
    assert caught.value.code == "DA-PRIV-010"
