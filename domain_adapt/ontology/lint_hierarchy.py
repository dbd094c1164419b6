"""Checks of the hierarchy: what contradicts disjointness, goes round, or hangs in the air."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from domain_adapt.ontology.concept import Concept, Status
from domain_adapt.ontology.hierarchy import find_cycles
from domain_adapt.ontology.lint_finding import Finding
from domain_adapt.ontology.ontology import Ontology


def hierarchy_findings(ontology: Ontology) -> dict[str, list[Finding]]:
    """Return what is wrong with the concepts' places, by concept."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in (*_cycles(ontology), *_parents(ontology), *_disjointness(ontology)):
        found[finding.concept].append(finding)
    return found


def _cycles(ontology: Ontology) -> Iterator[Finding]:
    for cycle in find_cycles({each.id: each.parents for each in ontology.concepts.values()}):
        yield Finding("cycle", cycle[0], f"parents go round: {' → '.join(cycle)}.")


def _parents(ontology: Ontology) -> Iterator[Finding]:
    concepts = ontology.concepts
    for concept in concepts.values():
        for parent in concept.parents:
            if parent not in concepts:
                message = f"the parent '{parent}' is not in this ontology."
                yield Finding("dangling-parent", concept.id, message)
            elif concepts[parent].status is Status.DEPRECATED and concept.status is Status.ACTIVE:
                other = concepts[parent].replaced_by
                message = f"the parent '{parent}' is deprecated"
                message += f"; '{other}' replaces it." if other else "."
                yield Finding("deprecated-parent", concept.id, message)


def _disjointness(ontology: Ontology) -> Iterator[Finding]:
    """Find concepts that are under two disjoint ones; what is below them follows, untold."""
    hierarchy = ontology.hierarchy
    wrong = {
        place
        for place in range(len(hierarchy.ids))
        if (apart := hierarchy.disjoint.row(place))
        and not {place, *hierarchy.ancestors.row(place)}.isdisjoint(apart)
    }
    for place in sorted(wrong):
        if not wrong.isdisjoint(hierarchy.parents.row(place)):
            continue
        upward = sorted({place, *hierarchy.ancestors.row(place)})
        for first, second in _declared(ontology, [hierarchy.ids[each] for each in upward]):
            message = f"it is under '{first}' and under '{second}', which are disjoint."
            yield Finding("disjointness-violated", hierarchy.ids[place], message)


def _declared(ontology: Ontology, ids: list[str]) -> Iterable[tuple[str, str]]:
    """Return the declared disjoint pairs among ``ids``, each once."""
    known = set(ids)
    pairs = {
        (min(each, other), max(each, other))
        for each in ids
        for other in ontology.concepts[each].disjoint_with
        if other in known
    }
    return sorted(pairs)


def predicate_sides(concept: Concept, ontology: Ontology) -> Iterator[Finding]:
    """Find relations whose subject or target lies outside of the predicate's domain or range.

    Sides that name nothing of this ontology cannot be judged.
    """
    if not concept.relations:
        return
    predicates = {each.id: each for each in ontology.head.predicates}
    for relation in concept.relations:
        predicate = predicates.get(relation.predicate)
        if predicate is None:
            continue
        for side, thing, allowed in (
            ("domain", concept.id, predicate.domain),
            ("range", relation.target, predicate.range),
        ):
            known = [each for each in allowed if each in ontology.concepts]
            if not known or len(known) < len(allowed) or thing not in ontology.concepts:
                continue
            if not any(ontology.is_a(thing, each) for each in known):
                names = "' or '".join(known)
                message = f"'{thing}' is outside the {side} of '{predicate.id}' ('{names}')."
                yield Finding("relation-outside", concept.id, message)
