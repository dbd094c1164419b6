"""One finding of the lint, and how bad its rule is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FindingSeverity(StrEnum):
    """Whether an ontology with such a finding may be relied on."""

    ERROR = "error"
    """Two statements contradict each other: one of them is wrong."""
    WARNING = "warning"
    """Something is missing or unclear."""


_ERRORS = frozenset({"cycle", "disjointness-violated", "units-disagree"})


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

    @property
    def severity(self) -> FindingSeverity:
        """How bad it is; the same for all findings of a rule."""
        return FindingSeverity.ERROR if self.rule in _ERRORS else FindingSeverity.WARNING
