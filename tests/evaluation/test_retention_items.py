"""The bundled items of general knowledge: well formed, balanced, and not about finance."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from domain_adapt.base.assets import assets_root
from domain_adapt.evaluation.items import read_items
from domain_adapt.evaluation.suite import ItemsSuite, load_suite

ITEMS = assets_root() / "eval_suites" / "general" / "everyday.jsonl"
FINANCE = frozenset(
    re.findall(
        r"\w+",
        """
        bank banks bond bonds broker budget credit currency debt dividend dollar equity finance
        financial fund hedge inflation insurance interest invest investment investor loan market
        money mortgage portfolio price profit share shares stock stocks tax trader yield
        """,
    )
)


@pytest.fixture(scope="module")
def items() -> list[dict[str, Any]]:
    return [json.loads(line) for line in ITEMS.read_text(encoding="utf-8").splitlines()]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def test_each_line_is_an_item_of_exactly_five_fields(items: list[dict[str, Any]]) -> None:
    assert len(items) >= 500
    for item in items:
        assert set(item) == {"id", "topic", "question", "choices", "answer"}
        assert type(item["answer"]) is int
        assert item["answer"] in range(4)


def test_ids_are_unique(items: list[dict[str, Any]]) -> None:
    repeated = [name for name, count in Counter(item["id"] for item in items).items() if count > 1]
    assert repeated == []


def test_choices_are_four_and_distinct_whatever_their_case_and_marks(
    items: list[dict[str, Any]],
) -> None:
    wrong = [
        item["id"]
        for item in items
        if len({" ".join(_words(choice)) for choice in item["choices"]}) != 4
        or len(item["choices"]) != 4
    ]
    assert wrong == []


def test_choices_are_short_and_end_alike(items: list[dict[str, Any]]) -> None:
    for item in items:
        assert all(1 <= len(choice.split()) <= 4 for choice in item["choices"]), item["id"]
        assert all(choice.endswith(".") for choice in item["choices"]), item["id"]


def test_right_answers_are_spread_evenly_over_the_positions(items: list[dict[str, Any]]) -> None:
    counts = Counter(item["answer"] for item in items)
    assert set(counts) == {0, 1, 2, 3}
    assert all(abs(count / len(items) - 0.25) <= 0.015 for count in counts.values()), counts


def test_no_question_is_asked_twice(items: list[dict[str, Any]]) -> None:
    asked = Counter(" ".join(_words(item["question"])) for item in items)
    assert [question for question, count in asked.items() if count > 1] == []


def test_no_item_is_about_finance(items: list[dict[str, Any]]) -> None:
    found = {
        item["id"]: sorted(words)
        for item in items
        if (words := FINANCE & set(_words(" ".join([item["question"], *item["choices"]]))))
    }
    assert found == {}


def test_topics_are_many_and_of_like_size(items: list[dict[str, Any]]) -> None:
    sizes = Counter(item["topic"] for item in items)
    assert len(sizes) >= 16
    assert all(20 <= size <= 45 for size in sizes.values()), sizes


def test_suite_reads_the_items_as_they_are_written(items: list[dict[str, Any]]) -> None:
    suite = load_suite("general/everyday").suite
    assert isinstance(suite, ItemsSuite)
    probes = read_items(ITEMS.parent / suite.items)
    assert [probe.answer for probe in probes] == [item["answer"] for item in items]
    assert [probe.prompt for probe in probes] == [item["question"] for item in items]
