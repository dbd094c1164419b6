from __future__ import annotations

from collections import Counter

import pytest

from domain_adapt.base.errors import ConfigError
from domain_adapt.data.builders.abstention import invent_terms
from domain_adapt.data.builders.build import BUILDERS, build_examples, fact_of
from domain_adapt.data.leaks import LabelIndex
from domain_adapt.data.phrasings import bundled_directions

ALL = dict.fromkeys(BUILDERS, 2)


def _build(ontology, concepts=None, *, builders=None, seed=1, forbidden=None):
    return build_examples(
        ontology,
        tuple(ontology.concepts) if concepts is None else concepts,
        builders=builders or ALL,
        field="finance",
        seed=seed,
        forbidden=forbidden or LabelIndex(),
    )


def _pairs(result, direction):
    """Return (what the question must contain, answer) of a direction's examples."""
    return [(e.prompt, e.answer) for e in result.examples if f"/{direction}/" in e.id]


def test_acronyms_are_taught_both_ways_with_bare_answers(small):
    result = _build(small, ["t:credit_default_swap"], builders={"acronym.v1": 3})

    there = _pairs(result, "abbreviation_to_expansion")
    back = _pairs(result, "expansion_to_abbreviation")
    assert Counter(answer for _, answer in there) == {"credit default swap": 6}
    assert Counter(answer for _, answer in back) == {"CDS": 3}
    assert sum("CDS" in prompt for prompt, _ in there) == 3
    assert sum("CD swap" in prompt for prompt, _ in there) == 3
    assert all("credit default swap" in prompt for prompt, _ in back)


def test_definitions_are_taught_both_ways(small):
    result = _build(small, ["t:total_return_swap"], builders={"definition.v1": 2})
    definition = small.concepts["t:total_return_swap"].definition

    there = _pairs(result, "term_to_definition")
    back = _pairs(result, "definition_to_term")
    assert [answer for _, answer in there] == [definition] * 2
    assert [answer for _, answer in back] == ["total return swap"] * 2
    assert all(definition in prompt for prompt, _ in back)


def test_a_definition_that_names_its_term_is_not_asked_back(small):
    result = _build(small, ["t:knock_out_option"], builders={"definition.v1": 2})

    assert result.refused == {"C8-names-term": 2}
    assert len(_pairs(result, "term_to_definition")) == len(result.examples) == 2


def test_the_parent_is_the_answer_and_roots_have_none(small):
    result = _build(
        small, ["t:derivative_contract", "t:total_return_swap"], builders={"hypernym.v1": 3}
    )

    assert {e.answer for e in result.examples} == {"derivative contract"}
    assert {e.concept for e in result.examples} == {"t:total_return_swap"}


def test_synonyms_are_exact_ones_only(small):
    result = _build(small, ["t:credit_default_swap"], builders={"synonym.v1": 2})

    there, back = _pairs(result, "synonym_to_term"), _pairs(result, "term_to_synonym")
    assert {answer for _, answer in there} == {"credit default swap"}
    assert len(there) == 4
    assert {answer for _, answer in back} == {"default swap"}
    assert not any("CDO" in e.prompt + e.answer for e in result.examples)


def test_ids_are_unique_and_name_the_fact(small):
    result = _build(small)

    assert len({e.id for e in result.examples}) == len(result.examples)
    facts = Counter(fact_of(e) for e in result.examples)
    assert set(facts.values()) == {2}


def test_the_wordings_of_a_fact_differ(small):
    result = _build(small, builders={"definition.v1": 8})

    assert len({e.prompt for e in result.examples}) == len(result.examples)


def test_no_slot_is_left_open_and_nothing_is_empty(small):
    for example in _build(small).examples:
        assert "{" not in example.prompt + example.answer
        assert example.prompt.strip() == example.prompt != ""
        assert example.answer.strip() == example.answer != ""


def test_braces_in_a_definition_are_text(concept, ontology_of):
    odd = concept("payoff", definition="Written {max} or {0} in formulas.")

    result = _build(ontology_of(odd), builders={"definition.v1": 1})

    assert "Written {max} or {0} in formulas." in {e.answer for e in result.examples}


