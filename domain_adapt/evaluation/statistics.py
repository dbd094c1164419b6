"""Statistics of shares and of paired answers, clustered by concept."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from domain_adapt.evaluation.estimates import Comparison, Estimate

_Z95 = 1.959963984540054
_Z_POWER_80 = 0.8416212335729143
_AT_ONCE = 10_000
"""Resamples drawn together: what bounds the memory, whatever number is asked for."""


def wilson(correct: int, n: int) -> Estimate:
    """Return the share ``correct / n`` with its Wilson score interval (Wilson 1927).

    Unlike the normal interval it stays inside [0, 1] and is not empty at 0 or n.
    """
    if n == 0:
        return Estimate(0, 0.0, (0.0, 1.0))
    share = correct / n
    scale = 1 + _Z95**2 / n
    centre = (share + _Z95**2 / (2 * n)) / scale
    half = _Z95 * math.sqrt(share * (1 - share) / n + _Z95**2 / (4 * n**2)) / scale
    lower = 0.0 if correct == 0 else max(0.0, centre - half)
    upper = 1.0 if correct == n else min(1.0, centre + half)
    return Estimate(n, share, (lower, upper))


def compare(
    base: Sequence[bool],
    adapted: Sequence[bool],
    clusters: Sequence[str],
    *,
    seed: int,
    bootstrap: int = 10_000,
    permutations: int = 10_000,
) -> Comparison:
    """Compare two models' answers to the same probes.

    Probes of one concept are not independent, so concepts are what is resampled and flipped.

    Args:
        base: Whether the first model was right, a probe each.
        adapted: The same of the second model.
        clusters: Each probe's concept.
        seed: Of the resampling.
        bootstrap: Resamples behind the interval.
        permutations: Sign flips behind the p value.

    Raises:
        ValueError: The three differ in length or are empty.
    """
    if not base or not len(base) == len(adapted) == len(clusters):
        raise ValueError("compare needs the same number (at least one) of answers and clusters")
    differences, sizes = _by_cluster(base, adapted, clusters)
    generator = np.random.default_rng(seed)
    low, high = _bootstrap(differences, sizes, generator, bootstrap)
    return Comparison(
        n=len(base),
        clusters=len(sizes),
        base=wilson(sum(base), len(base)),
        adapted=wilson(sum(adapted), len(base)),
        delta=float(differences.sum() / sizes.sum()),
        delta_ci95=(low, high),
        p_value=_sign_flip(differences, generator, permutations),
        p_holm=None,
        detectable=_detectable(differences, sizes),
    )


def _by_cluster(
    base: Sequence[bool], adapted: Sequence[bool], clusters: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return each cluster's sum of differences and its number of probes, float64."""
    _, index = np.unique(np.asarray(clusters), return_inverse=True)
    change = np.asarray(adapted, dtype=np.float64) - np.asarray(base, dtype=np.float64)
    return np.bincount(index, weights=change), np.bincount(index).astype(np.float64)


def _bootstrap(
    differences: np.ndarray, sizes: np.ndarray, generator: np.random.Generator, resamples: int
) -> tuple[float, float]:
    """Return the percentile interval of the pooled difference over resampled clusters."""
    count = len(sizes)
    deltas = []
    for size in _blocks(resamples):
        draws = generator.multinomial(count, np.full(count, 1 / count), size=size)
        deltas.append((draws @ differences) / (draws @ sizes))
    low, high = np.percentile(np.concatenate(deltas), [2.5, 97.5])
    return float(low), float(high)


def _blocks(total: int) -> list[int]:
    return [min(_AT_ONCE, total - begin) for begin in range(0, total, _AT_ONCE)]


def _sign_flip(differences: np.ndarray, generator: np.random.Generator, resamples: int) -> float:
    """Return the two-sided p of the sign-flip permutation test over clusters.

    Under the null a cluster's difference is as likely negative as positive. The observed
    arrangement counts as one of the permutations, so p is never 0 (Phipson and Smyth 2010).
    """
    moved = differences[differences != 0]
    if len(moved) == 0:
        return 1.0
    extreme = 0
    for size in _blocks(resamples):
        signs = generator.integers(0, 2, size=(size, len(moved)), dtype=np.int8) * 2.0 - 1.0
        extreme += int((np.abs(signs @ moved) >= abs(moved.sum()) - 1e-9).sum())
    return (extreme + 1) / (resamples + 1)


def _detectable(differences: np.ndarray, sizes: np.ndarray) -> float:
    """Return the smallest change that would be shown with power 0.8 at α = 0.05, two-sided.

    From the spread between clusters; at least that of one changed answer, so that a comparison
    in which nothing moved does not claim to see everything.
    """
    total = sizes.sum()
    residual = differences - sizes * (differences.sum() / total)
    spread = math.sqrt(max(float((residual**2).sum()), 1.0)) / total
    return float((_Z95 + _Z_POWER_80) * spread)


def holm(comparisons: Mapping[str, Comparison]) -> dict[str, Comparison]:
    """Return the comparisons with p values corrected for their number (Holm 1979)."""
    order = sorted(comparisons, key=lambda name: comparisons[name].p_value)
    corrected: dict[str, float] = {}
    highest = 0.0
    for rank, name in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * comparisons[name].p_value))
        corrected[name] = highest
    return {name: replace(each, p_holm=corrected[name]) for name, each in comparisons.items()}
