"""Checks of an ontology that only show over all of its files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from domain_adapt.config.schema import show
from domain_adapt.ontology.concept import Concept, Label, LabelType, Scope
from domain_adapt.ontology.draft import Draft, Placed
from domain_adapt.ontology.hierarchy import find_cycles
from domain_adapt.ontology.references import bare, check_references, nearest
from domain_adapt.ontology.source import ConceptEntry


def check_entry(draft: Draft, placed: Placed[Concept], entry: ConceptEntry) -> None:
    """Check what is asked of the project's own concepts beyond types."""
    if "en" not in entry.label:
        known = ", ".join(entry.label) or "none"
        message = f"'{entry.id}' has no label.en (labels: {known}); every concept needs one."
        draft.report(13, placed.place("label"), message)
    if not entry.definition:
        message = f"'{entry.id}' has an empty definition; expected one sentence."
        draft.report(18, placed.place("definition"), message)


def check_whole(draft: Draft, folder: Path) -> None:
    """Check what only shows over all files: ids, parents, cycles, labels, emptiness."""
    _check_ids(draft)
    _check_parents(draft)
    _check_cycles(draft)
    _check_labels(draft)
    check_references(draft)
    if not draft.ids and not draft.problems:
        message = f"no concept in any *.yaml beside it in '{folder}'; expected at least one."
        draft.report(19, "ontology.yaml", message)


def _check_ids(draft: Draft) -> None:
    """Report ids that are there twice; only the first goes on, its labels would all clash."""
    first: dict[str, Placed[Concept]] = {}
    for placed in draft.concepts:
        earlier = first.setdefault(placed.item.id, placed)
        if earlier is not placed:
            message = f"the id '{placed.item.id}' is taken by {earlier.place('id')}."
            draft.report(14, placed.place("id"), message)
    draft.concepts = list(first.values())


def _check_parents(draft: Draft) -> None:
    for placed in draft.concepts:
        for number, parent in enumerate(placed.item.parents):
            if parent not in draft.ids:
                message = f"'{placed.item.id}' has the parent '{bare(parent)}', which does not "
                message += f"exist. {nearest(parent, draft.ids)}"
                draft.report(15, placed.place("parents", number), message)


def _check_cycles(draft: Draft) -> None:
    places = {placed.item.id: placed.place("parents") for placed in draft.concepts}
    parents = {placed.item.id: placed.item.parents for placed in draft.concepts}
    for cycle in find_cycles(parents):
        message = f"parents go round: {' → '.join(cycle)}; expected no concept above itself."
        draft.report(16, places[cycle[0]], message)


def _check_labels(draft: Draft) -> None:
    first: dict[tuple[str, str, bool], Placed[Concept]] = {}
    for placed in draft.concepts:
        for label in _exact_labels(placed.item):
            abbreviation = label.type is LabelType.ABBREVIATION
            text = label.text if abbreviation else label.text.casefold()
            key = (label.language, text, abbreviation)
            if key not in first:
                first[key] = placed
                continue
            message = f"'{placed.item.id}' has the label {show(label.text)}, which "
            message += _whose(first[key], placed)
            draft.report(17, placed.place(*_label_path(placed, label)), message)


def _exact_labels(concept: Concept) -> Iterator[Label]:
    return (label for label in concept.labels if label.scope is Scope.EXACT)


def _whose(first: Placed[Concept], second: Placed[Concept]) -> str:
    if first is second:
        return "it has already; write each name once."
    return (
        f"is also exact for '{first.item.id}' ({first.place()}); expected one meaning: "
        "make it 'related', 'narrow' or 'broad' in one of them."
    )


_LISTS = {
    LabelType.ABBREVIATION: "abbreviations",
    LabelType.SYNONYM: "synonyms",
    LabelType.SPELLING: "spellings",
    LabelType.PLURAL: "plurals",
    LabelType.LAYPERSON: "layperson",
    LabelType.BRAND: "brands",
    LabelType.CODE: "codes",
}


def _label_path(placed: Placed[Concept], label: Label) -> tuple[str, ...]:
    if label.type is LabelType.PREFERRED:
        return ("label", label.language)
    return (_LISTS[label.type],)
