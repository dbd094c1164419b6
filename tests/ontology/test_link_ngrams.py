from __future__ import annotations

import math
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.ontology.link.ngrams import SIZES, build_ngram_index

NAMES = st.lists(st.text("ab c", min_size=1, max_size=8), min_size=1, max_size=6, unique=True)


def oracle(names: list[str], query: str) -> list[float]:
    """Cosines by the definition, over dictionaries."""

    def grams(text: str) -> Counter[str]:
        padded = f" {text} "
        return Counter(padded[i : i + n] for n in SIZES for i in range(len(padded) - n + 1))

    documents = [grams(name) for name in names]
    frequency = Counter(gram for each in documents for gram in each)

    def weights(counted: Counter[str]) -> dict[str, float]:
        raw = {
            gram: (1 + math.log(n)) * (math.log((1 + len(names)) / (1 + frequency[gram])) + 1)
            for gram, n in counted.items()
        }
        norm = math.sqrt(sum(x * x for x in raw.values())) or 1.0
        return {gram: x / norm for gram, x in raw.items()}

    asked = weights(grams(query))
    return [
        sum(x * each.get(gram, 0.0) for gram, x in asked.items())
        for each in map(weights, documents)
    ]


@given(NAMES, st.text("ab cd", max_size=8))
def test_scores_are_the_cosines(names: list[str], query: str):
    scores = build_ngram_index(names).scores(query)
    np.testing.assert_allclose(scores, oracle(names, query), atol=1e-5)


@given(NAMES)
def test_each_name_is_its_own_nearest(names: list[str]):
    index = build_ngram_index(names)
    for place, name in enumerate(names):
        scores = index.scores(name)
        assert scores[place] >= scores.max() - 1e-5
        assert math.isclose(scores[place], 1.0, abs_tol=1e-5)


def test_strange_words_score_zero():
    assert build_ngram_index(["ataxia"]).scores("xyz").tolist() == [0.0]
