"""Examples kept out of training to see when to stop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from domain_adapt.base.records import Example
from domain_adapt.data.builders.build import fact_of
from domain_adapt.data.draw import rank, ranked


def dev_split(
    examples: Sequence[Example], *, fraction: float, seed: int
) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """Return (train, dev): phrasings held back of facts that are trained on in other words.

    First one phrasing of as many facts as are needed, then a second and so on, always leaving
    one in training; only when that is not enough are facts held back altogether.

    Args:
        examples: All examples.
        fraction: Share to hold back, 0 to below 1, rounded to the nearest number of examples.
        seed: Decides which.

    Raises:
        ValueError: ``fraction`` out of range.
    """
    if not 0 <= fraction < 1:
        raise ValueError(f"fraction {fraction} is not in [0, 1)")
    order = sorted(_preferences(examples, seed))
    held_back = {example_id for _, _, example_id in order[: round(fraction * len(examples))]}
    return (
        tuple(example for example in examples if example.id not in held_back),
        tuple(example for example in examples if example.id in held_back),
    )


def _preferences(examples: Sequence[Example], seed: int) -> list[tuple[int, int, str]]:
    """Return (round in which it can be held back, rank, id); the last phrasing comes last."""
    by_fact: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_fact[fact_of(example)].append(example)
    most = max((len(members) for members in by_fact.values()), default=0)
    return [
        (turn if turn < len(members) - 1 else most, rank(seed, "dev", example.id), example.id)
        for members in by_fact.values()
        for turn, example in enumerate(
            ranked(members, seed=seed, purpose="dev phrasing", key=lambda example: example.id)
        )
    ]
