"""Loading ontologies from folders: the format, and every way it can be wrong."""

from pathlib import Path

import pytest

from domain_adapt.base.errors import DataError, UsageError
from domain_adapt.ontology.concept import LabelType, Mapping, Quantity, Relation, Scope, Status
from domain_adapt.ontology.load import load_ontology
from domain_adapt.ontology.rules import Bound, Comparison, RuleKind, Severity

HEAD = "name: toy\ntitle: Toy\nprefix: t\nversion: 1.0.0\nlicence: CC0-1.0\n"
GOOD = """\
branch: derivatives
concepts:
  - id: derivative
    label: {en: derivative, zh: 衍生品}
    definition: A contract worth what something else makes it worth.
    source: Textbook
  - id: credit_default_swap
    label: {en: credit default swap, zh: 信用违约互换}
    abbreviations: [CDS, NO]
    synonyms: [default swap, 信用违约掉期]
    related: [credit insurance]
    narrow: [single-name swap]
    broad: [credit derivative]
    definition: A contract that pays when a named borrower fails to.
    parents: [derivative]
    source: Textbook
"""


def folder_of(tmp_path: Path, files: dict[str, str]) -> str:
    folder = tmp_path / "toy"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def fail(tmp_path: Path, files: dict[str, str]) -> DataError:
    with pytest.raises(DataError) as caught:
        load_ontology(folder_of(tmp_path, files))
    assert caught.value.exit_code == 4
    return caught.value


def one(body: str) -> str:
    """A branch file: ``derivative`` and one more concept that starts on line 5."""
    first = "branch: b\nconcepts:\n  - {id: derivative, label: {en: derivative}, definition: d,\n"
    return f"{first}     abbreviations: [DRV]}}\n  - {body}\n"


def test_concept_as_written(tmp_path: Path) -> None:
    ontology = load_ontology(folder_of(tmp_path, {"ontology.yaml": HEAD, "a.yaml": GOOD}))
    assert (ontology.name, ontology.title, ontology.version) == ("toy", "Toy", "1.0.0")
    assert list(ontology.concepts) == ["t:credit_default_swap", "t:derivative"]
    concept = ontology.concepts["t:credit_default_swap"]
    assert concept.branch == "derivatives"
    assert concept.parents == ("t:derivative",)
    assert concept.preferred() == "credit default swap"
    assert concept.preferred("zh") == "信用违约互换"
    assert concept.names(LabelType.ABBREVIATION) == ("CDS", "NO")
    assert concept.names(LabelType.SYNONYM) == ("default swap",)
    assert concept.names(LabelType.SYNONYM, language="zh") == ("信用违约掉期",)
    assert concept.names(LabelType.SYNONYM, scope=Scope.RELATED) == ("credit insurance",)
    assert concept.names(LabelType.SYNONYM, scope=Scope.NARROW) == ("single-name swap",)
    assert concept.names(LabelType.SYNONYM, scope=Scope.BROAD) == ("credit derivative",)
    assert ontology.label_count() == 11
    assert ontology.children("t:derivative") == ("t:credit_default_swap",)


