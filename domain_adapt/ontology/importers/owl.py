"""OWL and RDFS: what lies under what, what is apart, which relations hold between what."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

from domain_adapt.ontology.concept import Kind, Relation
from domain_adapt.ontology.importers.rdf_entry import Entry, Handler, address, blank, spoken
from domain_adapt.ontology.importers.rdf_graph import Graph, Term
from domain_adapt.ontology.importers.rdf_names import DCT, OBO, OWL, RDF, RDFS, SKOS, TYPE

CLASSES = frozenset((f"{OWL}Class", f"{RDFS}Class", f"{SKOS}Concept"))
PROPERTIES = frozenset(
    (
        f"{OWL}ObjectProperty",
        f"{OWL}DatatypeProperty",
        f"{OWL}AnnotationProperty",
        f"{RDF}Property",
    )
)
INDIVIDUAL = f"{OWL}NamedIndividual"
_TOPS = frozenset(
    (f"{OWL}Thing", f"{RDFS}Resource", f"{OWL}topObjectProperty", f"{OWL}topDataProperty")
)
_EQUIVALENCES = ("owl:equivalentClass", "owl:equivalentProperty")
_OF_THE_LANGUAGE = (OWL, RDFS, RDF, SKOS)


def kind_of(types: list[str], classes: frozenset[str]) -> Kind | None:
    """Return what a subject is by its types; None for what is no concept (files, schemes).

    Args:
        types: Addresses of its types.
        classes: Addresses of all classes in the files.
    """
    if not CLASSES.isdisjoint(types):
        return Kind.CLASS
    if not PROPERTIES.isdisjoint(types):
        return Kind.PROPERTY
    if INDIVIDUAL in types or not classes.isdisjoint(types):
        return Kind.INDIVIDUAL
    return None


def type_parents(entry: Entry, types: list[str]) -> None:
    """Put an individual under the classes that it is one of."""
    entry.parents += (entry.context.curies.of(each) for each in types if not _of_owl(each))


@lru_cache(maxsize=4096)
def _of_owl(kind: str) -> bool:
    return kind.startswith(_OF_THE_LANGUAGE)


def _parent(entry: Entry, term: Term) -> None:
    above = address(term)
    if above and above not in _TOPS:
        entry.parents.append(entry.context.curies.of(above))
    elif node := blank(term):
        _restriction(entry, node)


def _unnamed_type(entry: Entry, term: Term) -> None:
    if node := blank(term):
        _restriction(entry, node)


def _restriction(entry: Entry, node: str) -> None:
    """Read ``some value of this relation is a …``, the one restriction that states a relation."""
    graph, curies = entry.context.graph, entry.context.curies
    predicate, target = graph.address(node, f"{OWL}onProperty"), ""
    for way in ("someValuesFrom", "hasValue"):
        target = target or next(map(address, graph.objects(node, f"{OWL}{way}")), "")
    if predicate in entry.context.properties and target and target not in _TOPS:
        entry.relations.append(Relation(curies.of(predicate), curies.of(target)))


def _disjoint(entry: Entry, term: Term) -> None:
    other = address(term)
    if other and other != entry.address:
        entry.disjoint.append(entry.context.curies.of(other))


def all_disjoint(graph: Graph) -> dict[str, list[str]]:
    """Return, of each ``owl:AllDisjointClasses``, its pairs by their first member."""
    found: dict[str, list[str]] = {}
    for node in graph.blank.get(f"{OWL}AllDisjointClasses", ()):
        members = graph.members(graph.address(node, f"{OWL}members"))
        for first, second in combinations(dict.fromkeys(members), 2):
            found.setdefault(first, []).append(second)
    return found


def _deprecated(entry: Entry, term: Term) -> None:
    entry.deprecated = spoken(term)[0].lower() in ("true", "1")


def _replaced_by(entry: Entry, term: Term) -> None:
    target = address(term)
    if target and not entry.replaced_by:
        entry.replaced_by = entry.context.curies.of(target)


def replacement(entry: Entry) -> str:
    """Return what to use instead of a deprecated subject.

    Where a file does not say it, the one thing that it is declared equivalent to (as in FIBO).
    """
    equivalent = [x.target for x in entry.mappings if x.predicate in _EQUIVALENCES]
    if entry.replaced_by or not entry.deprecated or len(equivalent) != 1:
        return entry.replaced_by
    return equivalent[0]


def _side(entry: Entry, term: Term, found: list[str]) -> None:
    graph, curies = entry.context.graph, entry.context.curies
    named = address(term)
    members = [named] if named else graph.members(graph.address(blank(term), f"{OWL}unionOf"))
    found += (curies.of(each) for each in members if each not in _TOPS)


def _domain(entry: Entry, term: Term) -> None:
    _side(entry, term, entry.domain)


def _range(entry: Entry, term: Term) -> None:
    _side(entry, term, entry.range)


OWL_HANDLERS: dict[str, Handler] = {
    TYPE: _unnamed_type,
    f"{RDFS}subClassOf": _parent,
    f"{RDFS}subPropertyOf": _parent,
    f"{OWL}disjointWith": _disjoint,
    f"{OWL}deprecated": _deprecated,
    f"{DCT}isReplacedBy": _replaced_by,
    f"{OBO}IAO_0100001": _replaced_by,
    f"{RDFS}domain": _domain,
    f"{RDFS}range": _range,
}
"""Predicate to what it does."""
