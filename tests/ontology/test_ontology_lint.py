"""The lint: each rule fires on what it is about and stays silent beside it."""

from dataclasses import replace

import pytest

from domain_adapt.ontology.concept import Concept, Label, LabelType, Scope
from domain_adapt.ontology.lint import Finding, lint
from domain_adapt.ontology.ontology import Head, build_ontology

HEAD = Head(name="toy", title="Toy", prefix="t", version="1.0.0", licence="CC0-1.0")


def label(
    text: str,
    kind: LabelType = LabelType.PREFERRED,
    *,
    scope: Scope = Scope.EXACT,
    language: str = "en",
) -> Label:
    return Label(text, language, scope, kind)


SWAP = Concept(
    id="t:swap",
    branch="b",
    labels=(
        label("interest-rate swap"),
        label("利率互换", language="zh"),
        label("IRS", LabelType.ABBREVIATION),
        label("fixed-for-floating trade", LabelType.SYNONYM),
        label("plain swap", LabelType.SYNONYM, scope=Scope.NARROW),
    ),
    definition="Two parties exchange fixed payments for floating ones.",
    parents=(),
    source="Textbook",
)


def rules(*concepts: Concept, head: Head = HEAD) -> list[tuple[str, str]]:
    return [(each.rule, each.concept) for each in lint(build_ontology(head, concepts))]


def test_clean_ontology_has_no_findings() -> None:
    assert rules(SWAP) == []


@pytest.mark.parametrize(
    "definition",
    [
        "An interest rate swap is what two parties agree on.",
        "Many Interest-Rate  Swaps are agreed between two parties.",
        "Two parties agree on an IRS and exchange payments.",
        "The usual fixed-for-floating trade between two parties.",
    ],
)
def test_definition_that_holds_its_own_name(definition: str) -> None:
    assert rules(replace(SWAP, definition=definition)) == [("definition-leak", "t:swap")]


@pytest.mark.parametrize(
    "definition",
    [
        "Two parties exchange interest, whatever the rate, as in any swap.",
        "What the irs collects is no business of two parties here.",
        "Two parties agree on a plain swap of payments each quarter.",
        "Two parties exchange interest-rate swaption premiums and payments.",
    ],
)
def test_definition_that_only_comes_near_to_its_name(definition: str) -> None:
    assert rules(replace(SWAP, definition=definition)) == []


def test_short_definition() -> None:
    assert rules(replace(SWAP, definition="A swap of interest.")) == [("short-definition", SWAP.id)]


def test_label_missing_in_a_language_that_others_have() -> None:
    other = replace(SWAP, id="t:other", labels=(label("other"),))
    assert rules(SWAP, other) == [("missing-label", "t:other")]
    assert rules(other) == []


def test_same_name_in_two_scopes() -> None:
    twice = label("IRS", LabelType.SYNONYM, scope=Scope.BROAD)
    concept = replace(SWAP, labels=(*SWAP.labels, twice))
    assert rules(concept) == [("repeated-across-scopes", "t:swap")]


def test_abbreviation_that_is_a_name_of_another_concept() -> None:
    labels = (label("irs"), label("国税局", language="zh"))
    other = replace(SWAP, id="t:agency", labels=labels)
    finding = lint(build_ontology(HEAD, [SWAP, other]))
    assert finding == (Finding("acronym-collision", "t:swap", "'IRS' also names t:agency."),)


def test_missing_source_and_licence() -> None:
    bare = replace(HEAD, licence="")
    assert rules(replace(SWAP, source=""), head=bare) == [
        ("missing-licence", ""),
        ("missing-source", "t:swap"),
    ]
