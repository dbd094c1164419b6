"""An ontology under construction: what was read, where each piece stands, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from domain_adapt.config.problems import Problem
from domain_adapt.config.yaml_text import YamlText
from domain_adapt.ontology.concept import Concept
from domain_adapt.ontology.rules import Predicate, Rule

Item = TypeVar("Item", Concept, Rule)


@dataclass(frozen=True, slots=True)
class Placed(Generic[Item]):
    """A concept or rule and where it was written."""

    item: Item
    file: YamlText
    section: str
    index: int

    def place(self, *path: str | int) -> str:
        """Return file and line of the item, or of a part of it."""
        return self.file.place((self.section, self.index, *path))


@dataclass(slots=True)
class Draft:
    """An ontology under construction.

    ``ids`` holds the ids of faulty entries too: a parent that exists but has a typing error
    is not a missing parent.
    """

    prefix: str
    concepts: list[Placed[Concept]] = field(default_factory=list)
    rules: list[Placed[Rule]] = field(default_factory=list)
    predicates: tuple[Predicate, ...] = ()
    sources: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def report(self, number: int, place: str, message: str) -> None:
        """Note one problem."""
        self.problems.append(Problem(f"DA-ONTO-{number:03}", place, message))
