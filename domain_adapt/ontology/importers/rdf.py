"""RDF: OWL and RDFS ontologies and SKOS vocabularies, in RDF/XML, Turtle or N-Triples.

Named classes, properties and individuals become concepts; blank nodes never do. What counts as a
parent is what is stated of names: subclass axioms, not what a reasoner would infer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from domain_adapt.base.memory import collection_paused
from domain_adapt.ontology.concept import Kind, LabelType, Scope
from domain_adapt.ontology.importers import owl, rdf_head, skos
from domain_adapt.ontology.importers.importer import Imported, Options
from domain_adapt.ontology.importers.rdf_curie import Curies
from domain_adapt.ontology.importers.rdf_entry import Context, Entry
from domain_adapt.ontology.importers.rdf_graph import Graph, is_rdf
from domain_adapt.ontology.importers.rdf_labels import synonym_kinds
from domain_adapt.ontology.importers.rdf_maker import Maker
from domain_adapt.ontology.importers.rdf_names import OWL
from domain_adapt.ontology.importers.text import malformed
from domain_adapt.ontology.rules import Predicate


@dataclass(frozen=True, slots=True)
class RdfImporter:
    """Reads RDF files as one graph.

    Attributes:
        alt_label: How close ``skos:altLabel`` is to the concept.
    """

    format: str = "rdf"
    suffixes: tuple[str, ...] = (".rdf", ".owl", ".ttl", ".turtle", ".nt", ".xml")
    alt_label: Scope = Scope.RELATED

    def configured(self, options: Options) -> RdfImporter:
        """Return the importer with the user's reading of other names."""
        return replace(self, alt_label=options.alt_label)

    def recognises(self, path: Path, beginning: bytes) -> bool:
        """Say whether the file may be RDF; of ``.xml``, by the root element."""
        return is_rdf(path, beginning)

    def read(self, paths: Sequence[Path]) -> Imported:
        """Read files as one ontology.

        Raises:
            DataError: A file is malformed or in another form of OWL, or nothing in the files is
                a class, property, individual or concept.
        """
        with collection_paused():
            graph = Graph()
            for path in paths:
                graph.read(path)
            imported = _imported(graph, self.alt_label)
        if not imported.concepts:
            reason = "no class, property, individual or SKOS concept in the file."
            raise malformed(
                "DA-ONTO-040", paths[0].name, 1, reason, hint="Name the files that hold the terms."
            )
        return imported


IMPORTER = RdfImporter()


def _imported(graph: Graph, alt_label: Scope) -> Imported:
    kinds = _kinds(graph)
    links = frozenset(s for s, types in graph.types.items() if f"{OWL}ObjectProperty" in types)
    context = Context(graph, Curies(graph.prefixes), alt_label, links, synonym_kinds(graph))
    titles = rdf_head.titles(graph)
    maker = Maker(context, titles, owl.all_disjoint(graph), skos.narrower(graph))
    concepts, predicates = [], []
    for subject, kind in kinds.items():
        entry = maker.entry(subject, kind)
        concepts.append(maker.concept(entry, kind))
        if subject in links:
            predicates.append(_predicate(entry))
    return Imported(
        concepts=tuple(concepts),
        predicates=tuple(predicates),
        title=next(iter(titles.values())) if len(set(titles.values())) == 1 else "",
        version=rdf_head.version(graph),
        licence=rdf_head.licence(graph),
    )


def _kinds(graph: Graph) -> dict[str, Kind]:
    """Return the subjects that become concepts, each with its kind."""
    classes = frozenset(s for s, types in graph.types.items() if not owl.CLASSES.isdisjoint(types))
    known: dict[tuple[str, ...], Kind | None] = {}  # thousands of subjects, dozens of combinations
    found: dict[str, Kind] = {}
    for subject, types in graph.types.items():
        key = tuple(types)
        if key not in known:
            known[key] = owl.kind_of(types, classes)
        kind = known[key]
        if kind is not None:
            found[subject] = kind
    return found


def _predicate(entry: Entry) -> Predicate:
    return Predicate(
        entry.context.curies.of(entry.address),
        {x.language: x.text for x in entry.all_labels() if x.type is LabelType.PREFERRED},
        tuple(dict.fromkeys(entry.domain)),
        tuple(dict.fromkeys(entry.range)),
    )
