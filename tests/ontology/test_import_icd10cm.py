"""ICD-10-CM: the tree, 7th characters, what Excludes notes name, and the real list whole."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from domain_adapt.base.errors import DataError
from domain_adapt.ontology.concept import LabelType, Scope
from domain_adapt.ontology.importers.icd10cm import IMPORTER
from domain_adapt.ontology.importers.icd10cm_notes import Note, NoteReader
from domain_adapt.ontology.importers.importer import Imported
from domain_adapt.ontology.importers.packages import package_files
from domain_adapt.ontology.rules import RuleKind, Severity

TOY = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>2026</version>
  <introduction><introSection><title>ICD-10-CM TOY</title></introSection></introduction>
  <chapter>
    <name>1</name>
    <desc>Injuries and such (S00-T88)</desc>
    <excludes2><note>birth trauma (T10-T11)</note></excludes2>
    <sectionIndex><sectionRef first="S00" last="S09" id="S00-S09">Head</sectionRef></sectionIndex>
    <section id="S00-S09">
      <desc>Injuries to the head (S00-S09)</desc>
      <diag>
        <name>S02</name>
        <desc>Fracture of skull</desc>
        <includes><note>broken  head</note></includes>
        <excludes1><note>old fracture (T10.1)</note><note>of unknown place</note></excludes1>
        <sevenChrDef>
          <extension char="A">initial encounter</extension>
          <extension char="D">subsequent encounter</extension>
          <note>for healing</note>
        </sevenChrDef>
        <diag>
          <name>S02.0</name>
          <desc>Fracture of vault</desc>
          <inclusionTerm><note>Fracture of frontal bone</note></inclusionTerm>
        </diag>
        <diag>
          <name>S02.8</name>
          <desc>Other fractures</desc>
          <inclusionTerm><note>Fracture of palate</note></inclusionTerm>
          <diag><name>S02.81</name><desc>Other fracture, right side</desc></diag>
        </diag>
      </diag>
    </section>
    <section id="T10">
      <desc>Late effects (T10)</desc>
      <diag>
        <name>T10</name>
        <desc>Late effects</desc>
        <diag><name>T10.1</name><desc>Late effect of fracture</desc></diag>
      </diag>
    </section>
  </chapter>
</ICD10CM.tabular>
"""


def read(folder: Path, text: str, codes: str | None = None) -> Imported:
    paths = [folder / "toy.xml"]
    paths[0].write_text(text, encoding="utf-8")
    if codes is not None:
        paths.append(folder / "codes.txt")
        paths[1].write_text(codes, encoding="utf-8")
    return IMPORTER.read(paths)


def ids(imported: Imported) -> list[str]:
    return [concept.id.removeprefix("ICD10CM:") for concept in imported.concepts]


def test_tree_with_7th_characters(tmp_path: Path) -> None:
    imported = read(tmp_path, TOY)
    assert (imported.title, imported.version, imported.licence) == (
        "ICD-10-CM TOY",
        "2026",
        "US public domain",
    )
    found = {concept.id.removeprefix("ICD10CM:"): concept for concept in imported.concepts}
    assert list(found) == [
        *("S00-T88", "S00-S09", "S02", "S02.0", "S02.0XXA", "S02.0XXD"),
        *("S02.8", "S02.81", "S02.81XA", "S02.81XD", "T10-T10", "T10", "T10.1"),
    ]
    extended = found["S02.81XD"]
    assert extended.parents == ("ICD10CM:S02.81",)
    assert extended.preferred() == "Other fracture, right side, subsequent encounter/for healing"
    assert found["S02.0"].branch == "Injuries and such"
    assert found["T10"].parents == ("ICD10CM:T10-T10",)
    assert found["S00-T88"].parents == ()
    assert {concept.source for concept in imported.concepts} == {"ICD-10-CM 2026"}


def test_notes_that_are_names(tmp_path: Path) -> None:
    found = {concept.id: concept for concept in read(tmp_path, TOY).concepts}
    assert found["ICD10CM:S02.0"].names(LabelType.SYNONYM) == ("Fracture of frontal bone",)
    narrow = found["ICD10CM:S02.8"].names(LabelType.SYNONYM, scope=Scope.NARROW)
    assert narrow == ("Fracture of palate",)
    assert found["ICD10CM:S02"].names(LabelType.SYNONYM, scope=Scope.NARROW) == ("broken head",)


def test_list_of_codes_decides_which_7th_characters_exist(tmp_path: Path) -> None:
    imported = read(tmp_path, TOY, "S020XXA Fracture of vault, initial\n\nS02.81XD\n")
    assert [each for each in ids(imported) if len(each) == 8] == ["S02.0XXA", "S02.81XD"]


