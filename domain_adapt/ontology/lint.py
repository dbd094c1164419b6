"""What is allowed in an ontology but will teach a model badly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain_adapt.ontology.concept import Concept, Status
from domain_adapt.ontology.lint_finding import Finding, FindingSeverity
from domain_adapt.ontology.lint_hierarchy import hierarchy_findings, predicate_sides
from domain_adapt.ontology.lint_names import (
    acronym_collisions,
    definition_leaks,
    duplicate_labels,
    missing_labels,
    preferred_languages,
    repeated_across_scopes,
)
from domain_adapt.ontology.lint_units import disagreeing_units
from domain_adapt.ontology.ontology import Ontology

__all__ = ["SHORTEST_DEFINITION", "Finding", "FindingSeverity", "lint"]

SHORTEST_DEFINITION = 6
"""Words. Shorter definitions fit many concepts, so nothing can be asked about them."""


@dataclass(frozen=True, slots=True)
class _Given:
    """What any concept has at all; what none has is one finding, not one a concept."""

    definitions: bool
    sources: bool


def lint(ontology: Ontology) -> tuple[Finding, ...]:
    """Return all findings, those about the whole first, then by concept.

    Deprecated concepts are judged by their place alone: nobody will write them better.
    """
    given = _Given(
        definitions=_any(ontology, "definition"),
        sources=_any(ontology, "source"),
    )
    checks = _concept_checks(ontology, given)
    findings = [*_whole(ontology, given), *_statements(ontology)]
    for concept in ontology.concepts.values():
        for check in checks:
            findings.extend(check(concept))
    return tuple(findings)


def _concept_checks(
    ontology: Ontology, given: _Given
) -> tuple[Callable[[Concept], Iterator[Finding]], ...]:
    """Return the checks of one concept; what they need of all others is gathered once."""
    languages = preferred_languages(ontology)
    collisions, duplicates = acronym_collisions(ontology), duplicate_labels(ontology)
    structure = hierarchy_findings(ontology)

    def names(concept: Concept) -> Iterator[Finding]:
        if concept.status is Status.DEPRECATED:
            return
        yield from definition_leaks(concept)
        if given.definitions:
            yield from _definition(concept)
        yield from missing_labels(concept, languages)
        yield from repeated_across_scopes(concept)
        yield from collisions.get(concept.id, ())
        yield from duplicates.get(concept.id, ())
        if given.sources:
            yield from _missing_source(concept)

    def places(concept: Concept) -> Iterator[Finding]:
        yield from structure.get(concept.id, ())
        yield from predicate_sides(concept, ontology)
        yield from disagreeing_units(concept)

    return names, places


def _any(ontology: Ontology, name: str) -> bool:
    """Say whether any concept has something; of a single concept it is told by itself."""
    concepts = ontology.concepts.values()
    return len(concepts) == 1 or any(getattr(concept, name) for concept in concepts)


def _whole(ontology: Ontology, given: _Given) -> Iterator[Finding]:
    if not ontology.licence:
        yield Finding("missing-licence", "", f"'{ontology.name}' states no licence.")
    if not given.definitions:
        yield Finding("missing-definition", "", "no concept has a definition.")
    if not given.sources:
        yield Finding("missing-source", "", "no concept has a source.")


def _statements(ontology: Ontology) -> Iterator[Finding]:
    """A rule that is told in fewer languages than the concepts cannot be taught in them."""
    languages = preferred_languages(ontology)
    for rule in ontology.rules:
        lacking = [each for each in languages if each not in rule.statement]
        if lacking:
            names = "', '".join(lacking)
            message = f"'{rule.id}' has no statement in '{names}'."
            yield Finding("missing-statement", rule.subject, message)


def _definition(concept: Concept) -> Iterator[Finding]:
    count = len(concept.definition.split())
    if not count:
        yield Finding("missing-definition", concept.id, "no definition.")
    elif count < SHORTEST_DEFINITION:
        message = f"the definition has {count} words; expected {SHORTEST_DEFINITION} or more."
        yield Finding("short-definition", concept.id, message)


def _missing_source(concept: Concept) -> Iterator[Finding]:
    if not concept.source:
        yield Finding("missing-source", concept.id, "no source: nobody can check the facts.")
