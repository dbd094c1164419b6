"""A checked set of concepts with its hierarchy closed: who is above, below and beside whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from domain_adapt.base.hashing import digest_json
from domain_adapt.ontology.concept import Concept

NO_PATH = 1_000_000
"""Distance of two concepts that share no ancestor: farther than any real path."""


@dataclass(frozen=True, slots=True)
class Head:
    """What an ontology says of itself."""

    name: str
    title: str
    prefix: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class Ontology:
    """Concepts whose parents all exist and form no cycle. Build it with :func:`build_ontology`.

    Methods that take a concept's id raise ``KeyError`` where there is no such concept.

    Attributes:
        name: Short name, such as ``finance``.
        title: What a person calls it.
        version: Its own version.
        licence: SPDX id; empty where it states none.
        digest: SHA-256 (hex) of the content; how it is spread over files does not matter.
        concepts: Id to concept, in order of id.
    """

    name: str
    title: str
    version: str
    licence: str
    digest: str
    concepts: Mapping[str, Concept] = field(repr=False, compare=False)
    _ancestors: Mapping[str, frozenset[str]] = field(repr=False, compare=False)
    _children: Mapping[str, tuple[str, ...]] = field(repr=False, compare=False)
    # kept once computed: distances are asked for in pairs, of the same few hundred concepts
    _known_heights: dict[str, Mapping[str, int]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def ancestors(self, concept_id: str) -> frozenset[str]:
        """Return the ids of all more general concepts, the concept itself left out."""
        return self._ancestors[concept_id]

    def children(self, concept_id: str) -> tuple[str, ...]:
        """Return the ids of the concepts directly below, in order of id."""
        return self._children[concept_id]

    def leaves(self) -> tuple[str, ...]:
        """Return the ids of concepts with nothing below them, in order of id."""
        return tuple(concept for concept, below in self._children.items() if not below)

    def siblings(self, concept_id: str) -> tuple[str, ...]:
        """Return the ids of the other concepts that share a parent, in order of id."""
        parents = self.concepts[concept_id].parents
        beside = {child for parent in parents for child in self._children[parent]}
        return tuple(sorted(beside - {concept_id}))

    def distance(self, first: str, second: str) -> int:
        """Return the edges between two concepts by way of their nearest common ancestor.

        A concept counts as its own ancestor; :data:`NO_PATH` where they share none.
        """
        left, right = self._heights(first), self._heights(second)
        shared = left.keys() & right.keys()
        return min((left[concept] + right[concept] for concept in shared), default=NO_PATH)

    def label_count(self) -> int:
        """Return how many labels all concepts have together."""
        return sum(len(concept.labels) for concept in self.concepts.values())

    def _heights(self, concept_id: str) -> Mapping[str, int]:
        """Return the fewest edges from a concept up to itself and each of its ancestors."""
        if concept_id not in self._known_heights:
            heights, height, level = {concept_id: 0}, 0, {concept_id}
            while level:
                above = {p for concept in level for p in self.concepts[concept].parents}
                level, height = above - heights.keys(), height + 1
                heights.update(dict.fromkeys(level, height))
            self._known_heights[concept_id] = heights
        return self._known_heights[concept_id]


def build_ontology(head: Head, concepts: Iterable[Concept]) -> Ontology:
    """Return the ontology of ``concepts``, its hierarchy closed.

    The caller has checked that ids are unique, parents exist and no cycle is left
    (:func:`find_cycles`).
    """
    by_id = {concept.id: concept for concept in sorted(concepts, key=lambda each: each.id)}
    parents = {concept.id: concept.parents for concept in by_id.values()}
    return Ontology(
        name=head.name,
        title=head.title,
        version=head.version,
        licence=head.licence,
        digest=_digest(head, by_id.values()),
        concepts=MappingProxyType(by_id),
        _ancestors=MappingProxyType(_closure(parents)),
        _children=MappingProxyType(_children_of(parents)),
    )


def find_cycles(parents: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Return cycles of the parent relation, each from a concept round to itself.

    Every group of concepts that are above one another yields at least one. Parents that are
    not keys of ``parents`` are passed over.
    """
    left = {child: tuple(p for p in above if p in parents) for child, above in parents.items()}
    cycles: list[tuple[str, ...]] = []
    while left := _without(left, _parents_first(left)):
        cycle = _walk_round(left)
        cycles.append(cycle)
        left = _without(left, cycle)
    return tuple(cycles)


def _without(
    parents: Mapping[str, tuple[str, ...]], gone: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    removed = set(gone)
    return {
        child: tuple(parent for parent in above if parent not in removed)
        for child, above in parents.items()
        if child not in removed
    }


def _walk_round(parents: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Go up from any concept until one comes again; all of them have a parent here."""
    walk = [min(parents)]
    while (above := parents[walk[-1]][0]) not in walk:
        walk.append(above)
    return (*walk[walk.index(above) :], above)


def _parents_first(parents: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the concepts so that parents come before children; those behind a cycle are left out.

    Kahn's algorithm: no recursion, so no depth is too deep.
    """
    below = _children_of(parents)
    waiting = {child: len(set(above)) for child, above in parents.items()}
    order = [child for child, count in waiting.items() if not count]
    for concept in order:  # grows while it is walked
        for child in below[concept]:
            waiting[child] -= 1
            if not waiting[child]:
                order.append(child)
    return order


def _children_of(parents: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    below: dict[str, set[str]] = defaultdict(set)
    for child, above in parents.items():
        for parent in above:
            below[parent].add(child)
    return {concept: tuple(sorted(below[concept])) for concept in parents}


def _closure(parents: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    closed: dict[str, frozenset[str]] = {}
    for concept in _parents_first(parents):
        above = parents[concept]
        closed[concept] = frozenset(above).union(*(closed[parent] for parent in above))
    return closed


def _digest(head: Head, concepts: Iterable[Concept]) -> str:
    return digest_json(
        {
            "head": [head.name, head.title, head.prefix, head.version, head.licence],
            "concepts": [
                {
                    "id": concept.id,
                    "branch": concept.branch,
                    "labels": [[x.text, x.language, x.scope, x.type] for x in concept.labels],
                    "definition": concept.definition,
                    "parents": sorted(concept.parents),
                    "source": concept.source,
                }
                for concept in concepts
            ],
        }
    )
