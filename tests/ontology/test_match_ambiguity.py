"""Which concept a name means, where several have it."""

from __future__ import annotations

import pytest

from domain_adapt.ontology.concept import Concept, Label, LabelType, Relation, Scope
from domain_adapt.ontology.match.ambiguity import words_of
from domain_adapt.ontology.match.mentions import OntologyMatcher, ontology_matcher
from domain_adapt.ontology.ontology import Head, build_ontology


def concept(name: str, label: str, short: str, definition: str, **more: object) -> Concept:
    labels = [Label(label, "en", Scope.EXACT, LabelType.PREFERRED)]
    if short:
        labels.append(Label(short, "en", Scope.EXACT, LabelType.ABBREVIATION))
    return Concept(
        f"x:{name}", "all", tuple(labels), definition, source="", **{"parents": (), **more}
    )


@pytest.fixture(scope="module")
def matcher() -> OntologyMatcher:
    return ontology_matcher(
        build_ontology(
            Head("x", "X", "x", "1", ""),
            [
                concept(
                    "pd", "probability of default", "PD", "How likely a borrower fails to pay."
                ),
                concept(
                    "parkinson", "Parkinson disease", "PD", "A disorder of movement with tremor."
                ),
                concept(
                    "dopamine",
                    "dopamine agonist",
                    "",
                    "A drug.",
                    relations=(Relation("treats", "x:parkinson"),),
                ),
                concept("portfolio", "credit portfolio", "", "Many loans.", parents=("x:pd",)),
            ],
        )
    )


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("The PD of a borrower who fails to pay", "x:pd"),
        ("PD: tremor and slow movement", "x:parkinson"),
        ("PD over the credit portfolio", "x:pd"),
        ("PD. Long after: Parkinson disease" + " x" * 400, "x:parkinson"),
        ("PD", "x:parkinson"),  # nothing near it: by id
    ],
)
def test_what_stands_near_decides(matcher: OntologyMatcher, text: str, concept: str) -> None:
    (first, *_) = [each for each in matcher.mentions(text) if each.label == "PD"]
    assert first.concept == concept
    assert set(first.alternatives) == {"x:pd", "x:parkinson"} - {concept}


def test_unambiguous_names_have_no_alternatives(matcher: OntologyMatcher) -> None:
    (mention,) = matcher.mentions("a dopamine agonist")
    assert (mention.concept, mention.alternatives) == ("x:dopamine", ())


def test_words_of_a_text() -> None:
    assert words_of("The Borrower's 违约概率 and a x2 债") == {
        "borrower",
        "违约",
        "约概",
        "概率",
        "债",
    }
