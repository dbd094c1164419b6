"""Checks of names: who shares one, who lacks one, whose definition gives it away."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from domain_adapt.ontology.concept import Concept, LabelType, Scope, Status
from domain_adapt.ontology.lint_finding import Finding
from domain_adapt.ontology.ontology import Ontology

_SHARE_OF_A_LANGUAGE = 0.1
_GAPS = re.compile(r"[\s-]+")


def definition_leaks(concept: Concept) -> Iterator[Finding]:
    """A definition that says the concept's name answers every question about itself."""
    if not concept.definition:
        return
    exact = _GAPS.sub(" ", concept.definition)
    folded = exact.lower()
    for label in concept.labels:
        if label.scope is not Scope.EXACT or label.language != "en":
            continue
        name = _GAPS.sub(" ", label.text).strip()
        abbreviation = label.type is LabelType.ABBREVIATION
        if name and _holds(
            exact if abbreviation else folded, name if abbreviation else name.lower()
        ):
            message = f"the definition holds its own name '{label.text}'."
            yield Finding("definition-leak", concept.id, message)


def _holds(text: str, name: str) -> bool:
    """Say whether a name stands in a text as a whole, or with a plural's ending."""
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if not (start and _in_word(text[start - 1])):
            for ending in ("", "s", "es"):
                after = end + len(ending)
                whole = after >= len(text) or not _in_word(text[after])
                if whole and text.startswith(ending, end):
                    return True
        start = text.find(name, start + 1)
    return False


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def preferred_languages(ontology: Ontology) -> tuple[str, ...]:
    """Return the languages in which at least a tenth of the concepts have a preferred label.

    FIBO names its countries in ninety languages, and nothing else: it is not in Azerbaijani.
    """
    counts = Counter(
        language
        for concept in ontology.concepts.values()
        for language in {x.language for x in concept.labels if x.type is LabelType.PREFERRED}
    )
    enough = len(ontology.concepts) * _SHARE_OF_A_LANGUAGE
    return tuple(sorted(language for language, count in counts.items() if count >= enough))


def missing_labels(concept: Concept, languages: tuple[str, ...]) -> Iterator[Finding]:
    """Find languages of the ontology in which a concept has no preferred label."""
    for language in languages:
        if not concept.preferred(language):
            yield Finding("missing-label", concept.id, f"no preferred label in '{language}'.")


def repeated_across_scopes(concept: Concept) -> Iterator[Finding]:
    """Find names that are said to be, say, exact and broad at once."""
    if len(concept.labels) < 2:
        return
    scopes: dict[str, set[str]] = defaultdict(set)
    for label in concept.labels:
        scopes[label.text.casefold()].add(label.scope)
    for text, found in scopes.items():
        if len(found) > 1:
            message = f"'{text}' is at once {' and '.join(sorted(found))}."
            yield Finding("repeated-across-scopes", concept.id, message)


def acronym_collisions(ontology: Ontology) -> dict[str, list[Finding]]:
    """Find abbreviations that, ignoring case, are a name of another concept too."""
    users: dict[str, set[str]] = defaultdict(set)
    for concept in _active(ontology):
        for label in concept.labels:
            if label.scope is Scope.EXACT:
                users[label.text.casefold()].add(concept.id)
    found: dict[str, list[Finding]] = defaultdict(list)
    for concept in _active(ontology):
        for text in concept.names(LabelType.ABBREVIATION):
            others = sorted(users[text.casefold()] - {concept.id})
            if others:
                message = f"'{text}' also names {', '.join(others)}."
                found[concept.id].append(Finding("acronym-collision", concept.id, message))
    return found


def duplicate_labels(ontology: Ontology) -> dict[str, list[Finding]]:
    """Find exact names, abbreviations aside, of several concepts; told of the first of them."""
    users: dict[tuple[str, str], list[str]] = {}
    for concept in _active(ontology):
        for label in concept.labels:
            if label.scope is Scope.EXACT and label.type is not LabelType.ABBREVIATION:
                row = users.setdefault((label.language, label.text.casefold()), [])
                if concept.id not in row:
                    row.append(concept.id)
    found: dict[str, list[Finding]] = defaultdict(list)
    for (_, text), concepts in users.items():
        if len(concepts) > 1:
            message = f"'{text}' is also an exact name of {', '.join(concepts[1:])}."
            found[concepts[0]].append(Finding("duplicate-label", concepts[0], message))
    return found


def _active(ontology: Ontology) -> Iterator[Concept]:
    return (each for each in ontology.concepts.values() if each.status is Status.ACTIVE)
