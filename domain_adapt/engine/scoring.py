"""Log-likelihoods of the choices of many questions, each shared part computed once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from domain_adapt.engine.loss import sequence_sums, target_log_probabilities
from domain_adapt.engine.packing import ROOT, Segment, build_row


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt and its choices in token ids.

    Attributes:
        prefix: Shared with other questions (the system turn); may be empty.
        prompt: Up to where the answer begins; at least one token.
        choices: The answers; each at least one token.
    """

    prefix: tuple[int, ...]
    prompt: tuple[int, ...]
    choices: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        """Tokens beside the shared prefix."""
        return len(self.prompt) + sum(map(len, self.choices))


@torch.inference_mode()
def score_questions(
    model: Any, questions: Sequence[Question], *, row_tokens: int
) -> Iterator[list[tuple[float, ...]]]:
    """Yield, row by row and in order, each question's log-likelihoods (nats) of its choices.

    Args:
        model: A causal language model in evaluation mode.
        questions: What is asked.
        row_tokens: Tokens of one forward pass; a longer question gets one of its own.
    """
    model.eval()
    for batch in _rows(questions, row_tokens):
        segments, owners = _segments(batch)
        row = build_row(segments, model.dtype).to(model.device)
        sums = sequence_sums(target_log_probabilities(model, row), row.owners, owners).tolist()
        scores = []
        for question in batch:
            scores.append(tuple(sums[: len(question.choices)]))
            del sums[: len(question.choices)]
        yield scores


def _rows(questions: Sequence[Question], row_tokens: int) -> Iterator[list[Question]]:
    """Cut the questions into runs that fit a row."""
    batch: list[Question] = []
    prefixes: set[tuple[int, ...]] = set()
    used = 0
    for question in questions:
        size = len(question) + (0 if question.prefix in prefixes else len(question.prefix))
        if batch and used + size > row_tokens:
            yield batch
            batch, prefixes, used = [], set(), 0
            size = len(question) + len(question.prefix)
        batch.append(question)
        prefixes.add(question.prefix)
        used += size
    if batch:
        yield batch


def _segments(batch: Sequence[Question]) -> tuple[list[Segment], int]:
    """Return the row's segments and how many choices they hold."""
    segments: list[Segment] = []
    roots: dict[tuple[int, ...], int] = {(): ROOT}
    owners = 0
    for question in batch:
        if question.prefix not in roots:
            roots[question.prefix] = len(segments)
            segments.append(Segment(question.prefix))
        prompt = len(segments)
        segments.append(Segment(question.prompt, roots[question.prefix]))
        for choice in question.choices:
            segments.append(Segment(choice, prompt, owners, 0))
            owners += 1
    return segments, owners
