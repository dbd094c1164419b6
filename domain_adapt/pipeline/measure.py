"""Asking a model everything, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from domain_adapt.base.assets import cache_root
from domain_adapt.base.hashing import digest_json
from domain_adapt.base.progress import Progress
from domain_adapt.evaluation.answer import answer_choices, answer_freely
from domain_adapt.evaluation.questions import Answers, Questions, read_answers, write_answers
from domain_adapt.pipeline.plan import RunPlan, code_digest
from domain_adapt.pipeline.prepare import Prepared


def measure(
    model: Any,
    prepared: Prepared,
    *,
    stage: str,
    progress: Progress,
    check_stop: Callable[[], None],
) -> Answers:
    """Return the model's answers to all questions.

    Args:
        model: The base model, or the adapted one.
        prepared: Holds the questions and the encoder.
        stage: What the progress bar says.
        progress: Who is told.
        check_stop: Raises when the user asked to stop.
    """
    questions, encoder = prepared.questions, prepared.encoder
    with progress.stage(stage, float(len(questions))) as task:
        headline, abstention, retention = (
            answer_choices(
                model, encoder, probes, scoring=scoring, task=task, check_stop=check_stop
            )
            for probes, scoring in (
                (questions.headline, questions.scoring),
                (questions.abstention, questions.scoring),
                (questions.retention, questions.retention_scoring),
            )
        )
        free = answer_freely(
            model,
            encoder,
            questions.free,
            decode=lambda tokens: str(prepared.tokenizer.decode(tokens)),
            max_new_tokens=questions.max_new_tokens,
            task=task,
            check_stop=check_stop,
        )
    return Answers(headline, abstention, free, retention)


def base_answers_path(plan: RunPlan, questions: Questions) -> Path:
    """Return where the answers of an unchanged base model are kept for every later run.

    Everything that decides them is in the name: other code or another system turn may give
    other answers to the same questions.
    """
    key = digest_json(
        [
            plan.base.digest,
            plan.dtype,
            plan.recipe.model.system_prompt,
            code_digest(),
            questions.digest(),
        ]
    )
    return cache_root() / "answers" / f"{key}.jsonl"


def answered_before(path: Path, questions: Questions, ask: Callable[[], Answers]) -> Answers:
    """Return the answers kept at ``path``; ask, and keep them, where there are none."""
    kept = read_answers(path, questions)
    if kept is not None:
        return kept
    answers = ask()
    write_answers(path, answers)
    return answers
