from __future__ import annotations

import pytest
from audit_sample_record import comparison
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.audit import format as numbers
from domain_adapt.evaluation.estimates import Comparison, Estimate


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(1234.5, 1, "1,234.5"), (-3.44, 1, "−3.4"), (-0.04, 1, "0.0"), (-0.0, 0, "0")],
)
def test_fixed_has_a_true_minus_and_no_negative_zero(value: float, digits: int, text: str) -> None:
    assert numbers.fixed(value, digits) == text


@pytest.mark.parametrize(("value", "text"), [(31.0, "+31"), (-2.0, "−2"), (0.2, "0"), (-0.2, "0")])
def test_signed_shows_the_sign_of_what_is_left_after_rounding(value: float, text: str) -> None:
    assert numbers.signed(value) == text


@pytest.mark.parametrize(
    ("p_value", "text"),
    [(0.0, "p < 0.001"), (0.00099, "p < 0.001"), (0.001, "p = 0.001"), (0.0456, "p = 0.046"),
     (0.34, "p = 0.34"), (1.0, "p = 1.00")],
)  # fmt: skip
def test_p_values(p_value: float, text: str) -> None:
    assert numbers.p_text(p_value) == text


@given(st.floats(0, 1))
def test_no_p_value_is_shown_as_zero(p_value: float) -> None:
    assert float(numbers.p_text(p_value).split()[-1]) > 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(4.21, "4.2 s"), (461.6, "7 min 42 s"), (7_500, "2 h 05 min"), (59.99, "60.0 s")],
)
def test_durations(seconds: float, text: str) -> None:
    assert numbers.duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(812, "812 B"), (9_780_112, "9.8 MB"), (2_100, "2.1 kB")]
)
def test_sizes(count: int, text: str) -> None:
    assert numbers.size(count) == text


def test_compact_counts() -> None:
    assert [numbers.compact(n) for n in (734, 61_440, 134_515_008, 7.6e9)] == [
        "734", "61.4 K", "134.5 M", "7.6 B",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (16, "16"), (-1, "−1"), (61_440, "61,440"), (2e-4, "0.0002"), ("cosine",) * 2],
)
def test_settings(value: str | bool | int | float, text: str) -> None:
    assert numbers.plain(value) == text


def test_whole_numbers_where_they_add_up() -> None:
    assert numbers.agreeing_digits(comparison(100, 52, 83)) == 0


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_before_plus_change_is_after_in_the_headline(base: int, adapted: int) -> None:
    made = comparison(1000, base, adapted)
    digits = numbers.agreeing_digits(made)
    before, after, change = (
        float(f"{100 * share:.{digits}f}")
        for share in (made.base.value, made.adapted.value, made.delta)
    )
    assert before + change == pytest.approx(after, abs=0.11 if digits else 1e-9)


def test_a_rounding_that_does_not_add_up_gets_a_decimal() -> None:
    before, after = Estimate(1000, 0.524, (0.49, 0.56)), Estimate(1000, 0.826, (0.80, 0.85))
    made = Comparison(1000, 400, before, after, 0.302, (0.27, 0.33), 0.0001, None, 0.04)
    assert numbers.agreeing_digits(made) == 1
