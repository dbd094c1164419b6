"""The closed hierarchy against brute force, and what the digest depends on."""

from dataclasses import replace
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.ontology.concept import Concept, Label, LabelType, Scope
from domain_adapt.ontology.hierarchy import find_cycles
from domain_adapt.ontology.ontology import NO_PATH, Head, Ontology, build_ontology

HEAD = Head(name="toy", title="Toy", prefix="t", version="1.0.0", licence="CC0-1.0")


def concept(name: str, *parents: str, definition: str = "d") -> Concept:
    label = Label(name, "en", Scope.EXACT, LabelType.PREFERRED)
    return Concept(f"t:{name}", "b", (label,), definition, tuple(f"t:{p}" for p in parents), "s")


@st.composite
def graphs(draw: st.DrawFn, *, acyclic: bool = True) -> dict[str, tuple[str, ...]]:
    size = draw(st.integers(1, 9))
    names = draw(st.permutations([f"n{i}" for i in range(size)]))
    return {
        name: tuple(draw(parents_among(names[:i] if acyclic else names)))
        for i, name in enumerate(names)
    }


def parents_among(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), unique=True, max_size=2) if names else st.just([])


def ontology_of(graph: dict[str, tuple[str, ...]]) -> Ontology:
    return build_ontology(HEAD, [concept(name, *above) for name, above in graph.items()])


def brute_ancestors(graph: dict[str, tuple[str, ...]], name: str) -> set[str]:
    found: set[str] = set()
    for parent in graph[name]:
        found |= {parent} | brute_ancestors(graph, parent)
    return found


def brute_heights(graph: dict[str, tuple[str, ...]], name: str) -> dict[str, int]:
    best = {name: 0}
    for parent in graph[name]:
        for above, height in brute_heights(graph, parent).items():
            best[above] = min(best.get(above, NO_PATH), height + 1)
    return best


@given(graphs())
def test_ancestors_are_those_of_brute_force(graph: dict[str, tuple[str, ...]]) -> None:
    ontology = ontology_of(graph)
    for name in graph:
        assert ontology.ancestors(f"t:{name}") == {f"t:{a}" for a in brute_ancestors(graph, name)}


@given(graphs())
def test_children_leaves_and_siblings_mirror_the_parents(graph: dict[str, tuple[str, ...]]) -> None:
    ontology = ontology_of(graph)
    for name, above in graph.items():
        children = [other for other in sorted(graph) if name in graph[other]]
        siblings = [o for o in sorted(graph) if o != name and set(graph[o]) & set(above)]
        assert ontology.children(f"t:{name}") == tuple(f"t:{child}" for child in children)
        assert ontology.siblings(f"t:{name}") == tuple(f"t:{other}" for other in siblings)
        assert (f"t:{name}" in ontology.leaves()) == (not children)


@given(graphs())
def test_distance_is_the_shortest_way_over_a_common_ancestor(
    graph: dict[str, tuple[str, ...]],
) -> None:
    ontology = ontology_of(graph)
    for first, second in product(graph, graph):
        left, right = brute_heights(graph, first), brute_heights(graph, second)
        best = min((left[c] + right[c] for c in left.keys() & right.keys()), default=NO_PATH)
        assert ontology.distance(f"t:{first}", f"t:{second}") == best


@given(graphs(acyclic=False))
def test_cycles_are_found_exactly_where_there_are_some(graph: dict[str, tuple[str, ...]]) -> None:
    reach = {name: set(above) for name, above in graph.items()}
    for _ in graph:
        reach = {n: r.union(*(reach[other] for other in r)) for n, r in reach.items()}
    cycles = find_cycles(graph)
    assert bool(cycles) == any(name in reach[name] for name in graph)
    for cycle in cycles:
        assert cycle[0] == cycle[-1]
        assert all(above in graph[child] for child, above in pairwise(cycle))


def test_cycle_search_passes_over_unknown_parents() -> None:
    assert find_cycles({"a": ("b", "missing"), "b": ("a",), "c": ("c",)}) == (
        ("a", "b", "a"),
        ("c", "c"),
    )


def test_deep_hierarchy_needs_no_recursion() -> None:
    names = [f"n{i:05}" for i in range(2000)]
    chain = [concept(names[0])]
    chain += [concept(n, p) for p, n in pairwise(names)]
    ontology = build_ontology(HEAD, chain)
    assert len(ontology.ancestors(f"t:{names[-1]}")) == 1999
    assert ontology.distance(f"t:{names[-1]}", f"t:{names[0]}") == 1999


def test_digest_depends_on_content_and_not_on_order() -> None:
    concepts = [concept("a"), concept("b", "a"), concept("c", "a", "b")]
    one = build_ontology(HEAD, concepts)
    two = build_ontology(HEAD, reversed(concepts))
    assert one.digest == two.digest
    assert list(one.concepts) == list(two.concepts) == ["t:a", "t:b", "t:c"]
    assert one == two


@pytest.mark.parametrize(
    "change",
    [
        {"definition": "other"},
        {"branch": "other"},
        {"parents": ()},
        {"source": "other"},
        {"labels": (Label("b", "en", Scope.EXACT, LabelType.SYNONYM),)},
    ],
)
def test_digest_sees_every_part_of_a_concept(change: dict[str, object]) -> None:
    old = concept("b", "a")
    new = replace(old, **change)  # type: ignore[arg-type]
    digests = {build_ontology(HEAD, [concept("a"), each]).digest for each in (old, new)}
    assert len(digests) == 2


def test_unknown_id_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        build_ontology(HEAD, [concept("a")]).ancestors("t:b")


def test_ontology_cannot_be_changed() -> None:
    ontology = build_ontology(HEAD, [concept("a")])
    with pytest.raises(TypeError):
        ontology.concepts["t:x"] = concept("x")  # type: ignore[index]
