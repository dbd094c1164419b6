"""RDF files: the same graph in each serialization, short ids, and where a file is malformed."""

from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.errors import DataError
from domain_adapt.ontology.concept import Kind
from domain_adapt.ontology.importers.importer import Imported
from domain_adapt.ontology.importers.rdf import IMPORTER
from domain_adapt.ontology.importers.rdf_curie import Curies
from domain_adapt.ontology.importers.rdf_graph import Graph

TURTLE = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix bank: <https://example.org/bank/> .
<https://example.org/bank> a owl:Ontology ;
  rdfs:label "Bank" ; owl:versionInfo "3.1" ;
  dct:license <https://creativecommons.org/licenses/by/4.0/> .
bank:Loan a owl:Class ; rdfs:label "loan"@en, "贷款" ;
  skos:definition "money that is lent" ; rdfs:comment "a note" .
bank:Mortgage a owl:Class ; rdfs:label "mortgage" ; rdfs:subClassOf bank:Loan, [ a owl:Class ] ;
  rdfs:comment "a loan on a house" .
[] a owl:Class ; rdfs:label "nobody" .
"""

SERIALIZATIONS = {
    "bank.ttl": pyoxigraph.RdfFormat.TURTLE,
    "bank.rdf": pyoxigraph.RdfFormat.RDF_XML,
    "bank.nt": pyoxigraph.RdfFormat.N_TRIPLES,
}


def read(folder: Path, **files: str | bytes) -> Imported:
    paths = []
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        paths.append(path)
    return IMPORTER.read(paths)


@pytest.fixture
def bank(tmp_path: Path) -> Imported:
    return read(tmp_path, bank__ttl=TURTLE)


@pytest.mark.parametrize("name", SERIALIZATIONS)
def test_every_serialization_says_the_same(tmp_path: Path, bank: Imported, name: str) -> None:
    triples = list(pyoxigraph.parse(TURTLE, format=pyoxigraph.RdfFormat.TURTLE))
    path = tmp_path / name
    pyoxigraph.serialize((q.triple for q in triples), str(path), format=SERIALIZATIONS[name])
    again = IMPORTER.read([path])
    by_id = {each.id: each for each in again.concepts}
    assert sorted(by_id) == ["bank:Loan", "bank:Mortgage"]
    for concept in bank.concepts:
        found = by_id[concept.id]
        assert set(found.labels) == set(concept.labels)
        assert (found.definition, found.parents) == (concept.definition, concept.parents)


def test_owl_files_are_told_apart_by_their_beginning(tmp_path: Path) -> None:
    triples = [q.triple for q in pyoxigraph.parse(TURTLE, format=pyoxigraph.RdfFormat.TURTLE)]
    xml = pyoxigraph.serialize(triples, format=pyoxigraph.RdfFormat.RDF_XML)
    assert xml is not None
    for content in (TURTLE.encode(), xml, xml.partition(b"?>")[2].lstrip(), b"\xef\xbb\xbf" + xml):
        assert len(read(tmp_path, bank__owl=content).concepts) == 2


def test_blank_nodes_never_become_concepts_or_parents(bank: Imported) -> None:
    assert [each.id for each in bank.concepts] == ["bank:Loan", "bank:Mortgage"]
    assert bank.concepts[1].parents == ("bank:Loan",)


def test_blank_nodes_of_two_files_stay_apart(tmp_path: Path) -> None:
    def file(name: str) -> str:
        return (
            "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix x: <http://x.org/x#> .\n"
            f"x:{name}1 a owl:Class . x:{name}2 a owl:Class .\n"
            f"_:b a owl:AllDisjointClasses ; owl:members (x:{name}1 x:{name}2) ."
        )

    found = read(tmp_path, one__ttl=file("A"), two__ttl=file("B"))
    disjoint = {each.id: each.disjoint_with for each in found.concepts}
    assert disjoint == {"x:A1": ("x:A2",), "x:A2": (), "x:B1": ("x:B2",), "x:B2": ()}


def test_title_version_and_licence_come_from_the_header(bank: Imported) -> None:
    assert (bank.title, bank.version, bank.licence) == ("Bank", "3.1", "CC-BY-4.0")
    assert {each.branch for each in bank.concepts} == {"Bank"}
    assert {each.origin for each in bank.concepts} == {"bank.ttl"}


def test_of_many_files_the_latest_date_is_the_version(tmp_path: Path) -> None:
    def file(date: str) -> str:
        return (
            "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
            f"<http://x.org/{date}> a owl:Ontology ; owl:versionIRI <http://x.org/{date}/m> .\n"
            f"<http://x.org/C{date}> a owl:Class ."
        )

    found = read(
        tmp_path, a__ttl=file("20240101"), b__ttl=file("20251231"), c__ttl=file("20230101")
    )
    assert (found.title, found.version, found.licence) == ("", "20251231", "")


def test_a_comment_defines_only_where_nothing_else_does(bank: Imported) -> None:
    loan, mortgage = bank.concepts
    assert loan.definition == "money that is lent"
    assert mortgage.definition == "a loan on a house"


def test_text_without_a_language_is_chinese_by_its_characters(bank: Imported) -> None:
    assert bank.concepts[0].preferred("en") == "loan"
    assert bank.concepts[0].preferred("zh") == "贷款"


XML_HEAD = '<?xml version="1.0"?>\n<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'


@pytest.mark.parametrize(
    ("name", "content", "line", "words"),
    [
        ("a.rdf", f"{XML_HEAD}<r:Description>\n</r:RDF>\n\n\n", 4, "</r:RDF>"),
        ("b.rdf", f"{XML_HEAD}\n<x:y/>\n</r:RDF>\n", 4, "prefix"),
        ("c.owl", f'{XML_HEAD}<r:Description r:about="http://x/a b"/>\n</r:RDF>\n', 3, "IRI"),
        ("d.ttl", "@prefix a: <http://a/> .\na:x a:y\n  a:z ; ; a:b .\n", 3, "object"),
        ("e.nt", "<http://a> <http://b> <http://c> .\n<http://a> <http://b> .\n", 2, "object"),
        ("f.ttl", b'\n<http://a> <http://b> "\xff" .\n', 2, "UTF-8"),
        ("h.rdf", "no XML at all\n", 1, ""),
    ],
)
def test_malformed_files_are_named_with_line_and_reason(
    tmp_path: Path, name: str, content: str | bytes, line: int, words: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, **{name.replace(".", "__"): content})
    assert caught.value.code in ("DA-ONTO-039", "DA-ONTO-040")
    assert caught.value.message.startswith(f"{name}:{line}: ")
    assert words.casefold() in caught.value.message.casefold()


@pytest.mark.parametrize("comment", ["", "<!-- </r:RDF> -->\n"])
def test_half_an_xml_file_is_no_file(tmp_path: Path, comment: str) -> None:
    body = f'{XML_HEAD}{comment}<r:Description r:about="http://x/a"/>\n<!-- <r:RDF> -->\n'
    with pytest.raises(DataError) as caught:
        read(tmp_path, a__rdf=body)
    assert caught.value.code == "DA-ONTO-041"
    assert caught.value.message.startswith(f"a.rdf:{body.count(chr(10))}: ")
    with pytest.raises(DataError) as whole:
        read(tmp_path, a__rdf=f"{body}</r:RDF >\n<!-- </r:RDF> the end -->\n")
    assert whole.value.code == "DA-ONTO-040"  # whole, and without concepts


@pytest.mark.parametrize(
    ("name", "content", "language"),
    [
        ("a.owl", '<?xml version="1.0"?>\n<Ontology xmlns="http://x">\n', "OWL/XML"),
        ("b.owl", "<Ontology>\n", "OWL/XML"),
        ("c.owl", "Prefix(:=<http://x>)\n", "functional"),
        ("d.owl", "Prefix: x: <http://x>\n", "Manchester"),
    ],
)
def test_other_forms_of_owl_are_named(
    tmp_path: Path, name: str, content: str, language: str
) -> None:
    with pytest.raises(DataError, match=language) as caught:
        read(tmp_path, **{name.replace(".", "__"): content})
    assert caught.value.code == "DA-ONTO-038"
    assert "Turtle" in caught.value.hint


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        Graph().read(tmp_path / "none.ttl")
    assert caught.value.code == "DA-ONTO-037"
    assert "none.ttl" in caught.value.message


def test_files_without_concepts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, a__nt="<http://a/x> <http://a/y> <http://a/z> .\n")
    assert caught.value.code == "DA-ONTO-040"


def test_only_xml_in_rdf_is_recognised() -> None:
    assert IMPORTER.recognises(Path("a.xml"), b'<?xml version="1.0"?><rdf:RDF xmlns:rdf="x">')
    assert not IMPORTER.recognises(Path("a.xml"), b'<?xml version="1.0"?><ICD10CM.tabular>')
    assert IMPORTER.recognises(Path("a.ttl"), b"")


SEGMENT = st.text("abHP1_", min_size=1, max_size=3)
ADDRESS = st.builds(
    lambda parts, end: f"http://{'/'.join(parts)}{end}",
    st.lists(SEGMENT, min_size=1, max_size=4),
    st.sampled_from(["", "/", "#a", "#b"]),
) | st.builds("http://purl.obolibrary.org/obo/{}_{}".format, SEGMENT, SEGMENT)
PREFIXES = st.dictionaries(
    ADDRESS.map(lambda text: f"{text}/"),
    st.dictionaries(st.sampled_from(["a", "HP", "owl", "", "x-y"]), st.integers(1, 3), min_size=1),
    max_size=4,
)


@given(PREFIXES, st.lists(ADDRESS, unique=True, max_size=12))
def test_different_addresses_have_different_ids(
    prefixes: dict[str, dict[str, int]], addresses: list[str]
) -> None:
    from collections import Counter

    curies = Curies({namespace: Counter(uses) for namespace, uses in prefixes.items()})
    ids = [curies.of(address) for address in addresses]
    assert len(set(ids)) == len(ids)
    assert all(":" in each for each in ids)
    assert [curies.of(address) for address in addresses] == ids


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://purl.obolibrary.org/obo/HP_0000118", "HP:0000118"),
        ("https://example.org/finance/Bonds/Bond", "bonds:Bond"),
        ("http://www.w3.org/2004/02/skos/core#related", "skos:related"),
        ("https://declared.org/#Thing", "dec:Thing"),
        ("urn:isbn:123", "isbn:123"),
    ],
)
def test_ids_are_short_and_readable(address: str, expected: str) -> None:
    from collections import Counter

    curies = Curies({"https://declared.org/#": Counter({"dec": 2, "other": 1})})
    assert curies.of(address) == expected


def test_a_prefix_of_two_namespaces_goes_to_the_one_that_more_files_use() -> None:
    from collections import Counter

    curies = Curies({"http://a/": Counter({"x": 1}), "http://b/": Counter({"x": 3})})
    assert (curies.of("http://b/T"), curies.of("http://a/T")) == ("x:T", "x2:T")


def test_properties_and_individuals_are_concepts_too(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        a__ttl="""@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix x: <http://x.org/x#> .
        x:C a owl:Class . x:p a owl:ObjectProperty . x:d a owl:DatatypeProperty .
        x:n a owl:AnnotationProperty . x:i a owl:NamedIndividual, x:C . x:j a x:C .
        x:k a x:Unknown . x:t a <http://www.w3.org/2000/01/rdf-schema#Datatype> .""",
    )
    kinds = {each.id: each.kind for each in found.concepts}
    assert kinds == {
        "x:C": Kind.CLASS,
        "x:p": Kind.PROPERTY,
        "x:d": Kind.PROPERTY,
        "x:n": Kind.PROPERTY,
        "x:i": Kind.INDIVIDUAL,
        "x:j": Kind.INDIVIDUAL,
    }
    assert {each.id: each.parents for each in found.concepts}["x:i"] == ("x:C",)
