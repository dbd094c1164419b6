"""What may not, must or should hold between concepts: the part of an ontology that judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class RuleKind(StrEnum):
    """What a rule says of its subject."""

    CONTRAINDICATION = "contraindication"
    """The subject must not be used where the object is there."""
    INTERACTION = "interaction"
    """Subject and object together are dangerous."""
    CAUTION = "caution"
    """The subject may be used with the object if it is watched."""
    FORBIDDEN = "forbidden"
    """Subject and object must never be stated together as true."""
    THRESHOLD = "threshold"
    """The bound establishes the subject, where the object (if there is one) is present too."""
    TARGET = "target"
    """The bound is what the treatment of the subject aims at."""
    REQUIREMENT = "requirement"
    """The subject needs the object first, or the bound to hold."""
    CONDUCT = "conduct"
    """Whoever speaks or acts about the subject respects the statement."""
    EXCLUDES1 = "excludes1"
    """ICD-10-CM: subject and object cannot be coded together."""
    EXCLUDES2 = "excludes2"
    """ICD-10-CM: the object is not part of the subject, but may be coded beside it."""


class Severity(StrEnum):
    """Whether a rule has exceptions.

    RELATIVE also where the fields say less than the statement ("uncorrected", "history of"): a
    check that reads the fields alone may warn and must not condemn.
    """

    ABSOLUTE = "absolute"
    RELATIVE = "relative"


class Comparison(StrEnum):
    """How a value is held against a bound."""

    BELOW = "below"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Bound:
    """A measured concept, held against a value in a unit."""

    concept: str
    comparison: Comparison
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        id: CURIE, in the ontology's prefix.
        kind: What it says.
        subject: Id of the concept it is about.
        object: Id of the other concept; empty where the bound says all.
        bounds: All must hold for the rule to apply; none for rules that always do.
        severity: Whether there are exceptions.
        statement: The rule as a sentence, by language.
        source: Where it can be checked.
    """

    id: str
    kind: RuleKind
    subject: str
    object: str = ""
    bounds: tuple[Bound, ...] = ()
    severity: Severity = Severity.ABSOLUTE
    statement: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    def concepts(self) -> tuple[str, ...]:
        """Return the ids of all concepts that the rule names."""
        named = (self.subject, self.object, *(bound.concept for bound in self.bounds))
        return tuple(concept for concept in named if concept)


@dataclass(frozen=True, slots=True)
class Predicate:
    """A relation that the ontology may state.

    Attributes:
        id: As relations write it, such as ``treats``.
        label: What a person calls it, by language.
        domain: Ids of the concepts under one of which the subject lies; empty: anything.
        range: The same for the target.
    """

    id: str
    label: Mapping[str, str] = field(default_factory=dict)
    domain: tuple[str, ...] = ()
    range: tuple[str, ...] = ()
