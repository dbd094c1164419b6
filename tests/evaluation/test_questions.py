from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.errors import UsageError
from domain_adapt.base.records import Outcome, Probe
from domain_adapt.evaluation.questions import (
    Answers,
    Questions,
    choose_questions,
    read_answers,
    suite_items,
    write_answers,
)
from domain_adapt.evaluation.suite import LoadedSuite, load_suite


@pytest.fixture(scope="module")
def retention(tmp_path_factory: pytest.TempPathFactory) -> LoadedSuite:
    """Fifty items of general knowledge."""
    path = tmp_path_factory.mktemp("suite") / "general.jsonl"
    rows = [
        {"question": f"What is {i} + 1?", "choices": [str(i), str(i + 1)], "answer": 1}
        for i in range(50)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return load_suite(str(path))


@pytest.fixture(scope="module")
def choose_anew(suite, finance, split, retention) -> Callable[..., Questions]:
    def call(*, probes: int = 60, retention_items: int = 20, generated: int = 10) -> Questions:
        return choose_questions(
            suite,
            retention,
            finance,
            split,
            probes=probes,
            retention_items=retention_items,
            generated=generated,
        )

    return call


@pytest.fixture(scope="module")
def choose(choose_anew) -> Callable[..., Questions]:
    return cache(choose_anew)


def test_as_many_as_wanted(choose):
    questions = choose()

    assert len(questions.headline) == 60
    assert len(questions.abstention) == 6
    assert len(questions.free) == 10
    assert len(questions.retention) == 20
    assert len(questions) == 96


def test_no_more_than_there_are(choose):
    questions = choose(retention_items=1000, generated=1000)

    assert len(questions.retention) == 50
    assert len(questions.free) == sum(probe.family == "P1" for probe in questions.headline)


def test_free_questions_are_the_headlines_asked_again(choose):
    questions = choose()
    headline = {f"free:{probe.id}": probe for probe in questions.headline}

    for probe in questions.free:
        asked = headline[probe.id]
        assert asked.family == "P1"
        assert replace(probe, id=asked.id) == asked
        assert asked.choices[asked.answer] in probe.accepted


def test_none_in_free_text(choose):
    assert choose(generated=0).free == ()


def test_ids_are_unique_over_all_parts(choose):
    questions = choose(retention_items=1000, generated=1000)
    ids = [
        probe.id
        for part in (questions.headline, questions.abstention, questions.free, questions.retention)
        for probe in part
    ]

    assert len(ids) == len(set(ids))


def test_the_same_choice_again(choose, choose_anew):
    assert choose_anew() == choose()
    assert choose_anew().digest() == choose().digest()


def test_asking_for_more_general_items_keeps_those_chosen(choose):
    few, many = choose(retention_items=10).retention, choose(retention_items=30).retention

    assert many[:10] == few


@pytest.mark.parametrize("counts", [{"probes": 59}, {"retention_items": 19}, {"generated": 9}])
def test_the_digest_tells_questions_apart(choose, counts):
    assert choose(**counts).digest() != choose().digest()


def test_the_digest_sees_scoring_and_length(choose):
    questions = choose()
    others = [
        replace(questions, scoring="raw"),
        replace(questions, retention_scoring="raw"),
        replace(questions, max_new_tokens=1),
    ]

    assert len({each.digest() for each in (questions, *others)}) == 4


def test_a_generated_suite_lists_no_items():
    with pytest.raises(UsageError) as caught:
        suite_items(load_suite("finance/terms"))

    assert caught.value.code == "DA-EVAL-008"
    assert "'finance-terms'" in caught.value.message


def _probe(name: str) -> Probe:
    return Probe(name, "P1", name, "seen", "?", ("yes", "no"), 0)


QUESTIONS = Questions(
    headline=(_probe("a"), _probe("b")),
    abstention=(_probe("c"),),
    free=(_probe("free:a"),),
    retention=(_probe("d"), _probe("e")),
    scoring="per_byte",
    retention_scoring="raw",
    max_new_tokens=8,
)


def _answers(text: str = "credit default swap") -> Answers:
    return Answers(
        headline=(Outcome("a", (-1.5, -2.25), 0, True), Outcome("b", (-3.0, -0.1), 1, False)),
        abstention=(Outcome("c", (-1e-9, -123.456789), 0, True),),
        free=(Outcome("free:a", (), -1, True, text),),
        retention=(Outcome("d", (-1.0, -1.0), 0, True), Outcome("e", (0.0, -0.0), 0, True)),
    )


@given(st.text(st.characters(codec="utf-8")))
def test_answers_written_are_answers_read(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("answers") / "base.jsonl"

    write_answers(path, _answers(text))

    assert read_answers(path, QUESTIONS) == _answers(text)


def test_parts_without_questions(tmp_path):
    few = replace(QUESTIONS, abstention=(), free=(), retention=())
    answers = replace(_answers(), abstention=(), free=(), retention=())

    write_answers(tmp_path / "base.jsonl", answers)

    assert read_answers(tmp_path / "base.jsonl", few) == answers


def test_no_file(tmp_path):
    assert read_answers(tmp_path / "none.jsonl", QUESTIONS) is None
    assert read_answers(tmp_path, QUESTIONS) is None


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "base.jsonl"
    write_answers(path, _answers())
    return path


def test_a_file_cut_off_anywhere_counts_as_nothing(kept):
    whole = kept.read_bytes()

    for length in range(0, len(whole) - 1, 7):  # the last byte is a line end
        kept.write_bytes(whole[:length])
        assert read_answers(kept, QUESTIONS) is None, whole[:length]


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"\n",
        b"\xff\xfe",
        b"not json\n",
        b"[]\n",
        b"[1]\n",
        b"3\n",
        b"null\n",
        b'"text"\n',
        b"{}\n",
        b'{"part": "headline"}\n',
        b'{"part": "other", "probe": "a", "scores": [], "chosen": 0, "correct": true}\n',
        b'{"part": "headline", "probe": "a", "scores": null, "chosen": 0, "correct": true}\n',
        b'{"question": "?", "choices": ["a", "b"], "answer": 0}\n',
    ],
)
def test_a_foreign_file_counts_as_nothing(tmp_path, foreign):
    path = tmp_path / "base.jsonl"
    path.write_bytes(foreign)

    assert read_answers(path, QUESTIONS) is None


def _one_more(lines: list[dict[str, Any]]) -> None:
    lines.append(lines[-1])


def _other_order(lines: list[dict[str, Any]]) -> None:
    lines[0], lines[1] = lines[1], lines[0]


def _other_part(lines: list[dict[str, Any]]) -> None:
    lines[2]["part"] = "retention"


def _other_probe(lines: list[dict[str, Any]]) -> None:
    lines[0]["probe"] = "z"


def _unknown_key(lines: list[dict[str, Any]]) -> None:
    lines[0]["mood"] = "good"


@pytest.mark.parametrize(
    "spoil", [_one_more, _other_order, _other_part, _other_probe, _unknown_key]
)
def test_answers_to_other_questions_count_as_nothing(kept, spoil):
    lines = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    spoil(lines)
    kept.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    assert read_answers(kept, QUESTIONS) is None
