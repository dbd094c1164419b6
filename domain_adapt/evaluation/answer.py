"""One model's answers to probes: the most likely choice, or what it writes by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from domain_adapt.base.progress import Task
from domain_adapt.base.records import Outcome, Probe
from domain_adapt.data.encode import ChatEncoder
from domain_adapt.engine.generate import greedy_answers
from domain_adapt.engine.scoring import Question, score_questions
from domain_adapt.evaluation.suite import Scoring

ROW_TOKENS = 512
"""Tokens of one forward pass: longer rows pay more for attention than they save."""


def answer_choices(
    model: Any,
    encoder: ChatEncoder,
    probes: Sequence[Probe],
    *,
    scoring: Scoring,
    task: Task,
    check_stop: Callable[[], None],
) -> tuple[Outcome, ...]:
    """Let ``model`` choose an answer to each probe by log-likelihood.

    A choice is scored as the assistant's turn without its end mark. ``per_byte`` divides by the
    choice's UTF-8 bytes, so that long choices are not punished for their length (as
    lm-evaluation-harness' ``acc_norm``).

    Args:
        model: A causal language model.
        encoder: Of the same model.
        probes: What is asked.
        scoring: ``raw`` or ``per_byte``.
        task: Told of each probe answered.
        check_stop: Raises when the user asked to stop; called between forward passes.
    """
    questions = [_question(encoder, probe) for probe in probes]
    outcomes: list[Outcome] = []
    for scores in score_questions(model, questions, row_tokens=ROW_TOKENS):
        for each in scores:
            outcomes.append(_choose(probes[len(outcomes)], each, scoring))
        task.advance(len(scores))
        check_stop()
    return tuple(outcomes)


def answer_freely(
    model: Any,
    encoder: ChatEncoder,
    probes: Sequence[Probe],
    *,
    decode: Callable[[tuple[int, ...]], str],
    max_new_tokens: int,
    task: Task,
    check_stop: Callable[[], None],
) -> tuple[Outcome, ...]:
    """Let ``model`` write its answer to each probe, greedily; right if it names an accepted one.

    Args:
        model: A causal language model.
        encoder: Of the same model.
        probes: What is asked; each with ``accepted`` answers.
        decode: Turns token ids into text.
        max_new_tokens: Where an answer is cut off.
        task: Told of each probe answered.
        check_stop: Raises when the user asked to stop; called between batches.
    """
    prompts = [sum(encoder.encode_choice_prompt(probe.prompt), ()) for probe in probes]
    outcomes: list[Outcome] = []
    for batch in greedy_answers(
        model, prompts, stop_id=encoder.stop_id, max_new_tokens=max_new_tokens
    ):
        for tokens in batch:
            text = decode(tokens).strip()
            probe = probes[len(outcomes)]
            right = names_one_of(text, probe.accepted)
            outcomes.append(Outcome(probe.id, (), -1, right, text))
        task.advance(len(batch))
        check_stop()
    return tuple(outcomes)


def names_one_of(text: str, accepted: Sequence[str]) -> bool:
    """Return whether some clause of ``text`` ends with an accepted answer, as whole words.

    So "It stands for credit default swap." is right, for the knowledge is asked and not the
    form, and "credit default swap option" is wrong, for it is something else.
    """
    clauses = [normalise_answer(clause) for clause in re.split(r"[^\w\s'&/-]+", text)]
    names = {normalise_answer(name) for name in accepted}
    return any(f" {clause}".endswith(f" {name}") for clause in clauses for name in names if name)


def normalise_answer(text: str) -> str:
    """Return ``text`` in lower case, without articles, punctuation and doubled spaces."""
    words = re.findall(r"\w+", text.casefold())
    return " ".join(word for word in words if word not in {"a", "an", "the"})


def _question(encoder: ChatEncoder, probe: Probe) -> Question:
    prefix, prompt = encoder.encode_choice_prompt(probe.prompt)
    choices = tuple(encoder.encode_choice(choice) for choice in probe.choices)
    return Question(prefix, prompt, choices)


def _choose(probe: Probe, scores: tuple[float, ...], scoring: Scoring) -> Outcome:
    lengths = [len(choice.encode()) if scoring == "per_byte" else 1 for choice in probe.choices]
    ranked = [score / length for score, length in zip(scores, lengths, strict=True)]
    chosen = max(range(len(ranked)), key=lambda index: ranked[index])
    return Outcome(probe.id, scores, chosen, chosen == probe.answer)
