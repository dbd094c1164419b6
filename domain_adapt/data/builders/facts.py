"""What builders yield: facts, before they are put into words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain_adapt.ontology.ontology import Ontology


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to learn, in one direction.

    Attributes:
        concept: Id of the concept; None for names that do not exist.
        direction: Name of the direction in the phrasing file.
        given: What the question contains.
        wanted: What the answer is; empty where it is that there is none.
        refused: Rule id if the builder itself sees that the fact cannot be used.
    """

    concept: str | None
    direction: str
    given: str
    wanted: str
    refused: str | None = None


class Builder(Protocol):
    """Turns concepts into facts."""

    def __call__(
        self, ontology: Ontology, concept_ids: Sequence[str], *, seed: int
    ) -> Iterable[Fact]:
        """Return the facts of these concepts, in a fixed order."""
