"""A checked set of concepts with its hierarchy closed: who is above, below and beside whom."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from operator import attrgetter
from types import MappingProxyType

from domain_adapt.base.hashing import canonical_json
from domain_adapt.ontology.concept import Concept
from domain_adapt.ontology.hierarchy import Hierarchy, build_hierarchy
from domain_adapt.ontology.packing import pack, pack_in_order, pack_rule
from domain_adapt.ontology.rules import Predicate, Rule

NO_PATH = 1_000_000
"""Distance of two concepts that share no ancestor: farther than any real path."""

_id = attrgetter("id")


@dataclass(frozen=True, slots=True)
class Packed:
    """The concepts and rules of an ontology as lines of JSON, in order of id."""

    concepts: list[str]
    rules: list[str]


@dataclass(frozen=True, slots=True)
class Head:
    """What an ontology says of itself.

    Attributes:
        name: Short name, as recipes write it.
        title: What a person calls it.
        prefix: What its own ids begin with.
        version: Its own version.
        licence: SPDX id; empty where it states none.
        sources: The named sources that its facts were checked against, or the files that it was
            imported from.
        predicates: The relations that it may state; none declared: any.
    """

    name: str
    title: str
    prefix: str
    version: str
    licence: str
    sources: tuple[str, ...] = ()
    predicates: tuple[Predicate, ...] = ()


@dataclass(frozen=True, slots=True)
class Ontology:
    """Concepts whose parents form no cycle. Build it with :func:`build_ontology`.

    Methods that take a concept's id raise ``KeyError`` where there is no such concept.

    Attributes:
        head: What it says of itself.
        digest: SHA-256 (hex) of the content; how it is spread over files does not matter.
        concepts: Id to concept, in order of id.
        rules: What judges, in order of id.
        hierarchy: Parents, ancestors and disjointness as arrays.
    """

    head: Head
    digest: str
    concepts: Mapping[str, Concept] = field(repr=False, compare=False)
    rules: tuple[Rule, ...] = field(repr=False, compare=False)
    hierarchy: Hierarchy = field(repr=False, compare=False)
    # kept once computed: distances are asked for in pairs, of the same few hundred concepts
    _known_heights: dict[str, Mapping[str, int]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def name(self) -> str:
        """Short name, such as ``finance``."""
        return self.head.name

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.head.title

    @property
    def version(self) -> str:
        """Its own version."""
        return self.head.version

    @property
    def licence(self) -> str:
        """SPDX id; empty where it states none."""
        return self.head.licence

    def ancestors(self, concept_id: str) -> frozenset[str]:
        """Return the ids of all more general concepts, the concept itself left out."""
        return self.hierarchy.above(concept_id)

    def children(self, concept_id: str) -> tuple[str, ...]:
        """Return the ids of the concepts directly below, in order of id."""
        return self.hierarchy.below(concept_id)

    def is_a(self, concept_id: str, ancestor_id: str) -> bool:
        """Say whether a concept is, or lies under, another."""
        return self.hierarchy.is_a(concept_id, ancestor_id)

    def are_disjoint(self, first: str, second: str) -> bool:
        """Say whether nothing can be both, declared or entailed."""
        return self.hierarchy.are_disjoint(first, second)

    def lowest_common_ancestors(self, first: str, second: str) -> tuple[str, ...]:
        """Return the most special concepts above (or equal to) both, in order of id."""
        return self.hierarchy.lowest_common_ancestors(first, second)

    def leaves(self) -> tuple[str, ...]:
        """Return the ids of concepts with nothing below them, in order of id."""
        return tuple(concept for concept in self.concepts if not self.children(concept))

    def siblings(self, concept_id: str) -> tuple[str, ...]:
        """Return the ids of the other concepts that share a parent, in order of id."""
        row = self.hierarchy.parents.row(self.hierarchy.index[concept_id])
        beside = {x for place in row for x in self.hierarchy.children.row(place)}
        named = (self.hierarchy.ids[place] for place in sorted(beside))
        return tuple(concept for concept in named if concept != concept_id)

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
            ids, parents = self.hierarchy.ids, self.hierarchy.parents
            heights, height, level = {concept_id: 0}, 0, {self.hierarchy.index[concept_id]}
            while level:
                above = {p for place in level for p in parents.row(place)}
                level = {place for place in above if ids[place] not in heights}
                height += 1
                heights.update(dict.fromkeys((ids[place] for place in level), height))
            self._known_heights[concept_id] = heights
        return self._known_heights[concept_id]


def build_ontology(head: Head, concepts: Iterable[Concept], rules: Iterable[Rule] = ()) -> Ontology:
    """Return the ontology of ``concepts``, its hierarchy closed.

    The caller has checked that ids are unique and no cycle is left
    (:func:`domain_adapt.ontology.hierarchy.find_cycles`). Parents that are not among the concepts
    (an import whose imports are not there) are kept on the concept and have no place in the
    hierarchy.
    """
    return build_packed(head, concepts, rules)[0]


def build_packed(
    head: Head, concepts: Iterable[Concept], rules: Iterable[Rule] = ()
) -> tuple[Ontology, Packed]:
    """Return what :func:`build_ontology` does, and the lines that its digest was taken of."""
    by_id = {concept.id: concept for concept in sorted(concepts, key=_id)}
    ordered = tuple(sorted(rules, key=_id))
    packed = Packed([*map(pack, by_id.values())], [*map(pack_rule, ordered)])
    ontology = Ontology(
        head=head,
        digest=_digest(head, by_id.values(), packed),
        concepts=MappingProxyType(by_id),
        rules=ordered,
        hierarchy=build_hierarchy(
            {concept.id: concept.parents for concept in by_id.values()},
            ((concept.id, other) for concept in by_id.values() for other in concept.disjoint_with),
        ),
    )
    return ontology, packed


def pack_ontology(ontology: Ontology) -> Packed:
    """Return the lines of an ontology."""
    concepts = map(pack, ontology.concepts.values())
    return Packed([*concepts], [*map(pack_rule, ontology.rules)])


def _digest(head: Head, concepts: Iterable[Concept], packed: Packed) -> str:
    digest = hashlib.sha256(canonical_json(asdict(head)).encode())
    in_order = [
        line
        if len(concept.parents) < 2 and not concept.disjoint_with
        else pack_in_order(concept, line)
        for concept, line in zip(concepts, packed.concepts, strict=True)
    ]
    for part in (in_order, packed.rules):
        digest.update(b"\n\n")  # no line is empty, so the parts cannot be confused
        digest.update("\n".join(part).encode())
    return digest.hexdigest()
