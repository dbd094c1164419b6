"""Tables: every column, every spelling of a list, references by label, and real tables whole."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.errors import DataError
from domain_adapt.ontology.concept import Concept, Label, LabelType, Mapping, Scope, Status
from domain_adapt.ontology.importers.importer import Imported
from domain_adapt.ontology.importers.table import IMPORTER
from domain_adapt.ontology.importers.table_rows import read_rows
from domain_adapt.ontology.rules import RuleKind

WIDE = {
    "id": "x:cds",
    "label_en": "credit default swap",
    "label_zh": "信用违约互换",
    "abbreviations": "CDS|CrDS",
    "synonyms": "default swap; t(8;21) swap",
    "spellings": "credit-default swap",
    "plurals": "",
    "layperson": "loan insurance",
    "brands": "",
    "codes": "X1",
    "related": "credit protection",
    "narrow": "single-name CDS",
    "broad": "derivative",
    "definition": "One pays a fee; the other pays out on default.",
    "parents": "x:derivative|x:contract",
    "source": "ISDA",
    "branch": "credit",
    "disjoint_with": "x:bond",
    "mappings": "FIBO:CDS; ISO:1",
    "deprecated": "yes",
    "replaced_by": "x:derivative",
}
OTHERS = [
    {"id": "x:derivative", "label_en": "derivative"},
    {"id": "x:contract", "label_en": "contract"},
    {"id": "x:bond", "label_en": "bond"},
]


def write_table(path: Path, rows: list[dict[str, str]]) -> Path:
    headings = list(dict.fromkeys(key for row in rows for key in row))
    if path.suffix == ".jsonl":
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    elif path.suffix == ".yaml":
        text = json.dumps(rows, ensure_ascii=False)  # JSON is YAML
    else:
        stream = io.StringIO()
        delimiter = "\t" if path.suffix == ".tsv" else ","
        writer = csv.DictWriter(stream, headings, delimiter=delimiter, restval="")
        writer.writeheader()
        writer.writerows(rows)
        text = stream.getvalue()
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str, name: str = "terms.csv", **columns: str) -> Imported:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return IMPORTER.with_columns(columns).read([path])


def labels(concept: Concept) -> list[tuple[str, str, str]]:
    return [(label.text, label.language, label.type.value) for label in concept.labels]


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".yaml"])
def test_every_column_in_every_format(tmp_path: Path, ending: str) -> None:
    def label(
        text: str, kind: LabelType, scope: Scope = Scope.EXACT, language: str = "en"
    ) -> Label:
        return Label(text, language, scope, kind)

    path = write_table(tmp_path / f"terms{ending}", [WIDE, *OTHERS])
    concept = IMPORTER.read([path]).concepts[0]
    assert concept == Concept(
        id="x:cds",
        branch="credit",
        labels=(
            label("credit default swap", LabelType.PREFERRED),
            label("信用违约互换", LabelType.PREFERRED, language="zh"),
            label("CDS", LabelType.ABBREVIATION),
            label("CrDS", LabelType.ABBREVIATION),
            label("default swap", LabelType.SYNONYM),
            label("t(8;21) swap", LabelType.SYNONYM),
            label("credit-default swap", LabelType.SPELLING),
            label("loan insurance", LabelType.LAYPERSON),
            label("X1", LabelType.CODE),
            label("credit protection", LabelType.SYNONYM, Scope.RELATED),
            label("single-name CDS", LabelType.SYNONYM, Scope.NARROW),
            label("derivative", LabelType.SYNONYM, Scope.BROAD),
        ),
        definition="One pays a fee; the other pays out on default.",
        parents=("x:derivative", "x:contract"),
        source="ISDA",
        disjoint_with=("x:bond",),
        mappings=(
            Mapping("oboInOwl:hasDbXref", "FIBO:CDS"),
            Mapping("oboInOwl:hasDbXref", "ISO:1"),
        ),
        status=Status.DEPRECATED,
        replaced_by="x:derivative",
        origin=f"terms{ending}",
    )


def test_lists_of_json_are_lists(tmp_path: Path) -> None:
    row = {"label": "a; b", "synonyms": ["c; d", "e|f"], "abbreviations": None}
    (concept,) = read(tmp_path, json.dumps(row), "terms.jsonl").concepts
    assert [text for text, _, _ in labels(concept)] == ["a; b", "c; d", "e|f"]


def test_names_alone_make_a_glossary(tmp_path: Path) -> None:
    bond, note = read(tmp_path, "Term,Acronym\nBond issue,BI\n票据,\n", "my terms.csv").concepts
    assert (bond.id, bond.branch) == ("my_terms:bond_issue", "my terms")
    assert labels(bond) == [("Bond issue", "en", "preferred"), ("BI", "en", "abbreviation")]
    assert (note.id, labels(note)) == ("my_terms:票据", [("票据", "zh", "preferred")])


def test_parents_by_label_id_or_bare_id(tmp_path: Path) -> None:
    text = "id,label,parents\na,Alpha,\nb,Beta,ALPHA\nc,Gamma,a|b\nd,Delta,other:x\n"
    found = {concept.preferred(): concept.parents for concept in read(tmp_path, text).concepts}
    assert found == {
        "Alpha": (),
        "Beta": ("terms:a",),
        "Gamma": ("terms:a", "terms:b"),
        "Delta": ("other:x",),
    }


def test_whole_cell_that_is_a_label_is_not_split(tmp_path: Path) -> None:
    text = "label\tparents\nt(1;2); acute\t\nchild\tt(1;2); acute\n"
    parent, child = read(tmp_path, text, "terms.tsv").concepts
    assert child.parents == (parent.id,)


def test_parent_without_a_row_becomes_a_concept(tmp_path: Path) -> None:
    leaf, root = read(tmp_path, "label,parents\nbond,security\n").concepts
    assert (leaf.parents, root.id, root.preferred()) == (("terms:security",), root.id, "security")


def test_rows_of_one_id_add_up(tmp_path: Path) -> None:
    text = "id,label,parents,synonyms\nx:1,one,x:8,uno\nx:1,one,x:9,eins\n"
    (concept,) = read(tmp_path, text).concepts
    assert concept.parents == ("x:8", "x:9")
    assert concept.names(LabelType.SYNONYM) == ("uno", "eins")


def test_semicolons_between_cells_and_byte_order_mark(tmp_path: Path) -> None:
    (concept,) = read(tmp_path, "\ufefflabel;definition\nbond;a, b\n").concepts
    assert (concept.preferred(), concept.definition) == ("bond", "a, b")


def test_mapping_of_columns(tmp_path: Path) -> None:
    text = "Wort,Notiz,Quelle\nbond,xyz,book\n"
    (concept,) = read(tmp_path, text, Wort="label", Notiz="-", Quelle="source").concepts
    assert (concept.preferred(), concept.source) == ("bond", "book")
    (concept,) = read(tmp_path, text, Wort="label", **{"*": "-"}).concepts
    assert (concept.preferred(), concept.source) == ("bond", "")


@pytest.mark.parametrize(
    ("text", "columns", "code", "message"),
    [
        ("label,synonmys\na,b\n", {}, 60, "1: the column 'synonmys' is not known. Did you mean"),
        ("id,id\na,b\n", {}, 60, "1: two columns are 'id'"),
        ("definition\na\n", {}, 60, "1: no column is the label"),
        ("x\na\n", {"x": "lable"}, 60, "1: 'x' is mapped to 'lable', which is no column"),
        ("x\na\n", {"y": "label"}, 60, "1: there is no column 'y'"),
        ("label,source\na,b,c\n", {}, 62, "2: 3 cells under 2 headings; the first"),
        ("label,source\n\n,b\n", {}, 62, "3: the row has neither an id nor a label"),
        ('label\na\n"open\nb\n', {}, 62, "3: not valid as a table"),
        ("id,label\nx:1,a\nx:1,b\n", {}, 67, "3: 'x:1' is 'b' here and 'a' in terms.csv:2"),
        ("label,parents\ncredit,\na,credits\n", {}, 66, "3: the parent 'credits' is neither"),
        ("label,replaced_by\na,b\n", {}, 66, "2: the replacement 'b' is neither"),
        ("label\n", {}, 68, "1: the table has no rows"),
    ],
)
def test_malformed_tables(
    tmp_path: Path, text: str, columns: dict[str, str], code: int, message: str
) -> None:
    with pytest.raises(DataError) as raised:
        read(tmp_path, text, **columns)
    assert raised.value.code == f"DA-ONTO-{code:03}"
    assert raised.value.message.startswith(f"terms.csv:{message}")


@pytest.mark.parametrize(
    ("name", "text", "code", "message"),
    [
        ("t.jsonl", '{"label": "a"}\n{"label": }\n', "DA-ONTO-062", "t.jsonl:2: not valid JSON"),
        ("t.jsonl", '{"label": "a"}\n[1]\n', "DA-ONTO-062", "t.jsonl:2: expected a mapping"),
        ("t.jsonl", '{"label": {"en": 1}}\n', "DA-ONTO-062", "t.jsonl:1: 'label' is"),
        ("t.yaml", "- label: a\n- label: [x: 1]\n", "DA-ONTO-062", "t.yaml:2: 'label' is"),
        ("t.yaml", "just words\n", "DA-ONTO-068", "t.yaml:1: expected a list"),
        ("t.yaml", "a: b: c\n", "DA-ONTO-001", "t.yaml:1: not valid YAML"),
    ],
)
def test_malformed_json_and_yaml(
    tmp_path: Path, name: str, text: str, code: str, message: str
) -> None:
    with pytest.raises(DataError) as raised:
        read(tmp_path, text, name)
    assert raised.value.code == code
    assert raised.value.message.startswith(message)


BUNDLED = """\
title: My terms
prefix: my
version: 2.0.0
licence: CC0-1.0
predicates:
  - {id: treats, label: {en: treats}}
