"""One subject of an RDF graph on its way to a concept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode

from domain_adapt.ontology.concept import Label, LabelType, Mapping, Relation, Scope
from domain_adapt.ontology.importers.rdf_curie import Curies
from domain_adapt.ontology.importers.rdf_graph import Graph, Term
from domain_adapt.ontology.importers.text import language_of

PREF_LABEL, RDFS_LABEL = 0, 1
"""Ranks of what can be a preferred label; the lower one is it."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is the same for all subjects.

    Attributes:
        graph: All files.
        curies: Turns addresses into ids.
        alt_label: How close ``skos:altLabel`` is to the concept.
        properties: Addresses of the relations between things.
        synonym_kinds: Subject and synonym to what kind of synonym the file calls it.
    """

    graph: Graph
    curies: Curies
    alt_label: Scope
    properties: frozenset[str]
    synonym_kinds: dict[tuple[str, str], str]


@dataclass(slots=True)
class Entry:
    """What was read of one subject.

    ``definitions`` and ``names`` hold rank, language and text; the lowest rank is taken.
    ``alternatives`` hold text and language of altLabels, whose meaning depends on the names.
    """

    address: str
    context: Context
    names: list[tuple[int, str, str]] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    alternatives: list[tuple[str, str]] = field(default_factory=list)
    definitions: list[tuple[int, str, str]] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    disjoint: list[str] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    mappings: list[Mapping] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    domain: list[str] = field(default_factory=list)
    range: list[str] = field(default_factory=list)
    deprecated: bool = False
    replaced_by: str = ""

    def label(self, text: str, language: str, *, scope: Scope, kind: LabelType) -> None:
        """Add a name that is not the preferred one."""
        if text:
            self.labels.append(Label(text, language, scope, kind))

    def all_labels(self) -> tuple[Label, ...]:
        """Return the labels: the best name of each language first, others of it as synonyms."""
        if len(self.names) == 1 and not self.labels:  # most of most files
            _, language, text = self.names[0]
            return (Label(text, language, Scope.EXACT, LabelType.PREFERRED),)
        preferred: dict[str, Label] = {}
        others: list[Label] = []
        for _, language, text in sorted(self.names, key=lambda name: name[0]):
            if language not in preferred:
                label = Label(text, language, Scope.EXACT, LabelType.PREFERRED)
                preferred[language] = label
            elif text != preferred[language].text:
                others.append(Label(text, language, Scope.EXACT, LabelType.SYNONYM))
        return tuple(dict.fromkeys((*preferred.values(), *others, *self.labels)))

    def definition(self) -> str:
        """Return the best definition: the highest kind, English before other languages."""
        if not self.definitions:
            return ""
        return min(self.definitions, key=lambda each: (each[0], each[1] != "en"))[2]


Handler = Callable[[Entry, Term], None]


def address(term: Term) -> str:
    """Return the address of a named thing, else nothing: blank nodes never become concepts."""
    return term.value if isinstance(term, NamedNode) else ""


def blank(term: Term) -> str:
    """Return the label of a blank node, else nothing."""
    return term.value if isinstance(term, BlankNode) else ""


def spoken(term: Term) -> tuple[str, str]:
    """Return text and language of a literal, spaces put in order; of other terms, no text.

    The language is the primary subtag (``en-GB`` is ``en``); untagged text is Chinese where it
    has Chinese characters, else English.
    """
    if not isinstance(term, Literal):
        return "", ""
    text, tag = " ".join(term.value.split()), term.language
    return text, tag.partition("-")[0].lower() if tag else language_of(text)
