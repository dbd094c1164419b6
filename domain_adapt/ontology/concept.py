"""The concept model: labels with language, scope and type; parents; definition."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """How close a label's meaning is to the concept's (the synonym scopes of OBO)."""

    EXACT = "exact"
    NARROW = "narrow"
    BROAD = "broad"
    RELATED = "related"


class LabelType(StrEnum):
    """What kind of label it is."""

    PREFERRED = "preferred"
    SYNONYM = "synonym"
    ABBREVIATION = "abbreviation"


@dataclass(frozen=True, slots=True)
class Label:
    """One name of a concept."""

    text: str
    language: str
    scope: Scope
    type: LabelType


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that the field has a name for.

    Attributes:
        id: CURIE, such as ``fin:credit_default_swap``.
        branch: The part of the ontology that it belongs to (the source file's branch).
        labels: All its names; exactly one PREFERRED a language, English always there.
        definition: One English sentence, in this project's words; empty where imported
            ontologies give none.
        parents: Ids of the more general concepts.
        source: Where the facts can be checked.
    """

    id: str
    branch: str
    labels: tuple[Label, ...]
    definition: str
    parents: tuple[str, ...]
    source: str

    def preferred(self, language: str = "en") -> str:
        """Return the preferred label, or an empty string where the language has none."""
        return next(
            (
                label.text
                for label in self.labels
                if label.type is LabelType.PREFERRED and label.language == language
            ),
            "",
        )

    def names(
        self, kind: LabelType, *, language: str = "en", scope: Scope = Scope.EXACT
    ) -> tuple[str, ...]:
        """Return the labels of one kind, language and scope, in source order."""
        return tuple(
            label.text
            for label in self.labels
            if label.type is kind and label.language == language and label.scope is scope
        )
