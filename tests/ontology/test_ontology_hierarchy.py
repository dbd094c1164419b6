"""Disjointness and common ancestors against their definitions, by brute force."""

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.ontology.concept import Concept
from domain_adapt.ontology.counting import count
from domain_adapt.ontology.hierarchy import Hierarchy, build_hierarchy
from domain_adapt.ontology.ontology import Head, Ontology, build_ontology

Graph = dict[str, tuple[str, ...]]


@st.composite
def declared(draw: st.DrawFn) -> tuple[Graph, list[tuple[str, str]]]:
    names = draw(st.permutations([f"n{i}" for i in range(draw(st.integers(1, 9)))]))
    graph: Graph = {}
    for place, name in enumerate(names):
        above = st.lists(st.sampled_from(names[:place]), unique=True, max_size=3)
        graph[name] = tuple(draw(above)) if place else ()
    pair = st.tuples(st.sampled_from(names), st.sampled_from(names))
    pairs = [(a, b) for a, b in draw(st.lists(pair, max_size=4)) if a != b]
    return graph, pairs


def ontology_of(graph: Graph, pairs: list[tuple[str, str]]) -> Ontology:
    def concept(name: str) -> Concept:
        apart_from = tuple(other for first, other in pairs if first == name)
        return Concept(name, "b", (), "", graph[name], "", disjoint_with=apart_from)

    return build_ontology(Head("toy", "Toy", "t", "1", "CC0-1.0"), map(concept, graph))


def upward(graph: Graph, name: str) -> set[str]:
    return {name}.union(*(upward(graph, parent) for parent in graph[name]))


def apart(graph: Graph, pairs: list[tuple[str, str]], first: str, second: str) -> bool:
    left, right = upward(graph, first), upward(graph, second)
    return any((a in left and b in right) or (b in left and a in right) for a, b in pairs)


@given(declared())
def test_disjointness_is_inherited_by_everything_below(
    case: tuple[Graph, list[tuple[str, str]]],
) -> None:
    graph, pairs = case
    hierarchy = build_hierarchy(graph, pairs)
    for first, second in product(graph, graph):
        assert hierarchy.are_disjoint(first, second) == apart(graph, pairs, first, second)
    counted = sum(apart(graph, pairs, a, b) for a, b in combinations(graph, 2))
    assert count(ontology_of(graph, pairs)).different_disjoint_pairs == counted


@given(declared())
def test_lowest_common_ancestors_have_no_common_ancestor_below_them(
    case: tuple[Graph, list[tuple[str, str]]],
) -> None:
    graph, _ = case
    hierarchy = build_hierarchy(graph)
    for first, second in product(graph, graph):
        shared = upward(graph, first) & upward(graph, second)
        lowest = [c for c in shared if not any(c in upward(graph, o) for o in shared - {c})]
        assert hierarchy.lowest_common_ancestors(first, second) == tuple(sorted(lowest))


@given(declared())
def test_being_something_and_everything_below_are_two_sides_of_one_relation(
    case: tuple[Graph, list[tuple[str, str]]],
) -> None:
    graph, _ = case
    hierarchy = build_hierarchy(graph)
    for name in graph:
        below = {other for other in graph if name in upward(graph, other)} - {name}
        assert set(hierarchy.descendants(name)) == below
        for other in graph:
            assert hierarchy.is_a(other, name) == (name in upward(graph, other))


def test_parents_and_pairs_from_elsewhere_are_passed_over() -> None:
    hierarchy = build_hierarchy({"a": ("b", "elsewhere"), "b": ()}, [("a", "elsewhere")])
    assert hierarchy.above("a") == {"b"}
    assert not hierarchy.are_disjoint("a", "b")
    with pytest.raises(KeyError):
        hierarchy.above("elsewhere")


def test_a_chain_of_ten_thousand_is_closed_without_recursion() -> None:
    graph: Graph = {f"n{i:05}": ((f"n{i - 1:05}",) if i % 100 else ()) for i in range(10_000)}
    hierarchy = build_hierarchy(graph)
    assert len(hierarchy.above("n00099")) == 99
    assert isinstance(hierarchy, Hierarchy)
