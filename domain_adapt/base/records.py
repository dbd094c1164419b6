"""The one currency per boundary: what flows between layers, as frozen records.

``SourceDocument -> Example -> EncodedExample`` on the way into training and
``Probe -> Outcome`` on the way through evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Split = Literal["seen", "unseen"]
"""``seen``: the concept is trained on (phrased anew in the suite); ``unseen``: never."""


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """One record of a user's source, as read.

    Attributes:
        id: ``<file name>:<line>``; unique within a run.
        question: What is asked; empty for plain text.
        answer: The text to learn: an answer, or a passage where ``question`` is empty.
    """

    id: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Example:
    """One training example in words.

    Attributes:
        id: Unique within a run, stable for the same inputs and seed.
        builder: Versioned name of the builder, such as ``acronym.v1``.
        concept: Id of the concept that it teaches; None for examples of a user's source.
        prompt: The user's turn; empty for plain text, which is learned whole.
        answer: The assistant's turn: the only part that is learned.
    """

    id: str
    builder: str
    concept: str | None
    prompt: str
    answer: str


@dataclass(frozen=True, slots=True)
class EncodedExample:
    """One training example in token ids.

    ``prefix`` is the part that is the same for many examples (the system turn); it is kept
    apart so that a batch computes it once. The model sees ``prefix + body``.

    Attributes:
        id: The example's id.
        prefix: Token ids shared with other examples; may be empty.
        body: Token ids of the user's turn and the answer.
        target_start: Index into ``body`` of the first token that is learned; all after it are.
    """

    id: str
    prefix: tuple[int, ...]
    body: tuple[int, ...]
    target_start: int


@dataclass(frozen=True, slots=True)
class Probe:
    """One question of a suite.

    Attributes:
        id: Unique within the suite, stable for the same inputs and seed.
        family: ``P1`` to ``P14``, or ``general`` for retention items.
        concept: Concept that is asked about; the unit of clustering. Items without one use
            their own id.
        split: Whether the concept is trained on; None where that has no meaning.
        prompt: The user's turn.
        choices: Possible answers, in the order shown in reports.
        answer: Index into ``choices`` of the right one.
        accepted: Answers that count as right in free generation; empty where not generated.
    """

    id: str
    family: str
    concept: str
    split: Split | None
    prompt: str
    choices: tuple[str, ...]
    answer: int
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one model answered to one probe.

    Attributes:
        probe: The probe's id.
        scores: Log-likelihood (nats) of each choice, raw; empty for generated answers.
        chosen: Index of the choice taken; -1 for generated answers.
        correct: Whether that was right.
        text: The generated answer; empty for choices.
    """

    probe: str
    scores: tuple[float, ...]
    chosen: int
    correct: bool
    text: str = ""
