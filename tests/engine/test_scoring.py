from __future__ import annotations

import functools
import random
from typing import Any

import pytest
import torch
from engine_helpers import ARCHITECTURES, SYSTEM, alone, random_tokens, tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from domain_adapt.engine.scoring import Question, score_questions

cached_model = functools.cache(tiny)


def _questions(count: int, *, seed: int, prefixes: tuple[tuple[int, ...], ...]) -> list[Question]:
    chance = random.Random(seed)  # noqa: S311 - no secrets
    return [
        Question(
            prefix=prefixes[index % len(prefixes)],
            prompt=random_tokens(chance.randint(1, 6), seed + index),
            choices=tuple(
                random_tokens(chance.randint(1, 4), seed + 50 * index + choice)
                for choice in range(chance.randint(1, 4))
            ),
        )
        for index in range(count)
    ]


def _one_by_one(model: Any, question: Question) -> tuple[float, ...]:
    scores = []
    for choice in question.choices:
        above = question.prefix + question.prompt
        values = alone(model, above + choice)
        at = range(len(above), len(above) + len(choice))
        scores.append(sum(float(values[i - 1, choice[i - len(above)]]) for i in at))
    return tuple(scores)


def _flat(model: Any, questions: list[Question], row_tokens: int) -> list[tuple[float, ...]]:
    rows = score_questions(model, questions, row_tokens=row_tokens)
    return [scores for row in rows for scores in row]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_equals_each_choice_run_by_itself(architecture: str) -> None:
    model = cached_model(architecture)
    questions = _questions(5, seed=1, prefixes=(SYSTEM, (), (5, 6)))

    scored = _flat(model, questions, 60)

    assert [len(scores) for scores in scored] == [len(q.choices) for q in questions]
    for question, scores in zip(questions, scored, strict=True):
        assert scores == pytest.approx(_one_by_one(model, question), abs=2e-5)


@settings(max_examples=10, deadline=None)
@given(row_tokens=st.integers(1, 200), seed=st.integers(0, 100))
def test_rows_of_any_size_give_the_same_scores_in_order(row_tokens: int, seed: int) -> None:
    model = cached_model("llama")
    questions = _questions(6, seed=seed, prefixes=(SYSTEM,))
    expected = _flat(model, questions, 10_000)
    found = _flat(model, questions, row_tokens)
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, abs=2e-5)


@pytest.mark.parametrize("prefixes", [(SYSTEM,), ((), SYSTEM), (SYSTEM, (3, 4, 5, 6, 7, 8))])
def test_rows_keep_to_their_limit(prefixes: tuple[tuple[int, ...], ...]) -> None:
    model = cached_model("llama")
    lengths: list[int] = []
    hook = model.get_input_embeddings().register_forward_hook(
        lambda _, inputs, __: lengths.append(inputs[0].shape[1])
    )
    questions = _questions(12, seed=3, prefixes=prefixes)
    longest = max(len(q.prefix) + len(q) for q in questions)

    rows = list(score_questions(model, questions, row_tokens=longest + 8))

    hook.remove()
    assert len(lengths) == len(rows) < len(questions)
    assert max(lengths) <= longest + 8


def test_a_question_over_the_limit_gets_a_row_of_its_own() -> None:
    model = cached_model("llama")
    short = _questions(2, seed=4, prefixes=(SYSTEM,))
    long = Question(SYSTEM, random_tokens(60, 1), ((3, 4), (5,)))
    questions = [short[0], long, short[1]]

    rows = list(score_questions(model, questions, row_tokens=50))

    assert [len(row) for row in rows] == [1, 1, 1]
    assert rows[1][0] == pytest.approx(_one_by_one(model, long), abs=2e-5)


def test_a_shared_prefix_is_computed_once_a_row() -> None:
    model = cached_model("llama")
    lengths: list[int] = []
    hook = model.get_input_embeddings().register_forward_hook(
        lambda _, inputs, __: lengths.append(inputs[0].shape[1])
    )
    questions = _questions(4, seed=5, prefixes=(SYSTEM,))

    list(score_questions(model, questions, row_tokens=500))

    hook.remove()
    assert lengths == [len(SYSTEM) + sum(map(len, questions))]


def test_dropout_is_off_and_nothing_is_recorded() -> None:
    model = tiny()
    model.model.layers[0].mlp.act_fn = torch.nn.Sequential(torch.nn.SiLU(), torch.nn.Dropout(0.9))
    model.train()
    questions = _questions(2, seed=6, prefixes=(SYSTEM,))
    assert _flat(model, questions, 100) == _flat(model, questions, 100)
    assert not model.training


def test_no_questions_no_rows() -> None:
    assert list(score_questions(cached_model("llama"), [], row_tokens=10)) == []
