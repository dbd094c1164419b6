from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.errors import ConfigError
from domain_adapt.data.split import apportion, split_concepts, teachable


def _many(concept, ontology_of, *, leaves: dict[str, int], extra=()):
    roots = [concept(f"{branch} class", branch=branch) for branch in leaves]
    below = [
        concept(f"{branch} thing{i}x", branch=branch, parents=(f"{branch} class",))
        for branch, count in leaves.items()
        for i in range(count)
    ]
    return ontology_of(*roots, *below, *extra)


def test_held_out_are_leaves_in_proportion_and_disjoint_from_seen(concept, ontology_of):
    ontology = _many(concept, ontology_of, leaves={"credit": 40, "market": 20, "capital": 20})

    split = split_concepts(ontology, seen=None, held_out=16, seed=3)

    assert set(split.unseen) <= set(ontology.leaves())
    assert not set(split.seen) & set(split.unseen)
    branches = Counter(ontology.concepts[c].branch for c in split.unseen)
    assert branches == {"credit": 8, "market": 4, "capital": 4}


def test_seen_takes_leaves_and_classes_of_each_branch_in_proportion(concept, ontology_of):
    leaves = {"credit": 30, "market": 10}
    extra = [
        concept(f"middle{i}", branch="credit", parents=("credit class",), definition="A thing.")
        for i in range(10)
    ] + [concept(f"under{i}", branch="credit", parents=(f"middle{i}",)) for i in range(10)]
    ontology = _many(concept, ontology_of, leaves=leaves, extra=extra)

    split = split_concepts(ontology, seen=30, held_out=0, seed=3)

    assert len(split.seen) == 30
    kinds = Counter((ontology.concepts[c].branch, not ontology.children(c)) for c in split.seen)
    assert kinds == {("credit", True): 20, ("credit", False): 5, ("market", True): 5}


def test_never_more_than_half_of_a_branchs_leaves(concept, ontology_of):
    ontology = _many(concept, ontology_of, leaves={"credit": 9, "market": 3})

    split = split_concepts(ontology, seen=None, held_out=5, seed=0)

    branches = Counter(ontology.concepts[c].branch for c in split.unseen)
    assert branches == {"credit": 4, "market": 1}


def test_more_held_out_than_possible_is_refused_with_what_is_possible(concept, ontology_of):
    ontology = _many(concept, ontology_of, leaves={"credit": 9, "market": 3})

    with pytest.raises(ConfigError, match=r"DA-DATA-010: 6 held-out.*has 5") as caught:
        split_concepts(ontology, seen=None, held_out=6, seed=0)
    assert "at most 5" in caught.value.hint


def test_more_seen_than_left_is_refused_with_what_is_possible(concept, ontology_of):
    ontology = _many(concept, ontology_of, leaves={"credit": 10})

    with pytest.raises(ConfigError, match=r"DA-DATA-011: 9 concepts.*has 8 left") as caught:
        split_concepts(ontology, seen=9, held_out=2, seed=0)
    assert "at most 8" in caught.value.hint


@pytest.mark.parametrize("counts", [{"seen": -1, "held_out": 0}, {"seen": 3, "held_out": -2}])
def test_negative_counts_are_refused(small, counts):
    with pytest.raises(ConfigError, match="DA-DATA-012"):
        split_concepts(small, seed=0, **counts)


def test_a_leaf_named_inside_another_concept_is_not_held_out(concept, ontology_of):
    ontology = ontology_of(
        concept("order", definition="An instruction."),
        concept("limit order", parents=("order",), abbreviations=("LO",)),
        concept("stop limit order", parents=("order",)),
        *(concept(f"kind{i}", parents=("order",)) for i in range(2)),
    )

    splits = [split_concepts(ontology, seen=None, held_out=2, seed=seed) for seed in range(20)]

    unseen = {concept for split in splits for concept in split.unseen}
    assert unseen == {"t:stop_limit_order", "t:kind0", "t:kind1"}


def test_a_concept_with_nothing_to_teach_is_neither_seen_nor_held_out(concept, ontology_of):
    bare = concept("bare", branch="other")
    ontology = _many(concept, ontology_of, leaves={"credit": 4}, extra=[bare])

    split = split_concepts(ontology, seen=None, held_out=2, seed=0)

    assert not teachable(bare)
    assert bare.id not in split.seen + split.unseen


def test_an_unrelated_concept_moves_no_one_in_other_branches(concept, ontology_of):
    leaves = {"credit": 40, "market": 20}
    before = _many(concept, ontology_of, leaves=leaves)
    new = concept("newcomer", branch="credit", parents=("credit class",))
    after = _many(concept, ontology_of, leaves=leaves, extra=[new])

    old = split_concepts(before, seen=None, held_out=12, seed=5)
    split = split_concepts(after, seen=None, held_out=12, seed=5)

    assert len(set(old.unseen) - set(split.unseen)) <= 1


def test_the_seed_decides_and_repeats(concept, ontology_of):
    ontology = _many(concept, ontology_of, leaves={"credit": 40, "market": 20})

    first, again, other = (
        split_concepts(ontology, seen=20, held_out=12, seed=seed) for seed in (1, 1, 2)
    )

    assert first == again
    assert first.unseen != other.unseen
    assert first.seen != other.seen


@given(
    sizes=st.lists(st.integers(0, 60), min_size=1, max_size=8),
    share=st.floats(0, 1),
)
def test_apportioned_places_fit_their_caps_and_grow_one_at_a_time(sizes, share):
    strata = {(f"b{i}", "leaf"): size for i, size in enumerate(sizes)}
    caps = {stratum: size // 2 for stratum, size in strata.items()}
    places = int(share * sum(caps.values()))

    given_places = apportion(strata, places, caps=caps)

    assert sum(given_places.values()) == places
    assert all(given_places[s] <= caps[s] for s in strata)
    if places:
        fewer = apportion(strata, places - 1, caps=caps)
        assert all(fewer[s] <= given_places[s] for s in strata)


def test_apportioning_more_than_the_caps_is_an_error():
    with pytest.raises(ValueError, match="3 places"):
        apportion({("a", "leaf"): 4}, 3, caps={("a", "leaf"): 2})
