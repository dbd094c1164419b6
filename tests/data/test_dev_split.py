from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.records import Example
from domain_adapt.data.builders.build import fact_of
from domain_adapt.data.dev import dev_split


def _examples(facts: dict[str, int]) -> list[Example]:
    return [
        Example(f"b.v1/c/d/{fact}/p.{number}", "b.v1", "c", f"{fact} {number}?", "a")
        for fact, count in facts.items()
        for number in range(count)
    ]


@given(
    counts=st.lists(st.integers(1, 5), max_size=30),
    fraction=st.floats(0, 0.99),
    seed=st.integers(0, 3),
)
def test_both_sides_together_are_all_and_facts_stay_in_training_while_they_can(
    counts, fraction, seed
):
    examples = _examples({str(number): count for number, count in enumerate(counts)})

    train, dev = dev_split(examples, fraction=fraction, seed=seed)

    assert sorted(e.id for e in train + dev) == sorted(e.id for e in examples)
    assert len(dev) == round(fraction * len(examples))
    order = {e.id: place for place, e in enumerate(examples)}
    assert [order[e.id] for e in train] == sorted(order[e.id] for e in train)
    if len(dev) <= len(examples) - len(counts):
        assert {fact_of(e) for e in dev} <= {fact_of(e) for e in train}


def test_dev_spreads_over_facts_before_it_takes_a_second_of_one():
    examples = _examples({str(number): 3 for number in range(20)})

    _, dev = dev_split(examples, fraction=20 / 60, seed=1)

    assert len({fact_of(e) for e in dev}) == 20


def test_a_split_repeats_and_depends_on_the_seed():
    examples = _examples({str(number): 3 for number in range(20)})

    assert dev_split(examples, fraction=0.2, seed=1) == dev_split(examples, fraction=0.2, seed=1)
    assert dev_split(examples, fraction=0.2, seed=1) != dev_split(examples, fraction=0.2, seed=2)


@pytest.mark.parametrize("fraction", [-0.1, 1, 2])
def test_a_fraction_out_of_range_is_refused(fraction):
    with pytest.raises(ValueError, match="not in"):
        dev_split([], fraction=fraction, seed=0)


def test_a_row_of_a_users_source_is_a_fact_of_its_own():
    row = Example("mine.jsonl:3", "source.v1", None, "q", "a")

    assert fact_of(row) == "mine.jsonl:3"
