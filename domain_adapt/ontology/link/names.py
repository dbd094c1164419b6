"""The names that mentions are compared with, each with the ids that it is linked to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain_adapt.ontology.concept import Concept, Label, LabelType, Scope, Status

_BY_SCOPE = {Scope.EXACT: 1, Scope.NARROW: 2, Scope.BROAD: 3, Scope.RELATED: 3}
_INHERITED = 10
_BRIDGED = 20


@dataclass(frozen=True, slots=True)
class LinkName:
    """One name.

    Attributes:
        text: As written.
        ids: What a mention of it is linked to.
        rank: Of names that look alike the lowest rank counts: 0 for preferred labels, 1 to 3 by
            scope of the synonym; 10 more where the ids are an ancestor's, 20 more where another
            ontology lends the name.
    """

    text: str
    ids: tuple[str, ...]
    rank: int = 0


def names_of(concepts: Iterable[Concept], ids: Mapping[str, Sequence[str]]) -> tuple[LinkName, ...]:
    """Return the names of concepts, linked to ids of another vocabulary.

    Args:
        concepts: An ontology's; several with the same id (from several files of it) are one.
            Deprecated ones are passed over.
        ids: Id of a concept to the ids that its mentions get. A concept without any gets those
            of its nearest ancestor that has some; without such an ancestor it is left out.
    """
    together = [concept for concept in concepts if concept.status is Status.ACTIVE]
    parents: dict[str, list[str]] = defaultdict(list)
    for concept in together:
        parents[concept.id].extend(concept.parents)
    names = []
    for concept in together:
        own = tuple(ids.get(concept.id, ()))
        targets = own or _nearest(concept.id, parents, ids)
        if targets:
            start = 0 if own else _INHERITED
            names += [LinkName(x.text, targets, start + _rank(x)) for x in concept.labels]
    return tuple(names)


def borrowed_names(
    lenders: Iterable[Concept], names_by_mapping: Mapping[str, LinkName]
) -> tuple[LinkName, ...]:
    """Return the names that another ontology has for the same things.

    Args:
        lenders: The other ontology's concepts.
        names_by_mapping: Id in a third vocabulary, to which both are mapped (UMLS), to a name
            with the ids.
    """
    borrowed = []
    for concept in lenders:
        shared = (names_by_mapping.get(each.target) for each in concept.mappings)
        known = next((name for name in shared if name is not None), None)
        if known is not None and concept.status is Status.ACTIVE:
            start = known.rank + _BRIDGED
            borrowed += [LinkName(x.text, known.ids, start + _rank(x)) for x in concept.labels]
    return tuple(borrowed)


def _nearest(
    concept: str, parents: Mapping[str, Sequence[str]], ids: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    seen, level = {concept}, [concept]
    while level:
        level = [p for each in level for p in parents.get(each, ()) if p not in seen]
        seen.update(level)
        found = next((tuple(ids[each]) for each in level if ids.get(each)), ())
        if found:
            return found
    return ()


def _rank(label: Label) -> int:
    return 0 if label.type is LabelType.PREFERRED else _BY_SCOPE[label.scope]
