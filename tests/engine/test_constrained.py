from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from engine_helpers import ARCHITECTURES, alone, random_tokens, tiny
from transformers import GenerationConfig, LogitsProcessorList

from domain_adapt.base.errors import DataError
from domain_adapt.engine.constrained import LabelTrieProcessor, closed_set_posterior
from domain_adapt.ontology.trie import build_trie

STOP = 3
PROMPT = random_tokens(6, 1)
LABELS = [
    tuple(t for t in random_tokens(1 + n % 4, 100 + n) if t != STOP) or (5,) for n in range(40)
]
LABELS = list(dict.fromkeys([*LABELS, (7,), (7, 8), (7, 8, 9)]))


def _log_probability(model: Any, label: Sequence[int]) -> float:
    tokens = [*PROMPT, *label, STOP]
    rows = alone(model, tokens).double().log_softmax(dim=-1)
    return sum(float(rows[place - 1, tokens[place]]) for place in range(len(PROMPT), len(tokens)))


def _brute_force(model: Any) -> list[float]:
    values = torch.tensor([_log_probability(model, label) for label in LABELS])
    return values.softmax(dim=0).tolist()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_whole_posterior_equals_scoring_every_label(architecture: str) -> None:
    model = tiny(architecture)
    posterior = closed_set_posterior(model, PROMPT, build_trie(LABELS, stop_id=STOP), tolerance=0.0)
    expected = _brute_force(model)
    assert posterior.missing == 0.0
    assert sorted(choice.sequence for choice in posterior.choices) == list(range(len(LABELS)))
    for choice in posterior.choices:
        assert choice.lower == pytest.approx(expected[choice.sequence], rel=1e-4)
        assert choice.upper == pytest.approx(expected[choice.sequence], rel=1e-4)
    lowers = [choice.lower for choice in posterior.choices]
    assert lowers == sorted(lowers, reverse=True)


@pytest.mark.parametrize("passes", [1, 2, 5, 12])
def test_a_search_cut_short_still_bounds_the_posterior(passes: int) -> None:
    model = tiny()
    expected = _brute_force(model)
    trie = build_trie(LABELS, stop_id=STOP)
    posterior = closed_set_posterior(
        model, PROMPT, trie, tolerance=0.0, max_passes=passes, batch_size=1
    )
    assert posterior.passes <= passes
    found = {choice.sequence for choice in posterior.choices}
    for choice in posterior.choices:
        assert choice.lower * 0.9999 <= expected[choice.sequence] <= choice.upper * 1.0001
    unseen = sum(value for index, value in enumerate(expected) if index not in found)
    assert unseen <= posterior.missing * 1.0001


def test_stops_once_the_rest_is_within_tolerance() -> None:
    model = tiny()
    trie = build_trie(LABELS, stop_id=STOP)
    whole = closed_set_posterior(model, PROMPT, trie, tolerance=0.0, batch_size=1)
    part = closed_set_posterior(model, PROMPT, trie, tolerance=0.5, batch_size=1)
    assert part.missing <= 0.5
    assert part.passes < whole.passes


def _generated(model: Any, **settings: Any) -> list[list[int]]:
    trie = build_trie(LABELS, stop_id=STOP)
    ids = torch.tensor([PROMPT, random_tokens(6, 2)])
    config = GenerationConfig(
        max_new_tokens=12, eos_token_id=STOP, pad_token_id=STOP, do_sample=False, **settings
    )
    answers = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        generation_config=config,
        logits_processor=LogitsProcessorList([LabelTrieProcessor(trie, prompt_tokens=6)]),
    )
    return [row[6:] for row in answers.tolist()]


@pytest.mark.parametrize("beams", [1, 4])
def test_what_is_generated_is_a_label(beams: int) -> None:
    for answer in _generated(tiny(), num_beams=beams):
        assert tuple(answer[: answer.index(STOP)]) in LABELS


def test_greedy_takes_the_best_allowed_token_at_each_step() -> None:
    model = tiny()
    expected: list[int] = []
    while STOP not in expected:
        logits = alone(model, [*PROMPT, *expected])[-1]
        behind = [label for label in LABELS if list(label[: len(expected)]) == expected]
        allowed = {(*label, STOP)[len(expected)] for label in behind}
        expected.append(max(allowed, key=lambda token: float(logits[token])))
    answer = _generated(model)[0]
    assert answer[: len(expected)] == expected


def test_what_is_forbidden_is_impossible_and_the_rest_untouched() -> None:
    trie = build_trie([(1, 2), (4,)], stop_id=STOP)
    process = LabelTrieProcessor(trie, prompt_tokens=1)
    scores = torch.arange(12.0).reshape(2, 6)
    held = process(torch.tensor([[9, 1], [9, 4]]), scores)
    assert held[0].tolist() == [-math.inf, -math.inf, 2.0, *[-math.inf] * 3]
    assert held[1].tolist() == [*[-math.inf] * 3, 9.0, *[-math.inf] * 2]
    after = process(torch.tensor([[9, 4, STOP], [9, 4, STOP]]), scores)
    assert torch.equal(after, scores)


def test_a_prompt_must_be_there() -> None:
    with pytest.raises(DataError) as caught:
        closed_set_posterior(tiny(), [], build_trie([(1,)], stop_id=STOP))
    assert caught.value.code == "DA-ONTO-093"
