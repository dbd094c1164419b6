from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from engine_helpers import ARCHITECTURES, adapted, alone, random_tokens, tiny
from transformers import GenerationConfig

from domain_adapt.engine.generate import greedy_answers

NEVER = 0  # a token that these models do not answer with; each test checks that
PROMPTS = [random_tokens(length, length) for length in (9, 1, 5, 2, 14)]


def _step_by_step(model: Any, prompt: Sequence[int], count: int) -> tuple[int, ...]:
    tokens = list(prompt)
    for _ in range(count):
        tokens.append(int(alone(model, tokens)[-1].argmax()))
    return tuple(tokens[len(prompt) :])


def _answers(
    model: Any, prompts: Sequence[Sequence[int]], **settings: Any
) -> list[tuple[int, ...]]:
    settings = {"stop_id": NEVER, "max_new_tokens": 6} | settings
    return [answer for batch in greedy_answers(model, prompts, **settings) for answer in batch]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_equals_the_most_likely_token_step_by_step(architecture: str) -> None:
    model = tiny(architecture)
    expected = [_step_by_step(model, prompt, 6) for prompt in PROMPTS]
    assert not any(NEVER in answer for answer in expected)

    assert _answers(model, PROMPTS) == expected


@pytest.mark.parametrize("batch_size", [1, 2, 3, 5, 50])
def test_padding_beside_longer_prompts_changes_nothing_and_order_is_kept(batch_size: int) -> None:
    model = tiny()
    prompts = [*PROMPTS, *reversed(PROMPTS)]

    batches = list(
        greedy_answers(model, prompts, stop_id=NEVER, max_new_tokens=4, batch_size=batch_size)
    )

    assert max(map(len, batches)) <= batch_size
    answers = [answer for batch in batches for answer in batch]
    assert answers == [_step_by_step(model, prompt, 4) for prompt in prompts]


def test_an_answer_ends_before_the_stop_token() -> None:
    model = tiny()
    whole = _step_by_step(model, PROMPTS[0], 6)
    stop = whole[3]

    answers = _answers(model, PROMPTS, stop_id=stop)

    assert answers[0] == whole[: whole.index(stop)]
    assert not any(stop in answer for answer in answers)
    assert max(map(len, answers)) <= 6


def test_an_answer_may_be_empty() -> None:
    model = tiny()
    first = _step_by_step(model, PROMPTS[0], 1)[0]
    assert _answers(model, [PROMPTS[0]], stop_id=first) == [()]


def test_a_stop_token_inside_the_prompt_is_no_end() -> None:
    model = tiny()
    prompt = (5, 2, 7, 2, 9)
    expected = _step_by_step(model, prompt, 4)
    assert 2 not in expected

    assert _answers(model, [prompt, (4,)], stop_id=2, max_new_tokens=4)[0] == expected


def test_the_models_own_generation_settings_play_no_part() -> None:
    model = tiny()
    expected = [_step_by_step(model, prompt, 12) for prompt in PROMPTS]
    assert any(len(set(answer)) < len(answer) for answer in expected)  # a penalty would show
    model.generation_config = GenerationConfig(
        do_sample=True,
        temperature=5.0,
        top_k=3,
        repetition_penalty=3.0,
        no_repeat_ngram_size=1,
        max_new_tokens=1,
        eos_token_id=expected[0][0],
    )

    assert _answers(model, PROMPTS, max_new_tokens=12) == expected


def test_an_adapted_model_answers_with_its_adapter_and_draws_no_chance() -> None:
    model = adapted()
    before = torch.get_rng_state()

    answers = _answers(model, PROMPTS)

    assert answers == [_step_by_step(model, prompt, 6) for prompt in PROMPTS]
    assert answers != _answers(tiny(), PROMPTS)
    assert torch.equal(before, torch.get_rng_state())


def test_no_prompts_no_answers() -> None:
    assert _answers(tiny(), []) == []
