"""Small ontologies made to measure, and the finance suite as it is used."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain_adapt.config.load import load_recipe
from domain_adapt.config.recipe import Recipe
from domain_adapt.data.split import ConceptSplit, split_concepts
from domain_adapt.evaluation.suite import GeneratedSuite, load_suite
from domain_adapt.ontology.concept import Concept, Label, LabelType, Scope
from domain_adapt.ontology.load import load_ontology
from domain_adapt.ontology.ontology import Head, Ontology, build_ontology


def make_concept(
    name: str,
    *parents: str,
    abbreviations: tuple[str, ...] = (),
    synonyms: tuple[str, ...] = (),
    related: tuple[str, ...] = (),
    definition: str = "",
    id: str = "",
) -> Concept:
    labels = (
        Label(name, "en", Scope.EXACT, LabelType.PREFERRED),
        *(Label(text, "en", Scope.EXACT, LabelType.ABBREVIATION) for text in abbreviations),
        *(Label(text, "en", Scope.EXACT, LabelType.SYNONYM) for text in synonyms),
        *(Label(text, "en", Scope.RELATED, LabelType.SYNONYM) for text in related),
    )
    above = tuple(f"t:{parent}" for parent in parents)
    return Concept(f"t:{id or name}", "branch", labels, definition, above, "this test")


def make_ontology(*concepts: Concept) -> Ontology:
    return build_ontology(Head("toy", "Toy", "t", "1", "CC0-1.0"), concepts)


@pytest.fixture(scope="session")
def concept_of() -> Callable[..., Concept]:
    return make_concept


@pytest.fixture(scope="session")
def ontology_of() -> Callable[..., Ontology]:
    return make_ontology


@pytest.fixture(scope="session")
def finance() -> Ontology:
    return load_ontology("finance")


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    return load_recipe("finance").recipe


@pytest.fixture(scope="session")
def suite(recipe: Recipe) -> GeneratedSuite:
    loaded = load_suite(recipe.evaluation.suite).suite
    assert isinstance(loaded, GeneratedSuite)
    return loaded


@pytest.fixture(scope="session")
def split(finance: Ontology, recipe: Recipe) -> ConceptSplit:
    """The default split, with more held out than it needs so that no family runs short."""
    return split_concepts(finance, seen=recipe.data.concepts, held_out=100, seed=recipe.seed)
