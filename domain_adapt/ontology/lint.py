"""What is allowed in an ontology but will teach a model badly."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from domain_adapt.ontology.concept import Concept, LabelType, Scope
from domain_adapt.ontology.ontology import Ontology

SHORTEST_DEFINITION = 6
"""Words. Shorter definitions fit many concepts, so nothing can be asked about them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at.

    Attributes:
        rule: Stable name of the rule.
        concept: Id of the concept; empty for the ontology as a whole.
        message: What was found, with the value in it.
    """

    rule: str
    concept: str
    message: str


def lint(ontology: Ontology) -> tuple[Finding, ...]:
    """Return all findings, those about the whole first, then by concept."""
    findings = [*_whole(ontology)]
    collisions = _collisions(ontology)
    languages = _languages(ontology)
    for concept in ontology.concepts.values():
        findings += [
            *_definition_leaks(concept),
            *_short_definition(concept),
            *_missing_labels(concept, languages),
            *_repeated_across_scopes(concept),
            *collisions.get(concept.id, ()),
            *_missing_source(concept),
        ]
    return tuple(findings)


def _whole(ontology: Ontology) -> Iterator[Finding]:
    if not ontology.licence:
        yield Finding("missing-licence", "", f"'{ontology.name}' states no licence.")


def _definition_leaks(concept: Concept) -> Iterator[Finding]:
    """A definition that says the concept's name answers every question about itself."""
    for label in concept.labels:
        if label.scope is not Scope.EXACT or label.language != "en":
            continue
        exact_case = label.type is LabelType.ABBREVIATION
        words = r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", label.text) if word)
        flags = re.NOFLAG if exact_case else re.IGNORECASE
        if re.search(rf"(?<!\w){words}(?:s|es)?(?!\w)", concept.definition, flags):
            message = f"the definition holds its own name '{label.text}'."
            yield Finding("definition-leak", concept.id, message)


def _short_definition(concept: Concept) -> Iterator[Finding]:
    count = len(concept.definition.split())
    if count < SHORTEST_DEFINITION:
        message = f"the definition has {count} words; expected {SHORTEST_DEFINITION} or more."
        yield Finding("short-definition", concept.id, message)


def _languages(ontology: Ontology) -> tuple[str, ...]:
    """Return the languages in which any concept has a preferred label."""
    return tuple(
        sorted(
            {
                label.language
                for concept in ontology.concepts.values()
                for label in concept.labels
                if label.type is LabelType.PREFERRED
            }
        )
    )


def _missing_labels(concept: Concept, languages: tuple[str, ...]) -> Iterator[Finding]:
    for language in languages:
        if not concept.preferred(language):
            yield Finding("missing-label", concept.id, f"no preferred label in '{language}'.")


def _repeated_across_scopes(concept: Concept) -> Iterator[Finding]:
    scopes: dict[str, set[str]] = defaultdict(set)
    for label in concept.labels:
        scopes[label.text.casefold()].add(label.scope)
    for text, found in scopes.items():
        if len(found) > 1:
            message = f"'{text}' is at once {' and '.join(sorted(found))}."
            yield Finding("repeated-across-scopes", concept.id, message)


def _collisions(ontology: Ontology) -> dict[str, list[Finding]]:
    """Find abbreviations that, ignoring case, are a name of another concept too."""
    users: dict[str, set[str]] = defaultdict(set)
    for concept in ontology.concepts.values():
        for label in concept.labels:
            if label.scope is Scope.EXACT:
                users[label.text.casefold()].add(concept.id)
    found: dict[str, list[Finding]] = defaultdict(list)
    for concept in ontology.concepts.values():
        for text in concept.names(LabelType.ABBREVIATION):
            others = sorted(users[text.casefold()] - {concept.id})
            if others:
                message = f"'{text}' also names {', '.join(others)}."
                found[concept.id].append(Finding("acronym-collision", concept.id, message))
    return found


def _missing_source(concept: Concept) -> Iterator[Finding]:
    if not concept.source:
        yield Finding("missing-source", concept.id, "no source: nobody can check the facts.")
