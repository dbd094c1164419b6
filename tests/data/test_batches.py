from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.records import EncodedExample
from domain_adapt.data.batches import pack_rows, plan_epochs


def _encoded(size: int, prefix: int = 0) -> EncodedExample:
    return EncodedExample("e", tuple(range(prefix)), tuple(range(size)), target_start=0)


@given(
    lengths=st.lists(st.integers(1, 50), max_size=60),
    batch_size=st.integers(1, 16),
    epochs=st.integers(0, 4),
    seed=st.integers(0, 5),
)
def test_every_example_comes_once_an_epoch(lengths, batch_size, epochs, seed):
    batches = plan_epochs(lengths, batch_size=batch_size, epochs=epochs, seed=seed)

    counts = Counter(index for batch in batches for index in batch)
    assert counts == dict.fromkeys(range(len(lengths)), epochs) or not (lengths and epochs)
    per_epoch = -(-len(lengths) // batch_size)
    assert len(batches) == per_epoch * epochs
    for epoch in range(epochs):
        part = batches[epoch * per_epoch : (epoch + 1) * per_epoch]
        assert sorted(index for batch in part for index in batch) == list(range(len(lengths)))
        sizes = [len(batch) for batch in part]
        assert not sizes or (max(sizes) <= batch_size and max(sizes) - min(sizes) <= 1)


def test_a_part_of_an_epoch_takes_that_part_of_a_permutation():
    batches = plan_epochs([1] * 20, batch_size=4, epochs=1.5, seed=0)

    assert sum(map(len, batches)) == 30
    assert max(Counter(i for batch in batches[5:] for i in batch).values()) == 1


def test_epochs_differ_and_the_seed_repeats():
    plan = plan_epochs([1] * 40, batch_size=8, epochs=2, seed=1)

    assert plan[:5] != plan[5:]
    assert plan == plan_epochs([1] * 40, batch_size=8, epochs=2, seed=1)
    assert plan != plan_epochs([1] * 40, batch_size=8, epochs=2, seed=2)


def test_the_longest_come_first_in_a_batch():
    lengths = [3, 9, 1, 7, 5, 2]

    for batch in plan_epochs(lengths, batch_size=3, epochs=2, seed=1):
        sizes = [lengths[index] for index in batch]
        assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(("batch_size", "epochs"), [(0, 1), (4, -1)])
def test_numbers_out_of_range_are_refused(batch_size, epochs):
    with pytest.raises(ValueError, match="out of range"):
        plan_epochs([1], batch_size=batch_size, epochs=epochs, seed=0)


@given(
    sizes=st.lists(st.tuples(st.integers(1, 40), st.sampled_from([0, 3, 10])), max_size=40),
    micro_tokens=st.integers(1, 80),
)
def test_rows_hold_every_example_once_and_keep_the_limit(sizes, micro_tokens):
    examples = [_encoded(size, prefix) for size, prefix in sizes]

    rows = pack_rows(examples, micro_tokens=micro_tokens)

    assert sorted(index for row in rows for index in row) == list(range(len(examples)))
    for row in rows:
        prefixes = {examples[index].prefix for index in row}
        assert len(prefixes) == 1
        tokens = len(prefixes.pop()) + sum(len(examples[index].body) for index in row)
        assert tokens <= micro_tokens or len(row) == 1


def test_rows_are_filled_first_fit_decreasing():
    examples = [_encoded(size, 2) for size in (4, 6, 3, 5)]

    assert pack_rows(examples, micro_tokens=12) == ((1, 0), (3, 2))