def test_excludes_become_rules(tmp_path: Path) -> None:
    rules = {rule.id.removeprefix("ICD10CM:"): rule for rule in read(tmp_path, TOY).rules}
    assert set(rules) == {"S00-T88.excludes2.1", "S02.excludes1.1", "S02.excludes1.2"}
    first = rules["S02.excludes1.1"]
    assert (first.kind, first.subject, first.object, first.severity) == (
        RuleKind.EXCLUDES1,
        "ICD10CM:S02",
        "ICD10CM:T10.1",
        Severity.ABSOLUTE,
    )
    statement = "S02 is never coded together with: old fracture (T10.1)"
    assert dict(first.statement) == {"en": statement}
    assert rules["S02.excludes1.2"].object == ""  # no code in it: kept, judges nothing
    assert rules["S00-T88.excludes2.1"].object == ""  # would exclude a part of itself


BELOW = {
    "X:A00-B99": ["X:A00-A09", "X:B20-B20"],
    "X:A00-A09": ["X:A00", "X:A01"],
    "X:A00": ["X:A00.1", "X:A00.2"],
    "X:A01": ["X:A01.1", "X:A01.2", "X:A01.3"],
    "X:A01.1": ["X:A01.11", "X:A01.12"],
    "X:A01.11": ["X:A01.114", "X:A01.115"],
    "X:A01.114": ["X:A01.114A", "X:A01.114B"],
    "X:B20-B20": ["X:B20"],
    "X:B20": ["X:B20.1"],
    "X:E08-E13": ["X:E08", "X:E09"],
    "X:E08": ["X:E08.5"],
    "X:E08.5": ["X:E08.51", "X:E08.52"],
    "X:E09": ["X:E09.5"],
    "X:E09.5": ["X:E09.51"],
}
BELOW |= {low: [] for row in list(BELOW.values()) for low in row if low not in BELOW}


@pytest.mark.parametrize(
    ("note", "codes"),
    [
        ("plague (A00.1)", "A00.1"),
        ("plague (A00.-)", "A00"),
        ("plague (A00.-, A01.2)", "A00 A01.2"),
        ("plague (A01.1-A01.2)", "A01.1 A01.2"),
        ("plague (A01.1- - A01.2-)", "A01.1 A01.2"),
        ("plague (A01.1.-A01.2)", "A01.1 A01.2"),
        ("plague (A00-A01)", "A00-A09"),
        ("plague (A00-A01, B20)", "A00-A09 B20"),
        ("infections (A00-B20)", "A00-B99"),
        ("plague (A00-A01.1)", "A00 A01.1"),
        ("plague A00.2", "A00.2"),
        ("those classified in A01.1- to A01.2-, code to it", "A01.1 A01.2"),
        ("plague (A01.- with fifth character 2)", "A01.12"),
        ("plague (A01.- with fifth or sixth character 1-2)", "A01.12"),
        ("plague (A01.- with 6th character 4 or 5)", "A01.114 A01.115"),
        ("plague (A00-A01 with fifth to sixth characters 14)", "A01.114"),
        ("plague (A01.-with 7th character B)", "A01.114B"),
        ("plague (A01. with final characters -15)", "A01.115"),
        ("diabetic (E08-E13 with .51-.52)", "E08.51 E08.52 E09.51"),
        ("diabetic (E08, E09 with .52 or .53)", "E08.52"),
        ("diabetic (E08-E13, with .5-)", "E08.5 E09.5"),
        ("deficiency of G6PD (B20.1)", "B20.1"),
        ("plague (A00.1) unless it is mild", ""),
        ("plague (A01.- with open fracture 7th character)", ""),
        ("plague (A00.9)", ""),
        ("plague in:", ""),
    ],
)
def test_codes_that_a_note_names(note: str, codes: str) -> None:
    found = NoteReader(BELOW, prefix="X:", source="toy").targets(note)
    assert [each.removeprefix("X:") for each in found] == codes.split()


