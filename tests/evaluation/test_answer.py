"""Answers of the tiny model against the plainest way to compute them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from domain_adapt.base.errors import Interrupted
from domain_adapt.base.records import Outcome, Probe
from domain_adapt.base.stopping import StopFlag
from domain_adapt.data.encode import ChatEncoder
from domain_adapt.engine.model import context_length, load_model, load_tokenizer
from domain_adapt.evaluation.answer import answer_choices, answer_freely, normalise_answer

TERMS = ["credit default swap", "bond", "overnight rate", "non-deliverable forward", "gilt", "FX"]


class Counter:
    """A task that counts; told to stop something, it does after a number of units."""

    def __init__(self, stop: StopFlag | None = None) -> None:
        self.units: list[float] = []
        self._stop = stop

    def advance(self, amount: float = 1.0, **figures: float) -> None:
        self.units.append(amount)
        if self._stop is not None:
            self._stop.requested = True


@pytest.fixture(scope="module")
def model(tiny_model: Any) -> Any:
    return load_model(tiny_model.path, dtype=torch.float32, device=torch.device("cpu"))


@pytest.fixture(scope="module")
def tokenizer(tiny_model: Any) -> Any:
    return load_tokenizer(tiny_model.path)


@pytest.fixture(scope="module")
def encoder(tiny_model: Any, tokenizer: Any) -> ChatEncoder:
    return ChatEncoder(tokenizer, system_prompt=None, max_length=context_length(tiny_model.path))


@pytest.fixture(scope="module")
def probes() -> list[Probe]:
    """Choices of very different length, also in bytes beside characters."""
    endings = ["", " agreed between two parties", "，即两方之间的约定", " of a bank"]
    return [
        Probe(
            id=f"p{number}",
            family="P3",
            concept=f"c{number}",
            split="seen",
            prompt=f"Which term is number {number}? " + "It is said of it that. " * (number % 4),
            choices=tuple(
                TERMS[(number + k) % len(TERMS)] + endings[(number + k) % 4] for k in range(4)
            ),
            answer=number % 4,
        )
        for number in range(16)
    ]


@torch.inference_mode()
def _log_likelihoods(model: Any, encoder: ChatEncoder, probe: Probe) -> list[float]:
    """Run the model over each choice by itself: whole text, no packing, no shared parts."""
    prompt = list(sum(encoder.encode_choice_prompt(probe.prompt), ()))
    sums = []
    for choice in probe.choices:
        answer = list(encoder.encode_choice(choice))
        logits = model(torch.tensor([prompt + answer])).logits[0].double()
        chances = torch.log_softmax(logits, dim=-1)
        at = range(len(prompt) - 1, len(prompt) + len(answer) - 1)
        sums.append(sum(float(chances[i, token]) for i, token in zip(at, answer, strict=True)))
    return sums


@pytest.fixture(scope="module")
def plain_scores(model, encoder, probes) -> list[list[float]]:
    return [_log_likelihoods(model, encoder, probe) for probe in probes]


def _choose(
    model: Any, encoder: ChatEncoder, probes: list[Probe], scoring: Any = "raw"
) -> tuple[Outcome, ...]:
    return answer_choices(
        model, encoder, probes, scoring=scoring, task=Counter(), check_stop=lambda: None
    )


@pytest.mark.parametrize("scoring", ["raw", "per_byte"])
def test_choices_are_those_of_brute_force(model, encoder, probes, plain_scores, scoring):
    outcomes = _choose(model, encoder, probes, scoring)

    assert [outcome.probe for outcome in outcomes] == [probe.id for probe in probes]
    for probe, outcome, sums in zip(probes, outcomes, plain_scores, strict=True):
        sizes = [len(c.encode("utf-8")) if scoring == "per_byte" else 1 for c in probe.choices]
        ranked = [total / size for total, size in zip(sums, sizes, strict=True)]
        assert outcome.scores == pytest.approx(sums, abs=1e-3)
        assert outcome.chosen == ranked.index(max(ranked))
        assert outcome.correct == (outcome.chosen == probe.answer)
        assert outcome.text == ""


def test_the_two_scorings_disagree_on_these_probes(model, encoder, probes):
    """Else the test above would not tell them apart; and both right and wrong answers occur."""
    raw = _choose(model, encoder, probes)
    per_byte = _choose(model, encoder, probes, "per_byte")

    assert [each.scores for each in raw] == [each.scores for each in per_byte]
    assert [each.chosen for each in raw] != [each.chosen for each in per_byte]
    assert {each.correct for each in per_byte} == {True, False}


def test_an_answer_does_not_depend_on_what_else_is_asked(model, encoder, probes):
    together = _choose(model, encoder, probes)

    for probe, outcome in list(zip(probes, together, strict=True))[::5]:
        (alone,) = _choose(model, encoder, [probe])
        assert alone.scores == pytest.approx(outcome.scores, abs=1e-3)


def test_every_probe_is_told_of(model, encoder, probes):
    task = Counter()

    answer_choices(model, encoder, probes, scoring="raw", task=task, check_stop=lambda: None)

    assert sum(task.units) == len(probes)
    assert len(task.units) > 2


def test_no_probes(model, encoder):
    assert _choose(model, encoder, []) == ()


def test_choosing_stops_between_rows(model, encoder, probes):
    stop = StopFlag()
    task = Counter(stop)

    with pytest.raises(Interrupted):
        answer_choices(model, encoder, probes, scoring="raw", task=task, check_stop=stop.check)

    assert len(task.units) == 1
    assert 0 < sum(task.units) < len(probes)


@torch.inference_mode()
def _greedy(model: Any, encoder: ChatEncoder, prompt: str, most: int) -> list[int]:
    """Take the likeliest token, one after the other."""
    ids = list(sum(encoder.encode_choice_prompt(prompt), ()))
    written: list[int] = []
    while len(written) < most:
        token = int(model(torch.tensor([ids + written])).logits[0, -1].argmax())
        if token == encoder.stop_id:
            break
        written.append(token)
    return written


def _free(
    model: Any, encoder: ChatEncoder, tokenizer: Any, probes: list[Probe]
) -> tuple[Outcome, ...]:
    return answer_freely(
        model,
        encoder,
        probes,
        decode=lambda tokens: str(tokenizer.decode(tokens)),
        max_new_tokens=6,
        task=Counter(),
        check_stop=lambda: None,
    )


def test_free_answers_are_the_likeliest_tokens(model, encoder, tokenizer, probes):
    outcomes = _free(model, encoder, tokenizer, probes[:6])

    for probe, outcome in zip(probes, outcomes, strict=False):
        expected = tokenizer.decode(_greedy(model, encoder, probe.prompt, 6)).strip()
        assert outcome == Outcome(probe.id, (), -1, False, expected)


def test_a_free_answer_is_right_if_it_is_an_accepted_name(encoder, probes, monkeypatch):
    """What is written is given here; how it is judged is the thing under test."""
    written = ["The credit default swap.", "a CDS", "credit swap", "credit default swap option", ""]
    monkeypatch.setattr(
        "domain_adapt.evaluation.answer.greedy_answers",
        lambda model, prompts, **_: iter([[(0,), (1,)], [(2,), (3,), (4,)]]),
    )
    asked = [replace(each, accepted=("credit default swap", "CDS")) for each in probes[:5]]
    task = Counter()

    outcomes = answer_freely(
        None,
        encoder,
        asked,
        decode=lambda tokens: f" {written[tokens[0]]}\n",
        max_new_tokens=4,
        task=task,
        check_stop=lambda: None,
    )

    assert [outcome.correct for outcome in outcomes] == [True, True, False, False, False]
    assert [outcome.text for outcome in outcomes] == written
    assert task.units == [2, 3]


def test_writing_stops_between_batches(model, encoder, tokenizer, probes):
    stop = StopFlag()
    task = Counter(stop)
    many = [replace(probe, id=f"{probe.id}-{i}") for i in range(3) for probe in probes]

    with pytest.raises(Interrupted):
        answer_freely(
            model,
            encoder,
            many,
            decode=lambda tokens: str(tokenizer.decode(tokens)),
            max_new_tokens=1,
            task=task,
            check_stop=stop.check,
        )

    assert len(task.units) == 1
    assert 0 < sum(task.units) < len(many)


@pytest.mark.parametrize(
    "text",
    [
        "credit default swap",
        "The credit default swap.",
        "  a Credit  Default\nSwap!",
        "CREDIT-DEFAULT SWAP",
        '"credit default swap"',
    ],
)
def test_case_articles_and_punctuation_do_not_matter(text):
    assert normalise_answer(text) == "credit default swap"


@pytest.mark.parametrize("text", ["credit default swaps", "credit swap", "no credit default swap"])
def test_words_do_matter(text):
    assert normalise_answer(text) != "credit default swap"


def test_letters_of_other_scripts_are_kept():
    assert normalise_answer("Ångström, 信用!") == "ångström 信用"