def test_digest_does_not_depend_on_files(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    head, _, last = GOOD.partition("  - id: credit")
    whole = load_ontology(folder_of(tmp_path / "1", {"ontology.yaml": HEAD, "a.yaml": GOOD}))
    last = f"branch: derivatives\nconcepts:\n  - id: credit{last}"
    files = {"ontology.yaml": HEAD, "a.yaml": last, "z.yaml": head}
    parts = load_ontology(folder_of(tmp_path / "2", files))
    assert whole.digest == parts.digest
    assert whole.concepts == parts.concepts


@pytest.mark.parametrize(
    ("body", "code", "place", "words"),
    [
        (
            "{id: x, label: {en: x}, defintion: d}",
            "012",
            5,
            ["'definition' is missing", "unknown key 'defintion'", "Did you mean 'definition'?"],
        ),
        ("{id: x, label: {zh: 衍}, definition: d}", "013", 5, ["no label.en", "(labels: zh)"]),
        ("{id: x, label: {en: 5}, definition: d}", "011", 5, ["'label.en' is 5", "text"]),
        ("{id: x, label: {English: x}, definition: d}", "011", 5, ['the key "English"']),
        ("{id: X y, label: {en: x}, definition: d}", "011", 5, ["'id' is \"X y\"", "matches"]),
        ("{id: x, label: {en: x}, definition: '  '}", "018", 5, ["'x' has an empty definition"]),
        ("{id: x, label: {en: x}, definition: d, synonyms: y}", "011", 5, ["synonyms", "a list"]),
        ("just text", "011", 5, ['"just text"', "expected a mapping"]),
        (
            "{id: derivative, label: {en: x}, definition: d}",
            "014",
            5,
            ["'t:derivative' is taken by a.yaml:3"],
        ),
        (
            "{id: x, label: {en: x}, definition: d, parents: [derivativ]}",
            "015",
            5,
            ["'t:x' has the parent 'derivativ'", "Did you mean 'derivative'?"],
        ),
        ("{id: x, label: {en: x}, definition: d, parents: [x]}", "016", 5, ["t:x → t:x"]),
        (
            "{id: x, label: {en: Derivative}, definition: d}",
            "017",
            5,
            ['"Derivative"', "exact for 't:derivative' (a.yaml:3)"],
        ),
        ("{id: x, label: {en: x}, synonyms: [X], definition: d}", "017", 5, ["has already"]),
        ("{id: x, label: {en: x}, abbreviations: [DRV], definition: d}", "017", 5, ['"DRV"']),
        ("{id: x, id: y, label: {en: x}, definition: d}", "002", 5, ["'id' is there twice"]),
        ("{id: x", "001", 6, ["not valid YAML"]),
    ],
)
def test_fault_in_a_concept(
    body: str, code: str, place: int, words: list[str], tmp_path: Path
) -> None:
    error = fail(tmp_path, {"ontology.yaml": HEAD, "a.yaml": one(body)})
    assert error.code == f"DA-ONTO-{code}"
    for word in [f"a.yaml:{place}", *words]:
        assert word in error.message


@pytest.mark.parametrize(
    "body",
    [
        "{id: x, label: {en: drv}, definition: d}",  # a word is no abbreviation
        "{id: x, label: {en: x}, abbreviations: [Drv], definition: d}",  # other letters
        "{id: x, label: {en: x}, related: [derivative], definition: d}",  # other scope
    ],
)
def test_labels_that_only_look_alike_are_allowed(body: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"ontology.yaml": HEAD, "a.yaml": one(body)})
    assert "t:x" in load_ontology(folder).concepts


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        ({"a.yaml": GOOD}, "022", ["ontology.yaml", "is missing"]),
        ({"ontology.yaml": HEAD}, "019", ["no concept"]),
        ({"ontology.yaml": HEAD, "a.yaml": "branch: b\nconcepts: []\n"}, "019", ["no concept"]),
        ({"ontology.yaml": "name: ]", "a.yaml": GOOD}, "001", ["ontology.yaml:1"]),
        ({"ontology.yaml": "- a\n", "a.yaml": GOOD}, "011", ["ontology.yaml:1"]),
        ({"ontology.yaml": HEAD, "a.yaml": "- a\n"}, "011", ["a.yaml:1"]),
        ({"ontology.yaml": HEAD, "a.yaml": "branch: b\n"}, "012", ["'concepts' is missing"]),
        (
            {"ontology.yaml": HEAD.replace("1.0.0", "1.0"), "a.yaml": GOOD},
            "011",
            ["ontology.yaml:4", "'version' is 1.0", "expected text"],
        ),
        (
            {"ontology.yaml": HEAD + "license: MIT\n", "a.yaml": GOOD},
            "010",
            ["ontology.yaml:6", "Did you mean 'licence'?"],
        ),
    ],
)
def test_fault_in_the_folder(
    files: dict[str, str], code: str, words: list[str], tmp_path: Path
) -> None:
    error = fail(tmp_path, files)
    assert error.code == f"DA-ONTO-{code}"
    for word in words:
        assert word in error.message


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    files = {
        "ontology.yaml": HEAD + "extra: 1\n",
        "a.yaml": one("{id: x, label: {en: x}, definition: '', parents: [gone]}"),
        "b.yaml": "branch: c\nconcepts:\n  - {id: y, label: {}, definition: d, parents: [z]}\n"
        "  - {id: z, label: {en: z}, definition: 5}\n",
    }
    message = fail(tmp_path, files).message
    assert message.startswith("5 problems in the ontology")
    for place in ("ontology.yaml:6", "a.yaml:5", "b.yaml:3", "b.yaml:4"):
        assert place in message
    assert "'z'" not in message  # it exists, with a fault of its own