concepts:
  - id: drug
    label: {en: drug, zh: 药物}
    abbreviations: [DRG]
    definition: What is given to a patient to act on a disease.
  - id: ill
    label: {en: illness}
    definition: What a patient suffers from and a doctor treats.
    quantities: [{unit: g/L, plausible: [1, 2]}]
rules:
  - id: never
    kind: forbidden
    subject: drug
    object: ill
    statement: {en: A drug is no illness.}
    source: me
"""


def test_bundled_format_as_one_file(tmp_path: Path) -> None:
    imported = read(tmp_path, BUNDLED, "mine.yaml")
    assert (imported.title, imported.version, imported.licence) == ("My terms", "2.0.0", "CC0-1.0")
    assert [concept.id for concept in imported.concepts] == ["my:drug", "my:ill"]
    assert imported.concepts[0].branch == "mine"
    assert imported.concepts[1].quantities[0].unit == "g/L"
    (rule,) = imported.rules
    assert (rule.kind, rule.subject, rule.object) == (RuleKind.FORBIDDEN, "my:drug", "my:ill")
    assert [predicate.id for predicate in imported.predicates] == ["treats"]


def test_bundled_format_needs_no_head(tmp_path: Path) -> None:
    text = "concepts:\n  - {id: a, label: {en: a}, definition: x}\n"
    imported = read(tmp_path, text, "My list.yaml")
    assert (imported.title, imported.concepts[0].id) == ("My list", "mylist:a")


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("object: ill", "object: ills", ["mine.yaml:17", "DA-ONTO-025"]),
        ("abbreviations", "abreviations", ["mine.yaml:10", "DA-ONTO-010", "abbreviations"]),
        ("kind: forbidden", "kind: forbiden", ["mine.yaml:18", "DA-ONTO-011"]),
        ("concepts:", "concept:", ["mine.yaml:7", "DA-ONTO-010"]),
    ],
)
def test_faults_of_the_bundled_format(tmp_path: Path, old: str, new: str, codes: list[str]) -> None:
    with pytest.raises(DataError) as raised:
        read(tmp_path, BUNDLED.replace(old, new), "mine.yaml")
    assert all(code in str(raised.value) for code in codes), str(raised.value)


_CELL = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=12).map(
    lambda text: text.strip("\"' \ufeff")
)


@given(rows=st.lists(st.tuples(_CELL.filter(bool), _CELL), min_size=1, max_size=6))
def test_cells_come_back_as_they_were(rows: list[tuple[str, str]], tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.mktemp("cells") / "t.csv"
    write_table(path, [{"label": label, "definition": text} for label, text in rows])
    found = [(row.cells["label"], row.cells.get("definition", "")) for row in read_rows(path, {})]
    assert found == rows


@pytest.mark.real_data
def test_disease_ontology_tables_whole(real_data: Path) -> None:
    folder = real_data / "ontologies" / "doid"
    # 12,296 rows name 12,246 ids; the root, "disease", is only ever a parent
    human = IMPORTER.read([folder / "HumanDO.tsv"]).concepts
    assert (len(human), sum(len(each.parents) for each in human)) == (12_247, 12_296)
    assert [each.id for each in human if not each.parents] == ["humando:disease"]
    names = ("MESHinDO.tsv", "ICD10inDO.tsv")
    mesh, icd = (IMPORTER.read([folder / name]).concepts for name in names)
    assert (len(mesh), len(icd)) == (4_023, 3_571)
    assert all(m.target.startswith("MESH:") for each in mesh for m in each.mappings)
    paths = [folder / name for name in ("HumanDO.tsv", *names)]
    together = IMPORTER.read(paths).concepts
    assert len({each.id for each in together}) == len(together) == 12_261
    assert sum(len(each.mappings) for each in together) == 4_023 + 3_571


@pytest.mark.real_data
def test_real_table_with_columns_mapped(real_data: Path) -> None:
    path = real_data / "ontologies" / "doid" / "MESHinDO.tsv"
    columns = {"label": "synonyms", "xrefs": "-"}
    concepts = IMPORTER.with_columns(columns).read([path]).concepts
    assert len(concepts) == 4_023
    assert not any(each.mappings for each in concepts)
