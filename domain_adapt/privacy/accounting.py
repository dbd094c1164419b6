"""What Poisson-sampled Gaussian steps cost, by their privacy loss distribution.

The arithmetic is dp-accounting's (Google). Its privacy loss distributions (PLD) are pessimistic:
the ε of a discretised one is never below the true one, and comes down to it as the grid gets
finer. Neighbouring data sets differ by one unit added or removed.

Source: Koskela, Jälkö, Honkela, Computing Tight Differential Privacy Guarantees Using FFT, 2020;
Doroshenko, Ghazi, Kamath, Kumar, Manurangsi, Connect the Dots, 2022.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from domain_adapt.base.errors import ConfigError

ACCOUNTANT = "pld"
PRECISION = 3e-4
"""How far, relatively, a reported ε may lie above that of an infinitely fine grid."""

_GRIDS = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5)
_LARGEST_NOISE = 1e4
_SMALLEST_NOISE = 0.1
_TOLERANCE = 1e-4
_ROUGH = 0.01  # excess of a grid that a guess starts from


@dataclass(frozen=True, slots=True)
class Spending:
    """Steps of one kind: each unit is in a step with probability ``sampling_rate``.

    Attributes:
        sampling_rate: In (0, 1].
        noise_multiplier: Standard deviation of the noise, in clipping norms; above 0.
        steps: How many; 0 spends nothing.
    """

    sampling_rate: float
    noise_multiplier: float
    steps: int

    def __post_init__(self) -> None:
        """Refuse what no step can be.

        Raises:
            ConfigError: A value is out of its range.
        """
        _require("the sampling rate", self.sampling_rate, 0.0 < self.sampling_rate <= 1.0, "(0, 1]")
        in_range = _SMALLEST_NOISE <= self.noise_multiplier <= _LARGEST_NOISE
        bounds = f"[{_SMALLEST_NOISE:g}, {_LARGEST_NOISE:g}]"
        _require("the noise multiplier", self.noise_multiplier, in_range, bounds)
        _require("the number of steps", self.steps, self.steps >= 0, "[0, ∞)")


def epsilon(spendings: Sequence[Spending], *, delta: float) -> float:
    """Return the ε of all steps together at ``delta``.

    At most :data:`PRECISION` above the exact value, relatively, and never below it.

    Raises:
        ConfigError: ``delta`` is not between 0 and 1.
    """
    value, _ = _refined(spendings, delta, PRECISION)
    return value


def _refined(spendings: Sequence[Spending], delta: float, precision: float) -> tuple[float, float]:
    """Return ε on the first grid that is fine enough, and a guess of the exact value.

    The excess falls with the square of the grid, so a third of the grid leaves a ninth of it and
    an eighth of the fall is still to come.
    """
    check_delta(delta)
    coarser, value = math.inf, math.inf
    for grid in _GRIDS:
        coarser, value = value, _epsilon_on(tuple(spendings), delta, grid)
        excess = (coarser - value) / 8
        if excess <= precision * value:
            break
    return value, value - excess


def delta_at(spendings: Sequence[Spending], *, epsilon: float) -> float:
    """Return the δ of all steps together at ``epsilon`` (at least 0)."""
    return float(_composed(tuple(spendings), _GRIDS[-3]).get_delta_for_epsilon(epsilon))


def noise_multiplier(
    target: float,
    *,
    delta: float,
    sampling_rate: float,
    steps: int,
    history: Sequence[Spending] = (),
) -> float:
    """Return the least noise with which ``steps`` more steps keep ε at or below ``target``.

    Least up to a few parts in ten thousand; the ε of the returned value has been computed, so it
    never lies above the target.

    Args:
        target: ε of the history and the new steps together.
        delta: For which it holds.
        sampling_rate: Of the new steps.
        steps: How many new ones; at least 1.
        history: What has been spent already on the same units.

    Raises:
        ConfigError: A value is out of its range, or the history alone leaves too little.
    """
    _require("ε", target, 0.0 < target < math.inf, "(0, ∞)")
    _require("the number of steps", steps, steps >= 1, "[1, ∞)")

    def whole(noise: float) -> tuple[Spending, ...]:
        return (*history, Spending(sampling_rate, noise, steps))

    def guess(noise: float) -> float:
        return _refined(whole(noise), delta, _ROUGH)[1]

    noise = _search(guess, target, _bracket(guess, target, history, delta))
    while (cost := epsilon(whole(noise), delta=delta)) > target:
        noise *= max(1.0 + _TOLERANCE, cost / target)
    return noise


def attack_success(
    spendings: Sequence[Spending], *, false_positive_rates: Sequence[float]
) -> dict[float, float]:
    """Return, for each false positive rate, the most a membership attack can achieve.

    Of all tests that say with at most this rate that a unit was there when it was not, the best
    one's rate of saying so rightly: the trade-off function of the mechanism (Dong, Roth, Su,
    Gaussian Differential Privacy, 2019), read off its privacy curve,
    ``min over ε of (e^ε FPR + δ(ε), 1 - e^-ε (1 - δ(ε) - FPR))``.
    """
    curve = _composed(tuple(spendings), _GRIDS[2])
    grid = [step / 20 for step in range(20 * 40 + 1)]
    deltas = curve.get_delta_for_epsilon(grid)
    return {
        rate: min(1.0, *(_power(rate, e, float(d)) for e, d in zip(grid, deltas, strict=True)))
        for rate in false_positive_rates
    }


def check_delta(delta: float) -> None:
    """Refuse a δ that promises nothing.

    Raises:
        ConfigError: It is not between 0 and 1.
    """
    _require("δ", delta, 0.0 < delta < 1.0, "(0, 1)")


def _power(rate: float, epsilon: float, delta: float) -> float:
    return min(math.exp(epsilon) * rate + delta, 1.0 - math.exp(-epsilon) * (1.0 - delta - rate))


Cost = Callable[[float], float]


def _bracket(
    cost: Cost, target: float, history: Sequence[Spending], delta: float
) -> tuple[float, float]:
    """Return a noise that costs too much and one that does not, or the least noise twice."""
    low = high = 1.0
    while cost(high) > target:
        if high >= _LARGEST_NOISE:
            spent = epsilon(history, delta=delta)
            raise ConfigError(
                "DA-PRIV-011",
                f"No noise keeps ε at {target:g}: {spent:.4g} of it is spent already.",
                hint="Raise the budget, take fewer steps, or use data that nothing was spent on.",
            )
        low, high = high, min(high * 2.0, _LARGEST_NOISE)
    while low == high or cost(low) <= target:
        if low <= _SMALLEST_NOISE:
            return low, low
        low, high = max(low / 2.0, _SMALLEST_NOISE), low
    return low, high


def _search(cost: Cost, target: float, bracket: tuple[float, float]) -> float:
    """Return the noise at which the cost meets the target.

    False position with halved end values (the Illinois rule), on logarithms, where the relation
    is nearly straight: about five costs instead of the fifteen of bisection.
    """
    low, high = bracket
    if low == high:
        return high
    above, below = math.log(cost(low) / target), math.log(cost(high) / target)
    while high / low > 1.0 + _TOLERANCE:
        share = above / (above - below)
        middle = low * math.pow(high / low, min(max(share, 0.01), 0.99))
        height = math.log(cost(middle) / target)
        if abs(height) <= _TOLERANCE / 10:
            return middle
        if height > 0:
            low, above, below = middle, height, below / 2
        else:
            high, below, above = middle, height, above / 2
    return high


def _epsilon_on(spendings: tuple[Spending, ...], delta: float, grid: float) -> float:
    return float(_composed(spendings, grid).get_epsilon_for_delta(delta))


def _composed(spendings: tuple[Spending, ...], grid: float) -> Any:
    """Return the PLD of all steps; that of nothing spends nothing."""
    parts = [_steps(each, grid) for each in spendings if each.steps]
    if not parts:
        from dp_accounting.pld import privacy_loss_distribution

        return privacy_loss_distribution.identity(value_discretization_interval=grid)
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.compose(part)
    return whole


@lru_cache(maxsize=256)
def _steps(spending: Spending, grid: float) -> Any:
    # kept: a history is composed anew for each noise that is tried
    from dp_accounting.pld import privacy_loss_distribution

    one = privacy_loss_distribution.from_gaussian_mechanism(
        spending.noise_multiplier,
        sampling_prob=spending.sampling_rate,
        value_discretization_interval=grid,
    )
    return one.self_compose(spending.steps)


def _require(name: str, value: float, holds: bool, bounds: str) -> None:
    if not holds:
        raise ConfigError(
            "DA-PRIV-010",
            f"{name[0].upper()}{name[1:]} is {value:g}; expected a value in {bounds}.",
            hint="Correct the value and run the command again.",
        )