def test_missing_parent_among_many_ids_lists_none_of_them(tmp_path: Path) -> None:
    rows = [f"  - {{id: n{i}, label: {{en: n{i}}}, definition: d}}\n" for i in range(60)]
    text = "branch: b\nconcepts:\n" + "".join(rows)
    text += "  - {id: x, label: {en: x}, definition: d, parents: [qqqqqq]}\n"
    message = fail(tmp_path, {"ontology.yaml": HEAD, "a.yaml": text}).message
    assert "No id is near to it." in message
    assert "n59" not in message


def test_longer_cycle_is_shown_as_a_path(tmp_path: Path) -> None:
    rows = [
        f"  - {{id: {child}, label: {{en: {child}}}, definition: d, parents: [{parent}]}}\n"
        for child, parent in [("a", "b"), ("b", "c"), ("c", "a"), ("below", "a")]
    ]
    files = {"ontology.yaml": HEAD, "a.yaml": "branch: b\nconcepts:\n" + "".join(rows)}
    assert "parents go round: t:a → t:b → t:c → t:a" in fail(tmp_path, files).message


def test_unknown_name_is_a_usage_error_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"DA-ONTO-020.*'finanse'.*Did you mean 'finance'"):
        load_ontology("finanse")


def test_missing_folder_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="DA-ONTO-021") as caught:
        load_ontology(str(tmp_path / "none"))
    assert caught.value.exit_code == 2


RICH_HEAD = (
    HEAD
    + """\
predicates:
  - {id: treats, label: {en: treats}, domain: [drug], range: [illness]}
"""
)
RICH = """\
branch: b
sources: [Textbook, Handbook]
concepts:
  - {id: drug, label: {en: drug}, definition: d}
  - {id: illness, label: {en: illness}, definition: d, disjoint_with: [drug]}
  - {id: gout, label: {en: gout}, definition: d, parents: [illness]}
  - id: colchicine
    label: {en: colchicine}
    brands: [Colcrys]
    spellings: [colchicin]
    layperson: [gout pill]
    plurals: [colchicines]
    codes: [J04]
    definition: d
    parents: [drug]
    relations: {treats: [gout]}
    quantities:
      - {unit: mg, plausible: [0.1, 5], reference: [0.5, null], note: adult}
    mappings: ["RXNORM:2683"]
    deprecated: true
    replaced_by: drug
rules:
  - id: too_much
    kind: contraindication
    subject: colchicine
    object: gout
    when: {concept: colchicine, above: 5, unit: mg}
    severity: relative
    statement: {en: Not so much., zh: 不要太多。}
    source: Textbook
"""


def rich(tmp_path: Path, old: str = "", new: str = "") -> dict[str, str]:
    assert old in RICH
    return {"ontology.yaml": RICH_HEAD, "a.yaml": RICH.replace(old, new) if old else RICH}


