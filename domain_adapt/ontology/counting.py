"""How much an ontology holds: the figures by which an import is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain_adapt.ontology.concept import Concept, Kind, LabelType
from domain_adapt.ontology.hierarchy import find_cycles
from domain_adapt.ontology.ontology import Ontology

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Counts:
    """What an ontology holds.

    Attributes:
        classes: Concepts that are classes.
        properties: Concepts that are properties.
        individuals: Concepts that are individuals.
        labels: Names of all kinds and languages.
        abbreviations: Different short forms among them.
        definitions: Classes with a definition.
        parent_edges: Pairs of a class and a class directly above it, also outside of the files.
        cycles: Groups of classes that are above one another.
        disjoint_pairs: Declared ones, as often as files declare them: A with B, and B with A.
        entailed_disjoint_pairs: What each declaration entails, itself included: pairs of a class
            at or below the one and a class at or below the other, added up over the declarations.
        different_disjoint_pairs: The same, each unordered pair counted once.
        unresolved_parents: Different parents of classes that are not in the files.
        rules: Statements about use together.
    """

    classes: int
    properties: int
    individuals: int
    labels: int
    abbreviations: int
    definitions: int
    parent_edges: int
    cycles: int
    disjoint_pairs: int
    entailed_disjoint_pairs: int
    different_disjoint_pairs: int
    unresolved_parents: int
    rules: int


def count(ontology: Ontology) -> Counts:
    """Count what an ontology holds."""
    concepts = tuple(ontology.concepts.values())
    kinds = {kind: sum(each.kind is kind for each in concepts) for kind in Kind}
    classes = [each for each in concepts if each.kind is Kind.CLASS]
    parents = {each.id: each.parents for each in classes}
    declared = [(each.id, other) for each in classes for other in each.disjoint_with]
    entailed, different = _entailed(parents, declared)
    return Counts(
        classes=kinds[Kind.CLASS],
        properties=kinds[Kind.PROPERTY],
        individuals=kinds[Kind.INDIVIDUAL],
        labels=ontology.label_count(),
        abbreviations=_abbreviations(concepts),
        definitions=sum(bool(each.definition) for each in classes),
        parent_edges=sum(len(above) for above in parents.values()),
        cycles=len(find_cycles(parents)) if _has_cycle(ontology, classes) else 0,
        disjoint_pairs=len(declared),
        entailed_disjoint_pairs=entailed,
        different_disjoint_pairs=different,
        unresolved_parents=len({x for above in parents.values() for x in above} - parents.keys()),
        rules=len(ontology.rules),
    )


def _abbreviations(concepts: Sequence[Concept]) -> int:
    return len(
        {
            label.text
            for concept in concepts
            for label in concept.labels
            if label.type is LabelType.ABBREVIATION
        }
    )


def _has_cycle(ontology: Ontology, classes: Sequence[Concept]) -> bool:
    """Say whether anything has a parent and, being behind a cycle, no ancestor."""
    index, rows = ontology.hierarchy.index, ontology.hierarchy
    places = (index[each.id] for each in classes)
    return any(rows.parents.row(place) and not rows.ancestors.row(place) for place in places)


def _entailed(parents: Mapping[str, Sequence[str]], declared: Sequence[Pair]) -> tuple[int, int]:
    """Return what the declarations entail: added up, and as different unordered pairs.

    Classes that are only named as a parent or as disjoint take part as well. The sets of pairs
    are kept as bit masks: upper classes of large ontologies entail hundreds of millions.
    """
    children: dict[str, list[str]] = {}
    for child, above in parents.items():
        for parent in above:
            children.setdefault(parent, []).append(child)
    below = {each: _at_or_below(each, children) for pair in declared for each in pair}
    bits: dict[str, int] = {}
    for group in below.values():
        for each in group:
            bits.setdefault(each, len(bits))
    masks = {each: _mask([bits[x] for x in group], len(bits)) for each, group in below.items()}
    apart: dict[str, int] = {}
    for first, second in declared:
        for one, other in ((first, second), (second, first)):
            for each in below[one]:
                apart[each] = apart.get(each, 0) | masks[other]
    ordered = sum((mask & ~(1 << bits[each])).bit_count() for each, mask in apart.items())
    added = sum(len(below[first]) * len(below[second]) for first, second in declared)
    return added, ordered // 2


def _mask(places: Sequence[int], length: int) -> int:
    packed = bytearray(length // 8 + 1)
    for place in places:
        packed[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(packed, "little")


def _at_or_below(top: str, children: Mapping[str, Sequence[str]]) -> set[str]:
    found, waiting = {top}, [top]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found
