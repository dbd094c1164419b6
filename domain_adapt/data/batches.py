"""Which examples are trained on together."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from domain_adapt.base.records import EncodedExample


def plan_epochs(
    lengths: Sequence[int], *, batch_size: int, epochs: float, seed: int
) -> tuple[tuple[int, ...], ...]:
    """Return the batches of all epochs as indices into ``lengths``.

    Each epoch is a seeded permutation, cut into batches whose sizes differ by one at most, so
    that no epoch ends with a batch of one or two examples and a step as large as the others.
    Inside a batch the longest come first, which changes no gradient and packs well.

    Args:
        lengths: Tokens of each example.
        batch_size: Most examples in a batch.
        epochs: How often each example comes; 2.5 ends after half of a third permutation.
        seed: Decides the permutations.

    Raises:
        ValueError: ``batch_size`` below 1 or ``epochs`` below 0.
    """
    if batch_size < 1 or epochs < 0:
        raise ValueError(f"batch_size {batch_size} or epochs {epochs} out of range")
    whole = int(epochs)
    counts = [len(lengths)] * whole + [round((epochs - whole) * len(lengths))]
    return tuple(
        batch
        for epoch, count in enumerate(counts)
        for batch in _one_epoch(lengths, count, batch_size=batch_size, seed=f"{seed}/{epoch}")
    )


def pack_rows(
    examples: Sequence[EncodedExample], *, micro_tokens: int
) -> tuple[tuple[int, ...], ...]:
    """Group a batch into rows, each a shared prefix once and the bodies of its examples.

    First-fit decreasing among examples with the same prefix. An example that alone is over the
    limit gets a row of its own.

    Args:
        examples: A batch.
        micro_tokens: Most tokens of a row, prefix included.

    Returns:
        Indices into ``examples``: each exactly once.
    """
    order = sorted(range(len(examples)), key=lambda i: (-len(examples[i].body), i))
    rows: list[list[int]] = []
    room: list[int] = []
    for index in order:
        example = examples[index]
        size = len(example.body)
        for row, left in enumerate(room):
            if size <= left and examples[rows[row][0]].prefix == example.prefix:
                rows[row].append(index)
                room[row] -= size
                break
        else:
            rows.append([index])
            room.append(micro_tokens - len(example.prefix) - size)
    return tuple(tuple(row) for row in rows)


def _one_epoch(
    lengths: Sequence[int], count: int, *, batch_size: int, seed: str
) -> list[tuple[int, ...]]:
    order = list(range(len(lengths)))
    random.Random(seed).shuffle(order)  # noqa: S311 - an order, not a secret
    order = order[:count]
    batches = -(-count // batch_size)
    cuts = [count * number // batches for number in range(batches + 1)] if batches else [0]
    return [
        tuple(sorted(order[start:end], key=lambda index: (-lengths[index], index)))
        for start, end in itertools.pairwise(cuts)
    ]