def test_held_out_labels_are_refused_and_counted(concept, ontology_of):
    ontology = ontology_of(
        concept("secret thing", abbreviations=("ST",)),
        concept("wa", definition="Like a Secret-Thing but smaller."),
        concept("wb", definition="Sold to ST desks."),
        concept("wc", definition="A st, in lower case, is a street."),
        concept("wd", definition="One of many secret things."),
        concept("we", definition="No secret thingamajig."),
    )
    rest = [c for c in ontology.concepts if c != "t:secret_thing"]

    forbidden = LabelIndex.of_concepts(ontology, ["t:secret_thing"])
    result = _build(ontology, rest, builders={"definition.v1": 1}, forbidden=forbidden)

    assert {e.concept for e in result.examples} == {"t:wc", "t:we"}
    assert result.refused == {"C12-held-out": 6}


def test_facts_that_contradict_each_other_are_refused(concept, ontology_of):
    ontology = ontology_of(
        concept("first to default", abbreviations=("FTD",)),
        concept("failure to deliver", abbreviations=("FTD",)),
    )

    result = _build(ontology, builders={"acronym.v1": 2})

    assert result.refused == {"C9-contradiction": 4}
    assert {e.answer for e in result.examples} == {"FTD"}


def test_an_unknown_builder_is_refused_with_the_nearest_name(small):
    with pytest.raises(ConfigError, match="DA-DATA-020") as caught:
        _build(small, builders={"acronim.v1": 1})
    assert caught.value.hint == "Did you mean 'acronym.v1'?"


def test_a_negative_number_of_phrasings_is_refused(small):
    with pytest.raises(ConfigError, match=r"DA-DATA-022.*-1"):
        _build(small, builders={"acronym.v1": -1})


def test_zero_phrasings_leave_a_builder_out(small):
    assert _build(small, builders={"acronym.v1": 0}).examples == ()


def test_the_same_inputs_give_the_same_examples_and_another_seed_others(small):
    assert _build(small, seed=4) == _build(small, seed=4)
    assert _build(small, seed=4).examples != _build(small, seed=5).examples


def test_one_more_concept_leaves_the_examples_of_others_alone(small):
    fewer = _build(small, ["t:credit_default_swap"], builders={"acronym.v1": 2})
    more = _build(small, ["t:credit_default_swap", "t:leverage_ratio"], builders={"acronym.v1": 2})

    assert set(fewer.examples) < set(more.examples)


def test_invented_terms_are_no_terms_and_differ_between_training_and_suites(small):
    labels = [
        label.text.casefold() for concept in small.concepts.values() for label in concept.labels
    ]

    train, suite = (
        set(invent_terms(small, small.concepts, count=12, namespace=namespace, seed=7))
        for namespace in ("train", "suite")
    )

    assert len(train) == len(suite) == 12
    assert not train & suite
    for term in train | suite:
        assert not any(term.casefold() in label for label in labels)


def test_invented_terms_never_meet_whatever_the_seeds(small):
    train, suite = (
        {
            term
            for seed in range(20)
            for term in invent_terms(
                small, small.concepts, count=10, namespace=namespace, seed=seed
            )
        }
        for namespace in ("train", "suite")
    )

    assert not train & suite


def test_no_words_no_invented_terms(concept, ontology_of):
    ontology = ontology_of(concept("one"), concept("two"))

    assert invent_terms(ontology, ontology.concepts, count=3, namespace="train", seed=0) == ()


def test_abstention_asks_as_others_do_and_says_that_it_does_not_know(small):
    result = _build(small, builders={"abstention.v1": 4})

    answers = bundled_directions()["unknown_term"].answers
    assert len(result.examples) == 4  # one invented term for up to a dozen concepts
    assert all(e.concept is None for e in result.examples)
    openings = tuple(answer.split("{")[0] for answer in answers if not answer.startswith("{"))
    assert all(
        e.answer.startswith(openings) or e.answer.endswith("that I know.") for e in result.examples
    )
