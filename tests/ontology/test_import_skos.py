"""SKOS: other names are related unless the user says more; hierarchy in either direction."""

from pathlib import Path

import pytest

from domain_adapt.ontology.concept import Concept, Kind, LabelType, Mapping, Relation, Scope
from domain_adapt.ontology.importers.importer import Options
from domain_adapt.ontology.importers.rdf import IMPORTER
from domain_adapt.ontology.importers.skos import abbreviation_pair

PREFIXES = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix t: <http://thesaurus.org/term/> .
"""

CREDIT_DERIVATIVE = """
t:scheme a skos:ConceptScheme ; dct:title "Thesaurus" .
t:1 a skos:Concept ; skos:prefLabel "Credit derivative"@en, "Kreditderivat"@de ;
  skos:altLabel "CDS"@en, "CDO (Collateralized debt obligation)"@en, "Swap (credit)"@en ;
  skos:definition "contract on a default"@en ; skos:exactMatch <http://other.org/x#CD> .
"""


def read(folder: Path, body: str, *, alt_label: Scope = Scope.RELATED) -> dict[str, Concept]:
    path = folder / "thesaurus.ttl"
    path.write_text(PREFIXES + body, encoding="utf-8")
    importer = IMPORTER.configured(Options(alt_label=alt_label))
    return {each.id: each for each in importer.read([path]).concepts}


@pytest.mark.parametrize("scope", [Scope.RELATED, Scope.EXACT])
def test_other_names_have_the_scope_that_the_user_gives_them(tmp_path: Path, scope: Scope) -> None:
    concept = read(tmp_path, CREDIT_DERIVATIVE, alt_label=scope)["t:1"]
    other = {(x.text, x.type) for x in concept.labels if x.type is not LabelType.PREFERRED}
    assert other == {
        ("CDS", LabelType.SYNONYM),
        ("CDO", LabelType.ABBREVIATION),
        ("Collateralized debt obligation", LabelType.SYNONYM),
        ("Swap (credit)", LabelType.SYNONYM),
    }
    scopes = {x.scope for x in concept.labels if x.type is not LabelType.PREFERRED}
    assert scopes == {scope}


def test_two_short_forms_of_one_concept_are_not_synonyms_of_one_another(tmp_path: Path) -> None:
    concept = read(tmp_path, CREDIT_DERIVATIVE)["t:1"]
    exact = [x.text for x in concept.labels if x.scope is Scope.EXACT]
    assert exact == ["Credit derivative", "Kreditderivat"]


@pytest.mark.parametrize(
    "order", ["skos:prefLabel {p} ; skos:altLabel {a}", "skos:altLabel {a} ; skos:prefLabel {p}"]
)
def test_the_short_form_of_the_own_name_is_exact(tmp_path: Path, order: str) -> None:
    said = order.format(p='"Gross domestic product"', a='"GDP (gross domestic product)"')
    concept = read(tmp_path, f"t:1 a skos:Concept ; {said} .")["t:1"]
    assert concept.names(LabelType.ABBREVIATION) == ("GDP",)
    assert len(concept.labels) == 2


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("CDS (Credit default swap)", ("CDS", "Credit default swap")),
        ("M&A (Mergers and acquisitions)", ("M&A", "Mergers and acquisitions")),
        (
            "EBITDA (earnings before interest, taxes, depreciation and amortization)",
            ("EBITDA", "earnings before interest, taxes, depreciation and amortization"),
        ),
        ("HbA1c (haemoglobin A1c)", ("HbA1c", "haemoglobin A1c")),
        ("CPI (Canada)", None),
        ("bond (debt security)", None),
        ("Bond (Debt security)", None),
        ("CDS", None),
        ("Credit default swap (CDS)", None),
        ("ABC (abc)", None),
        ("A B (Along Bay)", None),
        ("CDS (Credit default swap) market", None),
        ("", None),
    ],
)
def test_which_names_are_an_abbreviation_and_its_long_form(
    text: str, pair: tuple[str, str] | None
) -> None:
    assert abbreviation_pair(text) == pair


def test_broader_and_narrower_are_one_relation(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """t:a a skos:Concept ; skos:narrower t:b, t:c .
        t:b a skos:Concept ; skos:broader t:a, [ a skos:Concept ] ; skos:related t:c .
        t:c a skos:Concept .""",
    )
    assert {name: each.parents for name, each in found.items()} == {
        "t:a": (),
        "t:b": ("t:a",),
        "t:c": ("t:a",),
    }
    assert found["t:b"].relations == (Relation("skos:related", "t:c"),)


def test_concepts_are_classes_of_their_scheme(tmp_path: Path) -> None:
    (concept,) = read(tmp_path, CREDIT_DERIVATIVE).values()
    assert (concept.kind, concept.branch) == (Kind.CLASS, "Thesaurus")
    assert concept.definition == "contract on a default"
    assert concept.preferred("de") == "Kreditderivat"
    assert concept.mappings == (Mapping("skos:exactMatch", "x:CD"),)
