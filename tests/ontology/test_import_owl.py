"""OWL: hierarchy, disjointness, relations, names; FIBO and the OMG Commons whole."""

from collections.abc import Sequence
from itertools import combinations, product
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.ontology.concept import (
    Concept,
    Kind,
    Label,
    LabelType,
    Mapping,
    Relation,
    Scope,
    Status,
)
from domain_adapt.ontology.counting import count
from domain_adapt.ontology.importers.rdf import IMPORTER
from domain_adapt.ontology.importing import import_files
from domain_adapt.ontology.ontology import Head, Ontology, build_ontology
from domain_adapt.ontology.rules import Predicate

PREFIXES = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix oio: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix av: <https://www.omg.org/spec/Commons/AnnotationVocabulary/> .
@prefix x: <http://x.org/x#> .
"""


def read(folder: Path, body: str) -> dict[str, Concept]:
    path = folder / "x.ttl"
    path.write_text(PREFIXES + body, encoding="utf-8")
    return {each.id: each for each in IMPORTER.read([path]).concepts}


def predicates(folder: Path, body: str) -> dict[str, Predicate]:
    path = folder / "x.ttl"
    path.write_text(PREFIXES + body, encoding="utf-8")
    return {each.id: each for each in IMPORTER.read([path]).predicates}


def test_parents_are_the_named_superclasses_and_no_top(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """x:A a owl:Class ; rdfs:subClassOf owl:Thing, x:B, x:Outside, x:B .
        x:B a rdfs:Class ; owl:equivalentClass [ owl:intersectionOf ( x:A x:C ) ] .
        x:C a owl:Class ; owl:equivalentClass x:D .
        x:D a owl:Class . x:p a owl:ObjectProperty ; rdfs:subPropertyOf x:q, owl:topObjectProperty .
        x:q a owl:ObjectProperty .""",
    )
    assert found["x:A"].parents == ("x:B", "x:Outside")
    assert found["x:B"].parents == ()
    assert found["x:C"].mappings == (Mapping("owl:equivalentClass", "x:D"),)
    assert found["x:p"].parents == ("x:q",)
    assert "x:Outside" not in found


def test_disjointness_is_kept_as_it_is_declared(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """x:A a owl:Class ; owl:disjointWith x:B, [ a owl:Class ], x:A . x:B a owl:Class .
        x:C a owl:Class . x:D a owl:Class .
        [] a owl:AllDisjointClasses ; owl:members ( x:B x:C x:D ) .""",
    )
    declared = {name: concept.disjoint_with for name, concept in found.items()}
    assert declared == {"x:A": ("x:B",), "x:B": ("x:C", "x:D"), "x:C": ("x:D",), "x:D": ()}


def test_restrictions_to_some_value_state_relations(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """x:p a owl:ObjectProperty . x:d a owl:DatatypeProperty . x:B a owl:Class .
        x:A a owl:Class ; rdfs:subClassOf
          [ a owl:Restriction ; owl:onProperty x:p ; owl:someValuesFrom x:B ],
          [ a owl:Restriction ; owl:onProperty x:p ; owl:hasValue x:i ],
          [ a owl:Restriction ; owl:onProperty x:p ; owl:allValuesFrom x:B ],
          [ a owl:Restriction ; owl:onProperty x:d ; owl:someValuesFrom x:B ],
          [ a owl:Restriction ; owl:onProperty x:p ; owl:someValuesFrom [ a owl:Class ] ] .
        x:i a owl:NamedIndividual, x:A, [ owl:onProperty x:p ; owl:hasValue x:j ] ; x:p x:j .
        x:j a x:A .""",
    )
    assert found["x:A"].relations == (Relation("x:p", "x:B"), Relation("x:p", "x:i"))
    assert found["x:i"].relations == (Relation("x:p", "x:j"),)
    assert (found["x:i"].parents, found["x:j"].parents) == (("x:A",), ("x:A",))
    assert found["x:i"].kind is Kind.INDIVIDUAL


def test_object_properties_become_predicates_with_domain_and_range(tmp_path: Path) -> None:
    found = predicates(
        tmp_path,
        """x:p a owl:ObjectProperty ; rdfs:label "treats", "治疗"@zh-Hans ; rdfs:domain x:A ;
          rdfs:range [ a owl:Class ; owl:unionOf ( x:B x:C ) ], owl:Thing .
        x:d a owl:DatatypeProperty ; rdfs:domain x:A .""",
    )
    label = {"en": "treats", "zh": "治疗"}
    assert found == {"x:p": Predicate("x:p", label, ("x:A",), ("x:B", "x:C"))}


@pytest.mark.parametrize(
    ("said", "by"),
    [
        ("owl:deprecated true ; dct:isReplacedBy x:B", "x:B"),
        ("owl:deprecated true ; obo:IAO_0100001 x:B", "x:B"),
        ("owl:deprecated true ; owl:equivalentClass x:B", "x:B"),
        ("owl:deprecated true ; owl:equivalentClass x:B, x:C", ""),
        ("owl:deprecated true", ""),
    ],
)
def test_deprecated_terms_say_what_took_their_place(tmp_path: Path, said: str, by: str) -> None:
    concept = read(tmp_path, f"x:A a owl:Class ; {said} .")["x:A"]
    assert (concept.status, concept.replaced_by) == (Status.DEPRECATED, by)


def test_terms_in_use_are_active_and_not_replaced(tmp_path: Path) -> None:
    said = "owl:deprecated false ; owl:equivalentClass x:B"
    concept = read(tmp_path, f"x:A a owl:Class ; {said} .")["x:A"]
    assert (concept.status, concept.replaced_by) == (Status.ACTIVE, "")


def label(text: str, scope: Scope, kind: LabelType, language: str = "en") -> Label:
    return Label(text, language, scope, kind)


def test_names_have_scope_and_type(tmp_path: Path) -> None:
    concept = read(
        tmp_path,
        """x:A a owl:Class ; rdfs:label "heart  attack\\n", "MI", "infarctus"@fr-CA ;
          av:abbreviation "AMI" ; av:acronym "STEMI" ; av:synonym "coronary" ; av:symbol "♥" ;
          oio:hasExactSynonym "infarction", "MIs" ; oio:hasNarrowSynonym "inferior infarction" ;
          oio:hasBroadSynonym "heart disease" ; oio:hasRelatedSynonym "angina" ;
          skos:hiddenLabel "hart attack" ; skos:notation "I21" ; skos:altLabel "cardiac event" .
        [] a owl:Axiom ; owl:annotatedSource x:A ; owl:annotatedProperty oio:hasExactSynonym ;
          owl:annotatedTarget "MIs" ; oio:hasSynonymType obo:OMO_0003004 .""",
    )["x:A"]
    exact, synonym = Scope.EXACT, LabelType.SYNONYM
    assert set(concept.labels) == {
        label("heart attack", exact, LabelType.PREFERRED),
        label("infarctus", exact, LabelType.PREFERRED, "fr"),
        label("MI", exact, synonym),
        label("AMI", exact, LabelType.ABBREVIATION),
        label("STEMI", exact, LabelType.ABBREVIATION),
        label("coronary", exact, synonym),
        label("♥", exact, LabelType.CODE),
        label("infarction", exact, synonym),
        label("MIs", exact, LabelType.PLURAL),
        label("inferior infarction", Scope.NARROW, synonym),
        label("heart disease", Scope.BROAD, synonym),
        label("angina", Scope.RELATED, synonym),
        label("hart attack", Scope.RELATED, LabelType.SPELLING),
        label("I21", exact, LabelType.CODE),
        label("cardiac event", Scope.RELATED, synonym),
    }
    assert concept.labels[0].text == "heart attack"


def test_the_preferred_label_of_skos_comes_before_that_of_rdfs(tmp_path: Path) -> None:
    body = 'x:A a owl:Class ; rdfs:label "equity" ; skos:prefLabel "share" .'
    concept = read(tmp_path, body)["x:A"]
    assert concept.preferred() == "share"
    assert concept.names(LabelType.SYNONYM) == ("equity",)


def test_definitions_sources_and_mappings(tmp_path: Path) -> None:
    concept = read(
        tmp_path,
        """x:A a owl:Class ; obo:IAO_0000115 "ein Ding"@de, "a thing"@en ; dct:source "A book" ;
          av:adaptedFrom "A page", "A book" ; skos:exactMatch x:B ; oio:hasDbXref "MESH:D1" .""",
    )["x:A"]
    assert concept.definition == "a thing"
    assert concept.source == "A book; A page"
    assert set(concept.mappings) == {
        Mapping("skos:exactMatch", "x:B"),
        Mapping("oboInOwl:hasDbXref", "MESH:D1"),
    }


Graph = dict[str, tuple[str, ...]]


@st.composite
def declared(draw: st.DrawFn) -> tuple[Graph, list[tuple[str, str]]]:
    """Classes n0 … with parents among earlier ones and o0, o1 that are no concepts."""
    names = [f"n{i}" for i in range(draw(st.integers(1, 7)))]
    outside = ["o0", "o1"]
    graph: Graph = {}
    for place, name in enumerate(names):
        above = st.lists(st.sampled_from([*names[:place], *outside]), unique=True, max_size=3)
        graph[name] = tuple(draw(above))
    pairs = st.tuples(st.sampled_from(names), st.sampled_from([*names, *outside]))
    found = draw(st.lists(pairs, max_size=4, unique=True))
    return graph, [(a, b) for a, b in found if a != b]


def ontology(graph: Graph, pairs: Sequence[tuple[str, str]]) -> Ontology:
    concepts = [
        Concept(name, "b", (), "", above, "", disjoint_with=tuple(b for a, b in pairs if a == name))
        for name, above in graph.items()
    ]
    return build_ontology(Head("t", "T", "t", "1", ""), concepts)


@given(declared())
def test_disjoint_pairs_are_counted_as_the_page_counts_and_each_once(
    case: tuple[Graph, list[tuple[str, str]]],
) -> None:
    graph, pairs = case

    def upward(name: str) -> set[str]:
        return {name}.union(*map(upward, graph.get(name, ())))

    nodes = {*graph, *(x for above in graph.values() for x in above), *(b for _, b in pairs)}
    under = {top: {each for each in nodes if top in upward(each)} for top in nodes}
    apart = {frozenset(pair) for a, b in pairs for pair in product(under[a], under[b])}
    counts = count(ontology(graph, pairs))
    assert counts.disjoint_pairs == len(pairs)
    assert counts.entailed_disjoint_pairs == sum(len(under[a]) * len(under[b]) for a, b in pairs)
    assert counts.different_disjoint_pairs == len(
        {pair for pair in map(frozenset, combinations(nodes, 2)) if pair in apart}
    )


def test_cycles_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    body = """x:A a owl:Class ; rdfs:subClassOf x:B . x:B a owl:Class ; rdfs:subClassOf x:A .
    x:C a owl:Class ; rdfs:subClassOf x:A . x:D a owl:Class ; rdfs:subClassOf x:D ."""
    path.write_text(PREFIXES + body, encoding="utf-8")
    found = import_files([path], name="x", use_cache=False)
    assert count(found).cycles == 2
    assert found.ancestors("x:C") == frozenset()


@pytest.fixture(scope="module")
def fibo(real_data: Path) -> Ontology:
    return import_files([real_data / "ontologies/fibo"], name="fibo", use_cache=False)


@pytest.fixture(scope="module")
def with_commons(real_data: Path) -> Ontology:
    folders = [real_data / "ontologies/fibo", real_data / "ontologies/omg_commons"]
    return import_files(folders, name="fibo", use_cache=False)


@pytest.mark.real_data
def test_fibo_alone_has_the_counts_of_the_design(fibo: Ontology) -> None:
    counts = count(fibo)
    assert counts.classes == 3_021
    assert counts.definitions == 2_672
    assert counts.parent_edges == 4_221
    assert counts.cycles == 0
    assert counts.disjoint_pairs == 176
    assert counts.entailed_disjoint_pairs == 23_477
    assert counts.abbreviations == 805
    assert (counts.properties, counts.individuals) == (1_216, 4_095)
    # 173 different pairs: three are declared in both directions
    assert counts.different_disjoint_pairs == 21_843


@pytest.mark.real_data
def test_fibo_has_810_abbreviation_triples_and_805_strings_with_the_acronyms(
    real_data: Path,
) -> None:
    triples = [
        (quad.predicate.value.rpartition("/")[2], quad.object.value)
        for path in (real_data / "ontologies/fibo").rglob("*.rdf")
        for quad in pyoxigraph.parse(path=path, format=pyoxigraph.RdfFormat.RDF_XML)
        if quad.predicate.value.endswith(("/abbreviation", "/acronym"))
    ]
    abbreviations = [text for predicate, text in triples if predicate == "abbreviation"]
    assert (len(abbreviations), len(set(abbreviations))) == (810, 802)
    assert len({text for _, text in triples}) == 805


@pytest.mark.real_data
def test_fibo_with_commons_has_the_counts_of_the_design(with_commons: Ontology) -> None:
    counts = count(with_commons)
    assert counts.classes == 3_302
    assert counts.definitions == 2_974
    assert counts.parent_edges == 4_535
    assert counts.cycles == 0
    assert counts.disjoint_pairs == 193


@pytest.mark.real_data
def test_commons_has_the_outside_parents_of_fibo(fibo: Ontology, with_commons: Ontology) -> None:
    def outside(ontology: Ontology, known: Ontology) -> list[str]:
        classes = [each for each in ontology.concepts.values() if each.kind is Kind.CLASS]
        return [x for each in classes for x in each.parents if x not in known.concepts]

    assert (len(outside(fibo, fibo)), len(set(outside(fibo, fibo)))) == (373, 62)
    assert outside(fibo, with_commons) == ["cmns-bauth:AuthorizedParty"]
    assert count(with_commons).unresolved_parents == 2


@pytest.mark.real_data
def test_fibo_is_read_as_people_know_it(fibo: Ontology) -> None:
    swap = fibo.concepts["fibo-der-cr-cds:CreditDefaultSwap"]
    assert swap.preferred() == "credit default swap"
    assert swap.names(LabelType.ABBREVIATION) == ("CDS",)
    assert fibo.is_a(swap.id, "fibo-fbc-fi-fi:DerivativeInstrument")
    assert swap.branch == "Credit Default Swaps Ontology"
    assert (fibo.version, fibo.licence) == ("20260701", "MIT")
    income = fibo.concepts["fibo-fnd-acc-aeq:Income"]
    assert (income.status, income.replaced_by) == (Status.DEPRECATED, "fibo-fnd-oac-own:Income")
