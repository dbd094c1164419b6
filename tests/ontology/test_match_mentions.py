"""All of it together, on the bundled finance ontology and on real text."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from domain_adapt.ontology.concept import LabelType
from domain_adapt.ontology.load import load_ontology
from domain_adapt.ontology.match.matcher import longest
from domain_adapt.ontology.match.mentions import Mention, OntologyMatcher, ontology_matcher


@pytest.fixture(scope="module")
def finance() -> OntologyMatcher:
    return ontology_matcher(load_ontology("finance"))


def test_a_mention_says_all_there_is(finance: OntologyMatcher) -> None:
    text = "The bank may hold a CDS. It has no bonds."
    first, *_, last = [m for m in finance.mentions(text) if text[m.start : m.end] != "bank"]
    assert first == Mention(
        20, 23, "fin:credit_default_swap", "CDS", LabelType.ABBREVIATION, uncertain=True
    )
    assert last == Mention(35, 40, "fin:bond", "bond", LabelType.PREFERRED, negated=True)


def test_chinese_and_english_in_one_text(finance: OntologyMatcher) -> None:
    text = "该行用CDS对冲违约概率（PD）的上升。"
    assert [(text[m.start : m.end], m.concept) for m in finance.mentions(text)] == [
        ("CDS", "fin:credit_default_swap"),
        ("违约概率", "fin:probability_of_default"),
        ("PD", "fin:probability_of_default"),
    ]


def test_a_text_without_terms(finance: OntologyMatcher) -> None:
    assert finance.mentions("") == ()
    assert finance.mentions("Nothing here.") == ()


def test_every_preferred_label_is_found_as_its_concept(finance: OntologyMatcher) -> None:
    for concept in load_ontology("finance").concepts.values():
        for language in ("en", "zh"):
            label = concept.preferred(language)
            (mention,) = finance.mentions(label)
            assert (mention.start, mention.end) == (0, len(label))
            assert concept.id in (mention.concept, *mention.alternatives)


@pytest.mark.real_data
def test_places_are_right_in_real_text(finance: OntologyMatcher, real_data: Path) -> None:
    path = real_data / "data" / "cfpb" / "reg_1002.jsonl"
    if not path.is_file():
        pytest.skip(f"real file not found: '{path}'")
    lines = path.read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    count = 0
    for text in texts:
        found = finance.mentions(text)
        count += len(found)
        assert list(found) == sorted(found, key=lambda m: m.start)
        assert all(a.end <= b.start for a, b in itertools.pairwise(found))
        for mention in found:
            first = mention.label[0].lower()
            assert text[mention.start].lower() == first or not mention.label.isascii()
    assert count > 100


def test_longest_of_no_hits() -> None:
    assert longest([]) == []
