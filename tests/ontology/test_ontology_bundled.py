"""The ontologies that ship: they load, fast, and the lint has nothing to say."""

import time

import pytest

from domain_adapt.ontology.lint import lint
from domain_adapt.ontology.load import load_ontology, ontology_names


@pytest.mark.parametrize("name", ontology_names())
def test_bundled_ontology_is_clean(name: str) -> None:
    assert lint(load_ontology(name)) == ()


def test_finance_covers_the_field_in_two_languages() -> None:
    ontology = load_ontology("finance")
    assert len(ontology.concepts) >= 200
    assert all(concept.preferred("zh") for concept in ontology.concepts.values())
    assert ontology.licence


def test_finance_loads_fast() -> None:
    # the bar is 0.5 s for 400 concepts; twice that here, since tests share the machine
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        count = len(load_ontology("finance").concepts)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) <= 1.0 * max(1.0, count / 400)
