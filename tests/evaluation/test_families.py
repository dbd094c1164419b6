from __future__ import annotations

import pytest

from domain_adapt.evaluation.families import MAKERS, MOST_WRONG, Side
from domain_adapt.ontology.ontology import Ontology


def _draft(family, ontology: Ontology, name: str, side: list[str] | None = None):
    concepts = [f"t:{each}" for each in side] if side else list(ontology.concepts)
    return MAKERS[family](Side(ontology, concepts), ontology.concepts[f"t:{name}"])


@pytest.fixture
def desk(concept_of, ontology_of) -> Ontology:
    """Two classes of derivatives, one of accounts."""
    return ontology_of(
        concept_of("derivative", definition="A claim on a price."),
        concept_of("swap", "derivative", definition="An exchange of two streams of payments."),
        concept_of(
            "credit default swap",
            "swap",
            abbreviations=("CDS", "CD swap"),
            synonyms=("default protection", "credit protection swap"),
            related=("credit insurance",),
            definition="Pays when a borrower fails.",
        ),
        concept_of(
            "total return swap",
            "swap",
            abbreviations=("TRS",),
            synonyms=("asset swap of all income",),
            definition="Passes all income of an asset on.",
        ),
        concept_of("basis swap", "swap", definition="Both legs of a basis swap float."),
        concept_of("option", "derivative", definition="A right without a duty."),
        concept_of("barrier option", "option", abbreviations=("BO",), synonyms=("knock-in",)),
        concept_of("account", definition="A list of amounts."),
        concept_of("asset", "account", definition="Something owned."),
        concept_of("accounts payable", "account", abbreviations=("AP",), synonyms=("payables",)),
    )


def test_p1_asks_what_an_abbreviation_means(desk):
    draft = _draft("P1", desk, "credit default swap")

    assert (draft.given, draft.right) == ("CDS", "credit default swap")
    assert draft.accepted == (
        "credit default swap",
        "default protection",
        "credit protection swap",
    )


def test_p1_offers_only_names_that_have_abbreviations(desk):
    wrong = _draft("P1", desk, "credit default swap").wrong

    assert wrong == ("total return swap", "barrier option", "accounts payable")


def test_p2_asks_for_the_first_abbreviation(desk):
    draft = _draft("P2", desk, "credit default swap")

    assert (draft.given, draft.right) == ("credit default swap", "CDS")
    assert draft.wrong == ("TRS", "BO", "AP")


def test_p3_and_p4_are_each_other_turned_round(desk):
    term = _draft("P3", desk, "credit default swap")
    definition = _draft("P4", desk, "credit default swap")

    assert (term.given, term.right) == (definition.right, definition.given)
    assert term.given == "Pays when a borrower fails."
    assert term.wrong[:2] in {
        ("total return swap", "basis swap"),
        ("basis swap", "total return swap"),
    }


def test_nearest_concepts_come_first(desk):
    wrong = _draft("P3", desk, "credit default swap").wrong
    order = [
        (bool(desk.children(f"t:{name}")), desk.distance("t:credit default swap", f"t:{name}"))
        for name in wrong
    ]

    assert order == sorted(order)  # leaves before classes, and near before far
    assert len(set(order)) > 2


@pytest.mark.parametrize("family", ["P3", "P4"])
def test_a_definition_that_names_its_term_is_not_asked(desk, family):
    assert _draft(family, desk, "basis swap") is None


@pytest.mark.parametrize(
    "definition",
    ["One of many quick loans.", "A Quick Loan of a day.", "Money, as QL, for a day.", "", "Fast."],
)
def test_only_silent_definitions_are_asked(concept_of, ontology_of, definition):
    ontology = ontology_of(concept_of("quick loan", abbreviations=("QL",), definition=definition))

    assert (_draft("P3", ontology, "quick loan") is not None) == (definition == "Fast.")


def test_p5_asks_for_the_first_parent_among_classes(desk):
    draft = _draft("P5", desk, "credit default swap")

    assert (draft.given, draft.right) == ("credit default swap", "swap")
    assert draft.wrong == ("option", "account")


def test_p5_offers_nothing_above_or_below_the_right_class(desk):
    """Every swap and option is a derivative: to ask what a class is, they are no wrong answers."""
    draft = _draft("P5", desk, "option")

    assert draft.right == "derivative"
    assert draft.wrong == ("account",)


def test_p5_takes_a_second_parent_for_no_wrong_answer(concept_of, ontology_of):
    ontology = ontology_of(
        concept_of("loan"),
        concept_of("security"),
        concept_of("cash"),
        concept_of("note", "loan", "security"),
        concept_of("bond", "security"),
        concept_of("coin", "cash"),
    )

    assert _draft("P5", ontology, "note").wrong == ("cash",)


def test_p6_asks_for_a_synonym_with_the_near_miss_first(desk):
    draft = _draft("P6", desk, "credit default swap")

    assert (draft.given, draft.right) == ("credit default swap", "default protection")
    assert draft.wrong[0] == "credit insurance"
    assert set(draft.wrong[1:]) == {"asset swap of all income", "knock-in", "payables"}


