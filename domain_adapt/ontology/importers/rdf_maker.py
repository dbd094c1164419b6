"""Makes concepts of the subjects of an RDF graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from domain_adapt.ontology.concept import Concept, Kind, Relation, Status
from domain_adapt.ontology.importers import owl, skos
from domain_adapt.ontology.importers.rdf_entry import Context, Entry, Handler, address
from domain_adapt.ontology.importers.rdf_graph import Term
from domain_adapt.ontology.importers.rdf_labels import BY_LAST_WORD, LABEL_HANDLERS, last_word

Item = TypeVar("Item")

_HANDLERS: Mapping[str, Handler] = {
    **LABEL_HANDLERS,
    **skos.SKOS_HANDLERS,
    **owl.OWL_HANDLERS,
}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes concepts.

    Attributes:
        context: What is the same for all subjects.
        titles: What each file calls itself, by file name.
        disjoint: First to other members of classes that are said to be all disjoint.
        broader: Concept to those that call it narrower.
    """

    context: Context
    titles: Mapping[str, str]
    disjoint: Mapping[str, list[str]]
    broader: Mapping[str, list[str]]
    _handlers: dict[str, Handler | None] = field(default_factory=lambda: {**_HANDLERS}, init=False)

    def entry(self, subject: str, kind: Kind) -> Entry:
        """Read all that is said of a subject."""
        entry = Entry(subject, self.context)
        curie = self.context.curies.of
        if kind is Kind.INDIVIDUAL:
            owl.type_parents(entry, self.context.graph.types[subject])
        handlers = self._handlers
        for predicate, term in self.context.graph.of(subject):
            if predicate not in handlers:
                handlers[predicate] = self._handler(predicate)
            handler = handlers[predicate]
            if handler is not None:
                handler(entry, term)
        if entry.alternatives:
            skos.settle_alternatives(entry)
        if subject in self.broader:
            entry.parents += map(curie, self.broader[subject])
        if subject in self.disjoint:
            entry.disjoint += map(curie, self.disjoint[subject])
        return entry

    def concept(self, entry: Entry, kind: Kind) -> Concept:
        """Return the concept that an entry describes."""
        origin = self.context.graph.origins[entry.address]
        return Concept(
            id=self.context.curies.of(entry.address),
            branch=self.titles.get(origin, origin.rpartition(".")[0]),
            labels=entry.all_labels(),
            definition=entry.definition(),
            parents=_once(entry.parents),
            source="; ".join(entry.sources),
            kind=kind,
            relations=_once(entry.relations),
            disjoint_with=_once(entry.disjoint),
            mappings=_once(entry.mappings),
            status=Status.DEPRECATED if entry.deprecated else Status.ACTIVE,
            replaced_by=owl.replacement(entry),
            origin=origin,
        )

    def _handler(self, predicate: str) -> Handler | None:
        """Return what a predicate does; None where it says nothing about the field."""
        handler = BY_LAST_WORD.get(last_word(predicate))
        if handler is None and predicate in self.context.properties:
            return _relation(self.context.curies.of(predicate))
        return handler


def _once(values: list[Item]) -> tuple[Item, ...]:
    return tuple(values if len(values) < 2 else dict.fromkeys(values))


def _relation(predicate: str) -> Handler:
    def handle(entry: Entry, term: Term) -> None:
        target = address(term)
        if target:
            entry.relations.append(Relation(predicate, entry.context.curies.of(target)))

    return handle
