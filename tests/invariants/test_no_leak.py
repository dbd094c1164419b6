"""Nothing that is asked is told in training, looked for by means of this test's own.

Training is built as a run builds it, by ``prepare``, with a base model of a few kilobytes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain_adapt.base.assets import assets_root
from domain_adapt.base.records import Example
from domain_adapt.config.load import load_recipe
from domain_adapt.data.phrasings import bundled_directions
from domain_adapt.evaluation.suite import GeneratedSuite, load_suite
from domain_adapt.ontology.load import load_ontology
from domain_adapt.packs.pack import load_pack
from domain_adapt.pipeline.plan import RunPlan
from domain_adapt.pipeline.prepare import Prepared, prepare

PRESETS = {
    "default": [],
    "100 held out": ["data.held_out=100"],
    "tiny": [],
}


@pytest.fixture(scope="module", params=list(PRESETS))
def plan(request: Any, tiny_model: Any, tmp_path_factory: Any) -> RunPlan:
    preset = request.param if request.param == "tiny" else "default"
    pack = load_pack("finance")
    loaded = load_recipe(pack.recipe, preset=preset, overrides=PRESETS[request.param])
    suite = load_suite(loaded.recipe.evaluation.suite).suite
    assert isinstance(suite, GeneratedSuite)
    items = tmp_path_factory.mktemp("suite") / "general.jsonl"
    row = {"question": "What is 1 + 1?", "choices": ["1", "2"], "answer": 1}
    items.write_text(json.dumps(row), encoding="utf-8")
    return RunPlan(
        version="finance-test",
        pack=pack,
        loaded=loaded,
        overrides=(),
        ontology=load_ontology(loaded.recipe.ontology),
        suite=suite,
        retention=load_suite(str(items)),
        base=tiny_model,
        sources=(),
        dtype="fp32",
        state=Path("unused"),
    )


@pytest.fixture(scope="module")
def prepared(plan: RunPlan) -> Prepared:
    return prepare(plan)


def test_there_is_something_to_look_at(plan, prepared):
    assert len(prepared.examples) > 4 * len(prepared.split.seen)
    assert len(prepared.split.unseen) == plan.recipe.data.held_out
    assert {example.builder for example in prepared.examples} >= {"acronym.v1", "definition.v1"}


def test_no_concept_is_on_both_sides(prepared):
    assert not set(prepared.split.seen) & set(prepared.split.unseen)


def test_never_seen_concepts_are_in_no_example(plan, prepared):
    """By any of their exact English names: abbreviations as written, others in any case."""
    names = _names_pattern(plan, prepared.split.unseen)

    for example in prepared.examples:
        assert not names(_text(example)), example
    assert not {example.concept for example in prepared.examples} & set(prepared.split.unseen)


def test_the_search_would_find_each_of_them(plan, prepared):
    names = _names_pattern(plan, prepared.split.unseen)

    for concept in prepared.split.unseen:
        for label in plan.ontology.concepts[concept].labels:
            if label.language == "en" and label.scope == "exact":
                assert names(f"({label.text})"), label
    seen = [plan.ontology.concepts[name].preferred() for name in prepared.split.seen]
    assert sum(bool(names(name)) for name in seen) < len(seen) / 10


def _names_pattern(plan: RunPlan, concepts: tuple[str, ...]):
    labels = [
        label
        for concept in concepts
        for label in plan.ontology.concepts[concept].labels
        if label.language == "en" and label.scope == "exact"
    ]
    as_written = [label.text for label in labels if label.type == "abbreviation"]
    any_case = [label.text for label in labels if label.type != "abbreviation"]
    patterns = [
        re.compile(rf"(?<![^\W_])(?:{'|'.join(map(_flexible, texts))})(?![^\W_])", flags)
        for texts, flags in ((as_written, re.NOFLAG), (any_case, re.IGNORECASE))
    ]
    return lambda text: [found[0] for pattern in patterns for found in pattern.finditer(text)]


def _flexible(label: str) -> str:
    """Match a label whatever stands between its words."""
    return r"[\W_]+".join(re.escape(word) for word in re.findall(r"[^\W_]+", label))


def test_questions_about_terms_are_not_in_training(prepared):
    trained = {_plain(example.prompt) for example in prepared.examples}
    asked = {
        _plain(probe.prompt)
        for probe in (*prepared.questions.headline, *prepared.questions.abstention)
    }

    assert not trained & asked


def test_training_and_suites_share_no_five_words_in_a_row():
    """Terms and definitions aside; the real phrasings against every bundled suite."""
    asked = {gram: prompt for prompt in _suite_prompts() for gram in _five_words(prompt)}
    taught = [prompt for each in bundled_directions().values() for _, prompt in each.prompts]
    assert len(asked) > 20
    assert len(taught) > 40

    for prompt in taught:
        shared = [asked[gram] for gram in _five_words(prompt) if gram in asked]
        assert not shared, (prompt, shared)


def test_no_wording_of_a_suite_shows_in_an_example(plan, prepared):
    """The same looked for in the examples as they are, their own terms included."""
    asked = {gram for prompt in _suite_prompts() for gram in _five_words(prompt)}

    for example in prepared.examples:
        words = re.findall(r"\w+", example.prompt.casefold())
        shared = asked & set(_runs(words))
        assert not shared, (example, shared)


def test_the_search_for_wordings_would_find_one():
    prompt = "Which other name is used in {field} for {given}?"

    assert ("name", "is", "used", "in", "finance") in _five_words(prompt)
    assert all("given" not in gram for gram in _five_words(prompt))


def _suite_prompts() -> list[str]:
    """Return the wordings of the bundled suites, read as plain YAML."""
    return [
        prompt
        for path in sorted((assets_root() / "eval_suites").rglob("*.yaml"))
        for family in yaml.safe_load(path.read_text("utf-8")).get("families", {}).values()
        for prompt in family["prompts"]
    ]


def _five_words(template: str) -> set[tuple[str, ...]]:
    """Return the runs of five words between slots; the field's name is a word like others."""
    parts = re.split(r"\{\w+\}", template.replace("{field}", "finance").casefold())
    return {gram for part in parts for gram in _runs(re.findall(r"\w+", part))}


def _runs(words: list[str]) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + 5]) for start in range(len(words) - 4)]


def test_invented_terms_of_the_suite_are_no_terms(plan, prepared):
    labels = {
        _plain(label.text) for each in plan.ontology.concepts.values() for label in each.labels
    }
    invented = _invented(prepared)
    wanted = len(prepared.questions.headline) * plan.suite.families["P12"].extra
    assert len(invented) == round(wanted) > 0

    for term in invented:
        assert _plain(term) not in labels
        assert not any(f" {_plain(term)} " in f" {label} " for label in labels), term


def test_invented_terms_of_the_suite_are_not_those_of_training(prepared):
    taught = [e for e in prepared.examples if e.builder == "abstention.v1"]
    assert taught

    for term in _invented(prepared):
        pattern = re.compile(rf"(?<!\w){_flexible(term)}(?!\w)", re.IGNORECASE)
        assert not any(pattern.search(_text(example)) for example in taught), term


def _invented(prepared: Prepared) -> list[str]:
    return [
        probe.concept.removeprefix("invented:")
        for probe in prepared.questions.abstention
        if probe.family == "P12"
    ]


def _text(example: Example) -> str:
    return f"{example.prompt}\n{example.answer}"


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
