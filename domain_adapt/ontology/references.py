"""Checks that relations, disjointness, replacements and rules speak of what exists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain_adapt.base.suggest import did_you_mean
from domain_adapt.ontology.concept import Concept, Relation
from domain_adapt.ontology.draft import Draft, Placed
from domain_adapt.ontology.hierarchy import Hierarchy, build_hierarchy
from domain_adapt.ontology.rules import Predicate, Rule

_SHORT_LIST = 50


def check_references(draft: Draft) -> None:
    """Report ids that do not exist, undeclared predicates, and targets of the wrong kind."""
    predicates = {predicate.id: predicate for predicate in draft.predicates}
    parents = {placed.item.id: placed.item.parents for placed in draft.concepts}
    hierarchy = build_hierarchy(parents)
    for placed in draft.concepts:
        _check_targets(draft, placed)
        _check_relations(draft, placed, predicates, hierarchy)
    _check_rules(draft)


def bare(concept_id: str) -> str:
    """Return an id without its prefix, as the files write it."""
    return concept_id.partition(":")[2]


def nearest(concept_id: str, known: Iterable[str]) -> str:
    """Return a sentence with the nearest known id; a list of hundreds of ids helps nobody."""
    names = {bare(each) for each in known}
    text = did_you_mean(bare(concept_id), names)
    if len(names) < _SHORT_LIST or text.startswith("Did you mean"):
        return text
    return "No id is near to it."


def _check_targets(draft: Draft, placed: Placed[Concept]) -> None:
    concept = placed.item
    for field, targets in (
        ("disjoint_with", concept.disjoint_with),
        ("replaced_by", (concept.replaced_by,) if concept.replaced_by else ()),
    ):
        for target in targets:
            if target not in draft.ids or target == concept.id:
                _unknown(draft, placed.place(field), f"'{concept.id}' {field}", target)


def _check_relations(
    draft: Draft,
    placed: Placed[Concept],
    predicates: Mapping[str, Predicate],
    hierarchy: Hierarchy,
) -> None:
    for relation in placed.item.relations:
        place = placed.place("relations", relation.predicate)
        predicate = predicates.get(relation.predicate)
        if predicate is None:
            message = f"the predicate '{relation.predicate}' is not declared in ontology.yaml. "
            draft.report(23, place, message + did_you_mean(relation.predicate, predicates))
        elif relation.target not in draft.ids:
            _unknown(draft, place, f"'{placed.item.id}' {relation.predicate}", relation.target)
        else:
            _check_sides(draft, placed, relation, predicate, hierarchy)


def _check_sides(
    draft: Draft,
    placed: Placed[Concept],
    relation: Relation,
    predicate: Predicate,
    hierarchy: Hierarchy,
) -> None:
    for side, concept, allowed in (
        ("domain", placed.item.id, predicate.domain),
        ("range", relation.target, predicate.range),
    ):
        known = [each for each in allowed if each in hierarchy.index]
        if concept not in hierarchy.index or not allowed:
            continue
        if not any(hierarchy.is_a(concept, each) for each in known):
            names = " or ".join(bare(each) for each in allowed)
            message = f"'{bare(concept)}' is outside the {side} of '{predicate.id}' ({names})."
            draft.report(24, placed.place("relations", relation.predicate), message)


def _check_rules(draft: Draft) -> None:
    first: dict[str, Placed[Rule]] = {}
    for placed in draft.rules:
        earlier = first.setdefault(placed.item.id, placed)
        if earlier is not placed:
            message = f"the id '{placed.item.id}' is taken by {earlier.place('id')}."
            draft.report(14, placed.place("id"), message)
        for concept in placed.item.concepts():
            if concept not in draft.ids:
                _unknown(draft, placed.place(), f"the rule '{placed.item.id}'", concept)


def _unknown(draft: Draft, place: str, who: str, target: str) -> None:
    message = f"{who} names '{bare(target)}', which is no other concept of this ontology. "
    draft.report(25, place, message + nearest(target, draft.ids))