def test_each_code_of_a_note_is_one_rule() -> None:
    reader = NoteReader(BELOW, prefix="X:", source="toy")
    note = Note("X:B20.excludes2.1", RuleKind.EXCLUDES2, "X:B20", "plague (A00.1, A00.2, B20.1)")
    rules = tuple(reader.rules(note))
    assert [rule.object for rule in rules] == ["X:A00.1", "X:A00.2"]  # B20.1 is part of B20
    assert [rule.id for rule in rules] == ["X:B20.excludes2.1.1", "X:B20.excludes2.1.2"]
    assert {rule.severity for rule in rules} == {Severity.RELATIVE}


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "reason"),
    [
        ("</chapter>", "", "DA-ONTO-057", 44, "mismatched tag"),
        ("ICD10CM.tabular", "tabular", "DA-ONTO-058", 1, "the root is <tabular>"),
        ("<name>S02.81</name>", "", "DA-ONTO-058", 31, "the code '' has no name"),
        ("<desc>Fracture of vault</desc>", "", "DA-ONTO-058", 22, "'S02.0' has no description"),
        ("<name>S02.0</name>", "<name>S02</name>", "DA-ONTO-058", 22, "'S02' is there twice"),
        (' id="T10"', "", "DA-ONTO-058", 35, "the section has no id"),
    ],
)
def test_malformed_xml(
    tmp_path: Path, old: str, new: str, code: str, line: int, reason: str
) -> None:
    with pytest.raises(DataError) as raised:
        read(tmp_path, TOY.replace(old, new))
    assert raised.value.code == code
    assert raised.value.message.startswith(f"toy.xml:{line}: ")
    assert reason in raised.value.message


def test_malformed_list_and_two_tables(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"codes\.txt:2: 'fracture' begins with no code") as raised:
        read(tmp_path, TOY, "S020XXA\nfracture\n")
    assert raised.value.code == "DA-ONTO-059"
    path = tmp_path / "toy.xml"
    with pytest.raises(DataError, match=r"expected one tabular XML") as raised:
        IMPORTER.read([path, path])
    assert raised.value.code == "DA-ONTO-059"


def test_recognises_by_content() -> None:
    assert IMPORTER.recognises(Path("a.xml"), TOY.encode()[:4096])
    assert not IMPORTER.recognises(Path("a.xml"), b"<rdf:RDF>")
    assert IMPORTER.recognises(Path("a.txt"), b"A000 Cholera due to Vibrio cholerae")
    assert not IMPORTER.recognises(Path("a.txt"), b"Read me first")


@pytest.fixture(scope="module")
def whole() -> Imported:
    pytest.importorskip("simple_icd_10_cm.data", reason="pip install 'domain-adapt[medical]'")
    return IMPORTER.read(package_files("icd10cm"))


def _note(rule_id: str) -> str:
    """Return which note a rule comes from; a note with several codes has several rules."""
    found = re.match(r".+\.excludes\d\.\d+", rule_id)
    assert found
    return found[0]


def test_whole_list(whole: Imported) -> None:
    lengths = [len(each) for each in ids(whole)]
    # 22 chapters, 297 blocks, 46,881 codes as printed, 51,305 by 7th characters
    assert len(set(ids(whole))) == len(whole.concepts) == 98_505
    blocks = [each for each in ids(whole) if re.fullmatch(r"\w{3}-\w{3}", each)]
    assert len(blocks) == 22 + 297
    assert sum(not concept.parents for concept in whole.concepts) == 22
    assert max(lengths) == 8


def test_every_excludes_note_is_a_rule(whole: Imported) -> None:
    root = ElementTree.parse(package_files("icd10cm")[0]).getroot()  # noqa: S314 - our own package
    for tag, notes, objects in (("excludes1", 5_407, 7_435), ("excludes2", 2_520, 8_602)):
        in_file = [n.text for element in root.iter(tag) for n in element.iterfind("note")]
        rules = [rule for rule in whole.rules if rule.kind == tag]
        assert len(in_file) == len({_note(rule.id) for rule in rules}) == notes
        assert sum(bool(rule.object) for rule in rules) == objects
    known = {concept.id for concept in whole.concepts}
    assert all(set(rule.concepts()) <= known for rule in whole.rules)


def test_counts_as_the_package_gives_them(whole: Imported) -> None:
    # 39 blocks have the name of their one category: asked for by name, the package answers for
    # the category both times, so its notes count twice and the block's not at all
    for kind, asked in ((RuleKind.EXCLUDES1, 5_428), (RuleKind.EXCLUDES2, 2_564)):
        notes = {_note(rule.id): rule.subject for rule in whole.rules if rule.kind is kind}
        subjects = Counter(notes.values())
        single = [each for each in subjects if re.fullmatch(r"ICD10CM:(\w{3})-\1", each)]
        categories = [each for each in ids(whole) if re.fullmatch(r"(\w{3})-\1", each)]
        again = sum(subjects[f"ICD10CM:{each[:3]}"] for each in categories)
        hidden = sum(subjects[each] for each in single)
        assert len(categories) == 39
        assert len(notes) + again - hidden == asked


def test_no_rule_excludes_what_lies_above_or_below_its_subject(whole: Imported) -> None:
    above = {each.id: each.parents for each in whole.concepts}

    def upward(concept: str) -> set[str]:
        return {concept}.union(*(upward(parent) for parent in above[concept]))

    for rule in whole.rules:
        if rule.object:
            assert rule.subject not in upward(rule.object)
            assert rule.object not in upward(rule.subject)
