"""What the words round a mention say of it."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.ontology.concept import LabelType
from domain_adapt.ontology.load import load_ontology
from domain_adapt.ontology.match.context import ContextRules, Quality, Side, bundled_rules
from domain_adapt.ontology.match.matcher import build_matcher
from domain_adapt.ontology.match.mentions import OntologyMatcher, ontology_matcher
from domain_adapt.ontology.match.normalise import normalise
from domain_adapt.ontology.match.terms import Term

NEGATED, UNCERTAIN = Quality.NEGATED, Quality.UNCERTAIN
FAMILY, HISTORICAL = Quality.FAMILY, Quality.HISTORICAL

TERMS = build_matcher(
    Term(f"x:{label}", label, LabelType.PREFERRED)
    for label in (
        "fever",
        "cough",
        "default",
        "diabetes",
        "potential loss",
        "糖尿病",
        "发热",
        "违约",
    )
)


def said(text: str, rules: ContextRules | None = None) -> dict[str, set[Quality]]:
    spans = [(start, end) for start, end, _ in TERMS.hits(text)]
    found = (rules or bundled_rules()).qualities(text, normalise(text), spans)
    return {text[a:b].lower(): set(each) for (a, b), each in zip(spans, found, strict=True)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The patient has fever.", {"fever": set()}),
        ("No evidence of default.", {"default": {NEGATED}}),
        (
            "Denies fever, cough or diabetes.",
            {"fever": {NEGATED}, "cough": {NEGATED}, "diabetes": {NEGATED}},
        ),
        ("No fever but cough.", {"fever": {NEGATED}, "cough": set()}),
        ("No fever. Cough was there.", {"fever": {NEGATED}, "cough": set()}),
        ("No fever. 发热", {"fever": {NEGATED}, "发热": set()}),
        ("No fever vs. cough", {"fever": {NEGATED}, "cough": {NEGATED}}),
        ("no fever; cough", {"fever": {NEGATED}, "cough": set()}),
        ("no fever\n\ncough", {"fever": {NEGATED}, "cough": set()}),
        ("no fever\n- cough", {"fever": {NEGATED}, "cough": set()}),
        ("Fever was ruled out.", {"fever": {NEGATED}}),
        ("Cough, but fever was ruled out.", {"cough": set(), "fever": {NEGATED}}),
        ("Fever cannot be ruled out.", {"fever": {UNCERTAIN}}),
        ("Not only fever.", {"fever": set()}),
        ("No increase in fever.", {"fever": set()}),
        ("Case no. 5 has fever.", {"fever": set()}),
        ("Does NOT have fever.", {"fever": {NEGATED}}),
        ("She doesn’t have fever.", {"fever": {NEGATED}}),
        ("Possible diabetes.", {"diabetes": {UNCERTAIN}}),
        ("The potential loss from default.", {"potential loss": set(), "default": set()}),
        ("His mother has diabetes.", {"diabetes": {FAMILY}}),
        ("Family history of diabetes.", {"diabetes": {FAMILY}}),
        ("No family history of diabetes.", {"diabetes": {NEGATED, FAMILY}}),
        ("History of diabetes.", {"diabetes": {HISTORICAL}}),
        ("Prior to default", {"default": set()}),
        ("He had fever two years ago.", {"fever": {HISTORICAL}}),
        ("患者无发热，有糖尿病。", {"发热": {NEGATED}, "糖尿病": set()}),
        ("否认糖尿病、发热。", {"糖尿病": {NEGATED}, "发热": {NEGATED}}),
        ("不排除糖尿病", {"糖尿病": {UNCERTAIN}}),
        ("母亲患糖尿病。发热", {"糖尿病": {FAMILY}, "发热": set()}),
        ("既往史：糖尿病", {"糖尿病": {HISTORICAL}}),
        ("可能违约", {"违约": {UNCERTAIN}}),
        ("不仅违约", {"违约": set()}),
    ],
)
def test_bundled_rules(text: str, expected: dict[str, set[Quality]]) -> None:
    assert said(text) == expected


def test_every_bundled_trigger_is_found_and_does_what_it_says() -> None:
    import yaml

    from domain_adapt.ontology.match.context import RULES_FILE

    content = yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))
    assert set(content) == {*Quality, "terminators"}
    for quality in Quality:
        assert set(content[quality]) == set(Side)
        for phrase in content[quality][Side.BEFORE]:
            assert quality in said(f"{phrase} fever")["fever"], phrase
        for phrase in content[quality][Side.AFTER]:
            assert quality in said(f"fever {phrase}")["fever"], phrase
        for phrase in content[quality][Side.PSEUDO]:
            assert quality not in said(f"{phrase} fever")["fever"], phrase
    for phrase in content["terminators"]:
        assert NEGATED not in said(f"no cough {phrase} fever")["fever"], phrase


def test_no_phrase_is_listed_twice_for_one_side() -> None:
    import yaml

    from domain_adapt.ontology.match.context import RULES_FILE

    content = yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))
    for quality in Quality:
        sides = content[quality]
        for phrases in sides.values():
            assert len(phrases) == len(set(phrases))
        assert set(sides[Side.PSEUDO]).isdisjoint({*sides[Side.BEFORE], *sides[Side.AFTER]})


def test_rules_of_ones_own() -> None:
    rules = ContextRules({NEGATED: {Side.BEFORE: ["nix"], Side.PSEUDO: ["nix da"]}}, ["aber"])
    assert said("nix fever aber cough", rules) == {"fever": {NEGATED}, "cough": set()}
    assert said("nix da fever", rules) == {"fever": set()}


@given(
    st.lists(st.sampled_from(["no", "fever", "but", ".", "B", "cough", "\n\n", "was", "ruled out"]))
)
def test_a_sentence_says_nothing_of_the_next(words: list[str]) -> None:
    text = " ".join(words)
    assert said(f"{text} . Fever")["fever"] == set() or "fever" in words
    spans = [(start, end) for start, end, _ in TERMS.hits(text)]
    assert len(bundled_rules().qualities(text, normalise(text), spans)) == len(spans)


@functools.cache
def medical() -> OntologyMatcher:
    return ontology_matcher(load_ontology("medical"))


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("Never stop basal insulin in type 1 diabetes.", set()),
        ("Do not use insulin if hypoglycemia is present.", {"insulin"}),
        ("Metformin must not be given in diabetic ketoacidosis.", set()),
        ("未停用二甲双胍。", set()),
        ("没有停用胰岛素。", set()),
        ("无糖尿病酮症酸中毒,目前服用二甲双胍,有高血压。", {"糖尿病酮症酸中毒"}),
        ("No evidence of hypertension.", {"hypertension"}),
    ],
)
def test_advice_and_half_width_commas(text: str, negated: set[str]) -> None:
    mentions = medical().mentions(text)
    assert mentions
    assert {text[each.start : each.end] for each in mentions if each.negated} == negated


@pytest.mark.parametrize("text", ["r/o pneumonia", "Rule out stroke."])
def test_to_rule_out_is_to_be_uncertain(text: str) -> None:
    (mention,) = medical().mentions(text)
    assert mention.uncertain
    assert not mention.negated


@pytest.mark.parametrize("text", ["电脑坏了", "足够了", "眼镜很贵", "Diabetes insipidus is rare"])
def test_a_character_of_another_word_and_another_disease_are_no_mention(text: str) -> None:
    found = {each.concept for each in medical().mentions(text)}
    assert found <= {"med:diabetes_insipidus"}
