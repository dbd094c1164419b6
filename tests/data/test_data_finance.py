"""The bundled finance ontology, as training uses it."""

from __future__ import annotations

from collections import Counter

import pytest
import yaml

from domain_adapt.base.assets import assets_root
from domain_adapt.base.records import Example
from domain_adapt.data.builders.build import BUILDERS, BuildResult, build_examples
from domain_adapt.data.leaks import LabelIndex, check_no_overlap
from domain_adapt.data.split import ConceptSplit, split_concepts
from domain_adapt.ontology.load import load_ontology
from domain_adapt.ontology.ontology import Ontology

SEED = 20260101


@pytest.fixture(scope="module")
def finance() -> Ontology:
    return load_ontology("finance")


@pytest.fixture(scope="module")
def split(finance: Ontology) -> ConceptSplit:
    return split_concepts(finance, seen=None, held_out=80, seed=SEED)


@pytest.fixture(scope="module")
def built(finance: Ontology, split: ConceptSplit) -> BuildResult:
    return _build(finance, split)


def _build(finance: Ontology, split: ConceptSplit) -> BuildResult:
    return build_examples(
        finance,
        split.seen,
        builders=dict.fromkeys(BUILDERS, 2),
        field="finance",
        seed=SEED,
        forbidden=LabelIndex.of_concepts(finance, split.unseen),
    )


def test_there_are_concepts_enough(split):
    assert len(split.seen) >= 150
    assert len(split.unseen) == 80


def test_every_branch_is_on_both_sides(finance, split):
    branches = {concept.branch for concept in finance.concepts.values()}

    for side in (split.seen, split.unseen):
        assert {finance.concepts[concept].branch for concept in side} == branches


def test_every_seen_concept_is_taught(split, built):
    taught = {example.concept for example in built.examples}

    assert set(split.seen) <= taught


def test_few_examples_are_refused(built):
    assert sum(built.refused.values()) <= 0.05 * len(built.examples), built.refused


def test_no_example_mentions_a_held_out_concept(finance, split, built):
    """Checked anew, by plain search in padded text."""
    held_out = [
        label.text.casefold()
        for concept in split.unseen
        for label in finance.concepts[concept].labels
        if label.language == "en" and label.scope == "exact" and label.type != "abbreviation"
    ]

    for example in built.examples:
        words = f" {' '.join(_plain(example).split())} "
        mentioned = [label for label in held_out if f" {label} " in words]
        assert not mentioned, (example, mentioned)


def test_no_example_asks_as_a_suite_does(finance, built):
    """One filling of each of the suites' wordings is enough: terms are taken out to compare."""
    terms = sorted({label.text for c in finance.concepts.values() for label in c.labels})
    definitions = [c.definition for c in finance.concepts.values() if c.definition]
    wordings = [
        prompt.replace("{field}", "finance")
        for path in sorted((assets_root() / "eval_suites").rglob("*.yaml"))
        for family in yaml.safe_load(path.read_text("utf-8")).get("families", {}).values()
        for prompt in family["prompts"]
    ]
    assert len(wordings) >= 7, "the finance suite's wordings were not found"
    prompts = [w.replace("{given}", text) for w in wordings for text in (terms[0], definitions[0])]

    found = check_no_overlap(built.examples, prompts, slot_texts=[*terms, *definitions])

    assert found == ()


def test_invented_terms_are_as_many_as_promised(split, built):
    prompts = Counter(e.id.rpartition("/")[0] for e in built.examples if e.concept is None)

    assert len(prompts) == min(40, -(-len(split.seen) // 12))


def test_everything_repeats(finance, split, built):
    assert _build(finance, split) == built


def _plain(example: Example) -> str:
    text = f"{example.prompt} | {example.answer}".casefold()
    return "".join(c if c.isalnum() or c in "-&'/" else " " for c in text)
