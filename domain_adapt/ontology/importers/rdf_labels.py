"""Names, definitions and mappings, from RDFS, SKOS, oboInOwl and the vocabularies of FIBO."""

from __future__ import annotations

from domain_adapt.ontology.concept import LabelType, Mapping, Scope
from domain_adapt.ontology.importers.rdf_entry import (
    PREF_LABEL,
    RDFS_LABEL,
    Entry,
    Handler,
    address,
    spoken,
)
from domain_adapt.ontology.importers.rdf_graph import Graph, Term
from domain_adapt.ontology.importers.rdf_names import (
    COMMENT,
    DC,
    DCT,
    LABEL,
    OBO,
    OBO_IN_OWL,
    OWL,
    RDFS,
    SKOS,
)
from domain_adapt.ontology.importers.skos import alt_label

_SYNONYM_TYPE = f"{OBO_IN_OWL}hasSynonymType"
_TYPE_WORDS = (
    (("abbrev", "acronym", "omo_0003000", "omo_0003012"), LabelType.ABBREVIATION),
    (("layperson", "omo_0003003"), LabelType.LAYPERSON),
    (("plural", "omo_0003004"), LabelType.PLURAL),
    (("spelling", "omo_0003005", "omo_0003006"), LabelType.SPELLING),
    (("brand", "omo_0003007"), LabelType.BRAND),
)


def _name(rank: int) -> Handler:
    def handle(entry: Entry, term: Term) -> None:
        text, language = spoken(term)
        if text:
            entry.names.append((rank, language, text))

    return handle


def _label(scope: Scope, kind: LabelType) -> Handler:
    def handle(entry: Entry, term: Term) -> None:
        text, language = spoken(term)
        entry.label(text, language, scope=scope, kind=kind)

    return handle


def _definition(rank: int) -> Handler:
    def handle(entry: Entry, term: Term) -> None:
        text, language = spoken(term)
        if text:
            entry.definitions.append((rank, language, text))

    return handle


def _mapping(predicate: str) -> Handler:
    def handle(entry: Entry, term: Term) -> None:
        target = address(term)
        name = entry.context.curies.of(target) if target else spoken(term)[0]
        if name:
            entry.mappings.append(Mapping(predicate, name))

    return handle


def _source(entry: Entry, term: Term) -> None:
    text = address(term) or spoken(term)[0]
    if text and text not in entry.sources:
        entry.sources.append(text)


def _scoped_synonym(scope: Scope) -> Handler:
    def handle(entry: Entry, term: Term) -> None:
        text, language = spoken(term)
        kind = entry.context.synonym_kinds.get((entry.address, text), "")
        entry.label(text, language, scope=scope, kind=_label_type(kind))

    return handle


def synonym_kinds(graph: Graph) -> dict[tuple[str, str], str]:
    """Return what kind of synonym files call one, by subject and text (axiom annotations)."""
    found: dict[tuple[str, str], str] = {}
    for node in graph.blank.get(f"{OWL}Axiom", ()):
        kind = graph.address(node, _SYNONYM_TYPE)
        if kind:
            subject = graph.address(node, f"{OWL}annotatedSource")
            for target in graph.objects(node, f"{OWL}annotatedTarget"):
                found[subject, spoken(target)[0]] = last_word(kind).casefold()
    return found


def _label_type(kind: str) -> LabelType:
    for words, label_type in _TYPE_WORDS:
        if any(word in kind for word in words):
            return label_type
    return LabelType.SYNONYM


_SYNONYM = _label(Scope.EXACT, LabelType.SYNONYM)
_ABBREVIATION = _label(Scope.EXACT, LabelType.ABBREVIATION)
_CODE = _label(Scope.EXACT, LabelType.CODE)

LABEL_HANDLERS: dict[str, Handler] = {
    f"{SKOS}prefLabel": _name(PREF_LABEL),
    LABEL: _name(RDFS_LABEL),
    f"{SKOS}altLabel": alt_label,
    f"{SKOS}hiddenLabel": _label(Scope.RELATED, LabelType.SPELLING),
    f"{SKOS}notation": _CODE,
    f"{OBO_IN_OWL}hasExactSynonym": _scoped_synonym(Scope.EXACT),
    f"{OBO_IN_OWL}hasNarrowSynonym": _scoped_synonym(Scope.NARROW),
    f"{OBO_IN_OWL}hasBroadSynonym": _scoped_synonym(Scope.BROAD),
    f"{OBO_IN_OWL}hasRelatedSynonym": _scoped_synonym(Scope.RELATED),
    f"{OBO}IAO_0000118": _label(Scope.RELATED, LabelType.SYNONYM),
    f"{SKOS}definition": _definition(0),
    f"{OBO}IAO_0000115": _definition(0),
    COMMENT: _definition(1),
    f"{SKOS}exactMatch": _mapping("skos:exactMatch"),
    f"{SKOS}closeMatch": _mapping("skos:closeMatch"),
    f"{SKOS}broadMatch": _mapping("skos:broadMatch"),
    f"{SKOS}narrowMatch": _mapping("skos:narrowMatch"),
    f"{SKOS}relatedMatch": _mapping("skos:relatedMatch"),
    f"{OWL}sameAs": _mapping("owl:sameAs"),
    f"{OWL}equivalentClass": _mapping("owl:equivalentClass"),
    f"{OWL}equivalentProperty": _mapping("owl:equivalentProperty"),
    f"{OBO_IN_OWL}hasDbXref": _mapping("oboInOwl:hasDbXref"),
    f"{DCT}source": _source,
    f"{DC}source": _source,
    f"{RDFS}isDefinedBy": _source,
    f"{OBO}IAO_0000119": _source,
}
"""Predicate to what it does."""

BY_LAST_WORD: dict[str, Handler] = {
    "abbreviation": _ABBREVIATION,
    "acronym": _ABBREVIATION,
    "synonym": _SYNONYM,
    "commonDesignation": _SYNONYM,
    "preferredDesignation": _SYNONYM,
    "symbol": _CODE,
    "adaptedFrom": _source,
    "definitionOrigin": _source,
}
"""FIBO's annotations have moved from namespace to namespace and kept their last word."""


def last_word(predicate: str) -> str:
    """Return an address after its last ``#`` or ``/``."""
    return predicate[max(predicate.rfind("#"), predicate.rfind("/")) + 1 :]