@pytest.mark.parametrize(
    ("name", "synonym", "asked"),
    [
        ("net realisable value", "net realizable value", False),
        ("Sarbanes–Oxley Act", "Sarbanes-Oxley Act", False),
        ("programme", "Programmes", False),
        ("deposit guarantee scheme", "deposit insurance scheme", True),
        ("income statement", "profit and loss account", True),
    ],
)
def test_p6_does_not_ask_for_another_spelling(concept_of, ontology_of, name, synonym, asked):
    ontology = ontology_of(concept_of(name, synonyms=(synonym,)))

    assert (_draft("P6", ontology, name) is not None) == asked


@pytest.mark.parametrize(
    ("family", "name"),
    [("P1", "swap"), ("P2", "swap"), ("P3", "barrier option"), ("P4", "barrier option"),
     ("P5", "derivative"), ("P6", "swap")],
)  # fmt: skip
def test_what_a_concept_lacks_is_not_asked(desk, family, name):
    assert _draft(family, desk, name) is None


@pytest.mark.parametrize("family", ["P1", "P2", "P3", "P4", "P6"])
def test_wrong_answers_come_from_the_same_side(desk, family):
    side = ["credit default swap", "accounts payable", "asset"]

    wrong = set(_draft(family, desk, "credit default swap", side).wrong)

    assert wrong <= {
        *("accounts payable", "AP", "payables"),
        *("asset", "Something owned."),
        "credit insurance",
    }
    assert wrong


@pytest.mark.parametrize("family", sorted(MAKERS))
def test_nothing_above_or_below_a_concept_is_a_wrong_answer(concept_of, ontology_of, family):
    def full(name: str, *parents: str):
        return concept_of(
            name,
            *parents,
            abbreviations=(f"{name}A",),
            synonyms=(f"also-known-{name * 3}",),
            definition=f"Says {name.casefold() * 5}.",
        )

    family_line = [full("X"), full("Y", "X"), full("Z", "Y"), full("W", "Z")]
    ontology = ontology_of(*family_line, full("Q"), full("R", "Q"))

    asked = "W" if family in {"P3", "P4"} else "Z"  # definitions are asked about leaves alone
    wrong = " ".join(_draft(family, ontology, asked).wrong).upper()

    assert wrong
    assert not set("XYZW") & set(wrong.replace("SAYS", "").replace("ALSO-KNOWN-", ""))


def test_a_concept_of_the_same_abbreviation_is_no_wrong_answer(concept_of, ontology_of):
    """ "CP" is short for both: neither is wrong."""
    ontology = ontology_of(
        concept_of("counterparty", abbreviations=("CP",)),
        concept_of("commercial paper", abbreviations=("CPP", "cp")),
        concept_of("repo", abbreviations=("RP",)),
    )

    assert _draft("P1", ontology, "counterparty").wrong == ("repo",)
    assert _draft("P2", ontology, "counterparty").wrong == ("RP",)


def test_a_concept_that_a_label_of_any_scope_ties_is_no_wrong_answer(concept_of, ontology_of):
    ontology = ontology_of(
        concept_of("loss given default", related=("loss severity",), definition="A."),
        concept_of("severity", synonyms=("Loss Severity",), definition="B."),
        concept_of("frequency", definition="C."),
    )

    assert _draft("P3", ontology, "loss given default").wrong == ("frequency",)
    assert _draft("P3", ontology, "severity").wrong == ("frequency",)


@pytest.mark.parametrize("family", ["P3", "P4"])
def test_a_concept_of_the_same_definition_is_no_wrong_answer(concept_of, ontology_of, family):
    ontology = ontology_of(
        concept_of("money", definition="What pays."),
        concept_of("cash", definition="what pays."),
        concept_of("debt", definition="What is owed."),
    )

    assert _draft(family, ontology, "money").wrong in {("debt",), ("What is owed.",)}


def test_a_class_of_the_same_name_as_the_right_one_is_no_wrong_answer(concept_of, ontology_of):
    ontology = ontology_of(
        concept_of("fund"),
        concept_of("Fund", id="fund2"),
        concept_of("bank"),
        concept_of("money market fund", "fund"),
        concept_of("hedge fund", "fund2"),
        concept_of("savings bank", "bank"),
    )

    assert _draft("P5", ontology, "money market fund").wrong == ("bank",)


def test_two_concepts_with_one_answer_offer_it_once(concept_of, ontology_of):
    ontology = ontology_of(
        concept_of("a", abbreviations=("AA",)),
        concept_of("b", abbreviations=("BB",)),
        concept_of("c", abbreviations=("bb",)),
    )

    assert len(_draft("P2", ontology, "a").wrong) == 1


def test_no_more_wrong_answers_than_a_suite_can_show(concept_of, ontology_of):
    ontology = ontology_of(*(concept_of(f"n{i}", abbreviations=(f"N{i}",)) for i in range(40)))

    wrong = _draft("P2", ontology, "n0").wrong

    assert len(wrong) == len(set(wrong)) == MOST_WRONG
