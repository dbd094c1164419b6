"""Which names are looked for, in which forms and in which case."""

from __future__ import annotations

import pytest

from domain_adapt.ontology.concept import Concept, Label, LabelType, Scope, Status
from domain_adapt.ontology.match.index import build_index, pattern_of
from domain_adapt.ontology.match.matcher import build_matcher
from domain_adapt.ontology.match.terms import Case, Term, case_of, terms_of, variants
from domain_adapt.ontology.ontology import Head, build_ontology

ABBREVIATION, SYNONYM = LabelType.ABBREVIATION, LabelType.SYNONYM
PREFERRED, CODE = LabelType.PREFERRED, LabelType.CODE


def found(term: Term, text: str) -> list[str]:
    return [text[start:end] for start, end, _ in build_matcher([term]).hits(text)]


@pytest.mark.parametrize(
    ("label", "kind", "case"),
    [
        ("CDS", ABBREVIATION, Case.SAME),
        ("IFRS 9", ABBREVIATION, Case.SAME),
        ("ALS", SYNONYM, Case.SAME),
        ("COVID-19", ABBREVIATION, Case.SAME),
        ("DIABETES MELLITUS", PREFERRED, Case.ANY),
        ("CHOLERA", PREFERRED, Case.ANY),
        ("VaR", ABBREVIATION, Case.SAME_OR_CAPITALS),
        ("bps", ABBREVIATION, Case.SAME),
        ("HbA1c", ABBREVIATION, Case.ANY),
        ("SpaCy", ABBREVIATION, Case.ANY),
        ("国债", ABBREVIATION, Case.ANY),
        ("E11.9", CODE, Case.SAME),
        ("bond", PREFERRED, Case.ANY),
        ("I", SYNONYM, Case.ANY),
    ],
)
def test_case(label: str, kind: LabelType, case: Case) -> None:
    assert case_of(Term("x:1", label, kind)) is case


@pytest.mark.parametrize(
    ("label", "kind", "text", "expected"),
    [
        (
            "CDS",
            ABBREVIATION,
            "CDS cds Cds CDSs CDS's CDSS ＣＤＳ",
            ["CDS", "CDSs", "CDS", "ＣＤＳ"],
        ),
        ("ALL", ABBREVIATION, "all of them have ALL", ["ALL"]),
        ("VaR", ABBREVIATION, "VaR, VAR, var", ["VaR", "VAR"]),
        ("HbA1c", ABBREVIATION, "HbA1c HBA1C hba1c", ["HbA1c", "HBA1C", "hba1c"]),
        ("bond", PREFERRED, "Bonds BOND bonded", ["Bonds", "BOND"]),
        ("E11.9", CODE, "E11.9 e11.9 E119 E11.9s E11-9", ["E11.9"]),
        ("artery", PREFERRED, "arteries artery artery's", ["arteries", "artery", "artery"]),
        ("diagnosis", PREFERRED, "diagnoses", ["diagnoses"]),
        ("tax", PREFERRED, "taxes", ["taxes"]),
        ("rate of return", PREFERRED, "rates of return", ["rates of return"]),
        ("financial assets", PREFERRED, "a financial asset", ["financial asset"]),
        ("gas", PREFERRED, "ga gases", ["gases"]),
        ("news", PREFERRED, "new news", ["news"]),
        ("non-performing loan", PREFERRED, "nonperforming loans", ["nonperforming loans"]),
        ("Crohn's disease", PREFERRED, "Crohn disease, Crohns disease, Crohn’s disease", None),
        ("糖尿病", PREFERRED, "患糖尿病多年", ["糖尿病"]),
        ("维生素D", PREFERRED, "缺维生素 D 和维生素D3", ["维生素 D"]),
        ("C++", SYNONYM, "C++, C+ and C", ["C++"]),
        ("(R)-x", SYNONYM, "an (R)-x, R-x", ["(R)-x"]),
    ],
)
def test_forms(label: str, kind: LabelType, text: str, expected: list[str] | None) -> None:
    wanted = text.split(", ") if expected is None else expected
    assert found(Term("x:1", label, kind), text) == wanted


def test_codes_and_given_plurals_have_no_other_forms() -> None:
    assert variants(Term("x:1", "A-1", CODE)) == ("A-1",)
    assert variants(Term("x:1", "data", LabelType.PLURAL)) == ("data",)


def test_long_descriptions_have_no_plural() -> None:
    label = "displaced fracture of neck of left radius"
    assert variants(Term("x:1", label, PREFERRED)) == (label,)


@pytest.mark.parametrize("label", ["", " ", "+", "(-)"])
def test_a_name_without_letter_or_digit_is_never_found(label: str) -> None:
    assert pattern_of(label) is None
    assert found(Term("x:1", label, SYNONYM), "a + b (-) c") == []


def test_no_terms_find_nothing() -> None:
    assert build_matcher([]).hits("anything") == []


def test_one_concept_with_two_equal_names_is_one_term_the_likeliest_kind() -> None:
    terms = [
        Term("x:1", "Asset", SYNONYM),
        Term("x:1", "asset", PREFERRED),
        Term("x:0", "assets", SYNONYM),
    ]
    ((start, end, named),) = build_matcher(terms).hits("a asset")
    assert (start, end) == (2, 7)
    assert [(term.concept, term.type) for term in named] == [("x:1", PREFERRED), ("x:0", SYNONYM)]


def test_what_was_judged_is_forgotten_before_it_fills_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("domain_adapt.ontology.match.matcher._MOST_KNOWN", 2)
    matcher = build_matcher([Term("x:1", "a b", PREFERRED)])
    texts = ["a b", "A b", "a B", "A B", "a-b", "a/b", "a b"]
    assert [len(matcher.hits(text)) for text in texts] == [1, 1, 1, 1, 1, 0, 1]
    assert len(matcher._known) <= 2


def test_equal_patterns_are_searched_for_once() -> None:
    index = build_index([Term("x:1", "a b", PREFERRED), Term("x:2", "A-B", SYNONYM)])
    (pattern,) = {number for number, *_ in index.automaton.occurrences(" a b ")}
    assert [term.concept for term in index.candidates(pattern)] == ["x:1", "x:2"]


def concept(number: int, *labels: Label, status: Status = Status.ACTIVE) -> Concept:
    return Concept(f"x:{number}", "all", labels, "", (), "", status=status)


def test_names_near_to_a_concept_and_concepts_out_of_use_are_left_out() -> None:
    ontology = build_ontology(
        Head("x", "X", "x", "1", ""),
        [
            concept(
                1,
                Label("bond", "en", Scope.EXACT, PREFERRED),
                Label("债券", "zh", Scope.EXACT, PREFERRED),
            ),
            concept(2, Label("CDO", "en", Scope.RELATED, SYNONYM)),
            concept(3, Label("old", "en", Scope.EXACT, PREFERRED), status=Status.DEPRECATED),
        ],
    )
    assert [term.label for term in terms_of(ontology)] == ["bond", "债券"]
    wide = terms_of(ontology, scopes=(Scope.EXACT, Scope.RELATED))
    assert [term.label for term in wide] == ["bond", "债券", "CDO"]
