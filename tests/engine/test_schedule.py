from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.engine.schedule import learning_rate

KINDS = ("cosine", "linear", "constant")
plans = st.fixed_dictionaries(
    {
        "total": st.integers(1, 300),
        "peak": st.floats(1e-6, 1.0),
        "warmup": st.floats(0.0, 0.99),
        "schedule": st.sampled_from(KINDS),
    }
)


@given(plan=plans)
def test_rates_rise_to_the_peak_and_then_only_fall_within_bounds(plan: dict) -> None:
    rates = [learning_rate(step, **plan) for step in range(plan["total"])]
    top = rates.index(max(rates))

    assert all(0 < rate <= plan["peak"] * (1 + 1e-12) for rate in rates)
    assert max(rates) == pytest.approx(plan["peak"])
    assert all(a < b for a, b in itertools.pairwise(rates[: top + 1]))
    assert all(a >= b * (1 - 1e-12) for a, b in itertools.pairwise(rates[top:]))
    assert all(rate >= 0.1 * plan["peak"] * (1 - 1e-12) for rate in rates[top:])


def test_warm_up_is_linear() -> None:
    rates = [
        learning_rate(step, total=100, peak=1.0, warmup=0.1, schedule="constant")
        for step in range(12)
    ]
    assert rates == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.0, 1.0])


@pytest.mark.parametrize("schedule", KINDS)
def test_without_warm_up_the_first_step_has_the_peak(schedule: str) -> None:
    assert learning_rate(0, total=10, peak=0.3, warmup=0.0, schedule=schedule) == 0.3


@pytest.mark.parametrize(
    ("schedule", "middle", "end"),
    [("cosine", 0.55, 0.1), ("linear", 0.55, 0.1), ("constant", 1, 1)],
)
def test_middle_and_end(schedule: str, middle: float, end: float) -> None:
    total = 10_000
    plan = {"total": total, "peak": 1.0, "warmup": 0.0, "schedule": schedule}
    assert learning_rate(total // 2, **plan) == pytest.approx(middle, abs=1e-3)
    assert learning_rate(total - 1, **plan) == pytest.approx(end, abs=1e-3)


def test_cosine_is_above_the_line_first_and_below_it_later() -> None:
    def difference(step: int) -> float:
        cosine, linear = (
            learning_rate(step, total=100, peak=1.0, warmup=0.0, schedule=kind)
            for kind in ("cosine", "linear")
        )
        return cosine - linear

    assert difference(25) > 0.05
    assert difference(75) < -0.05
