"""The concept model: names with language, scope and type; hierarchy, relations, quantities."""

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
    PLURAL = "plural"
    SPELLING = "spelling"
    LAYPERSON = "layperson"
    BRAND = "brand"
    CODE = "code"


class Kind(StrEnum):
    """What an ontology language calls the thing that the concept stands for."""

    CLASS = "class"
    PROPERTY = "property"
    INDIVIDUAL = "individual"


class Status(StrEnum):
    """Whether a concept is still in use."""

    ACTIVE = "active"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True)
class Label:
    """One name of a concept."""

    text: str
    language: str
    scope: Scope
    type: LabelType


@dataclass(frozen=True, slots=True)
class Relation:
    """A statement about the concept: ``predicate`` holds between it and ``target`` (an id)."""

    predicate: str
    target: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """What numbers a measured concept takes in one unit.

    Attributes:
        unit: As written in practice, such as ``mmol/L``.
        plausible: Lowest and highest value that is no slip of the pen.
        reference: The range called normal; a side is None where it is open, both where there is
            none.
        note: Whom or what the reference is for.
    """

    unit: str
    plausible: tuple[float, float]
    reference: tuple[float | None, float | None] = (None, None)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """The concept in another vocabulary (the SSSOM columns predicate_id and object_id)."""

    predicate: str
    target: str


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that the field has a name for.

    Attributes:
        id: CURIE, such as ``fin:credit_default_swap``.
        branch: The part of the ontology that it belongs to (the source file's branch).
        labels: All its names; at most one PREFERRED a language, English always there in the
            bundled ontologies.
        definition: One English sentence, in this project's words; empty where imported
            ontologies give none.
        parents: Ids of the more general concepts.
        source: Where the facts can be checked.
        kind: Class, property or individual.
        relations: Statements about it.
        disjoint_with: Ids of concepts that nothing can be an instance of at the same time.
        quantities: What values are plausible and normal, one entry a unit.
        mappings: The same or a near concept elsewhere.
        status: Whether it is still in use.
        replaced_by: Id of what to use instead, where it is not.
        origin: File that it was read from.
    """

    id: str
    branch: str
    labels: tuple[Label, ...]
    definition: str
    parents: tuple[str, ...]
    source: str
    kind: Kind = Kind.CLASS
    relations: tuple[Relation, ...] = ()
    disjoint_with: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    mappings: tuple[Mapping, ...] = ()
    status: Status = Status.ACTIVE
    replaced_by: str = ""
    origin: str = ""

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