def test_everything_that_a_concept_can_say(tmp_path: Path) -> None:
    ontology = load_ontology(folder_of(tmp_path, rich(tmp_path)))
    concept = ontology.concepts["t:colchicine"]
    assert {(label.text, label.type) for label in concept.labels} == {
        ("colchicine", LabelType.PREFERRED),
        ("Colcrys", LabelType.BRAND),
        ("colchicin", LabelType.SPELLING),
        ("gout pill", LabelType.LAYPERSON),
        ("colchicines", LabelType.PLURAL),
        ("J04", LabelType.CODE),
    }
    assert all(label.scope is Scope.EXACT for label in concept.labels)
    assert concept.relations == (Relation("treats", "t:gout"),)
    assert concept.quantities == (Quantity("mg", (0.1, 5.0), (0.5, None), "adult"),)
    assert concept.mappings == (Mapping("skos:exactMatch", "RXNORM:2683"),)
    assert (concept.status, concept.replaced_by) == (Status.DEPRECATED, "t:drug")
    assert ontology.head.sources == ("Handbook", "Textbook")
    assert ontology.are_disjoint("t:gout", "t:colchicine")


def test_a_rule_as_written(tmp_path: Path) -> None:
    (rule,) = load_ontology(folder_of(tmp_path, rich(tmp_path))).rules
    assert (rule.id, rule.kind, rule.severity) == (
        "t:too_much",
        RuleKind.CONTRAINDICATION,
        Severity.RELATIVE,
    )
    assert rule.bounds == (Bound("t:colchicine", Comparison.ABOVE, 5.0, "mg"),)
    assert rule.concepts() == ("t:colchicine", "t:gout", "t:colchicine")
    assert rule.statement["zh"] == "不要太多。"


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("{treats: [gout]}", "{heals: [gout]}", "023", ["'heals' is not declared", "a.yaml:16"]),
        ("{treats: [gout]}", "{treats: [drug]}", "024", ["'drug' is outside the range"]),
        ("{treats: [gout]}", "{treats: [goat]}", "025", ["'goat'", "Did you mean 'gout'?"]),
        ("disjoint_with: [drug]", "disjoint_with: [drag]", "025", ["'drag'", "a.yaml:5"]),
        ("disjoint_with: [drug]", "disjoint_with: [illness]", "025", ["no other concept"]),
        ("replaced_by: drug", "replaced_by: drag", "025", ["replaced_by"]),
        ("object: gout", "object: goat", "025", ["the rule 't:too_much'", "a.yaml:23"]),
        ("[0.1, 5]", "[5, 0.1]", "011", ["must rise"]),
        ("[0.5, null]", "[0.01, null]", "011", ["must rise and lie within"]),
        ("above: 5, ", "", "011", ["expected one or two of"]),
        ("kind: contraindication", "kind: contraindicated", "011", ["contraindication"]),
        ("severity: relative", "note: x", "010", ["'note'"]),
    ],
)
def test_fault_in_what_concepts_and_rules_refer_to(
    old: str, new: str, code: str, words: list[str], tmp_path: Path
) -> None:
    error = fail(tmp_path, rich(tmp_path, old, new))
    assert error.code == f"DA-ONTO-{code}", error.message
    for word in words:
        assert word in error.message


def test_two_rules_of_one_id_and_a_rule_that_judges_nothing(tmp_path: Path) -> None:
    rules = RICH.partition("rules:\n")[2]
    files = {"ontology.yaml": RICH_HEAD, "a.yaml": RICH + rules}
    assert fail(tmp_path, files).code == "DA-ONTO-014"
    bare = RICH.replace("    object: gout\n", "").replace(
        "    when: {concept: colchicine, above: 5, unit: mg}\n", ""
    )
    assert "judge nothing" in fail(tmp_path, {**files, "a.yaml": bare}).message
