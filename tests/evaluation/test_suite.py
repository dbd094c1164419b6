from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain_adapt.base.assets import assets_root
from domain_adapt.base.errors import DataError, UsageError
from domain_adapt.evaluation.suite import (
    GeneratedSuite,
    ItemsSuite,
    load_suite,
    suite_names,
)
from domain_adapt.pipeline.plan import plan_run


@pytest.fixture
def content() -> dict[str, Any]:
    """What the bundled finance suite says, to be changed."""
    path = assets_root() / "eval_suites" / "finance" / "terms.yaml"
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def written(tmp_path: Path) -> Callable[[object], str]:
    """Write a suite and return its path."""

    def write(content: object) -> str:
        path = tmp_path / "own.yaml"
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize("name", suite_names())
def test_every_bundled_suite_loads(name):
    suite = load_suite(name).suite

    assert suite.version
    assert suite.licence


def test_the_finance_suite_is_among_the_bundled():
    assert "finance/terms" in suite_names()


def test_the_finance_suite_is_what_the_design_says(suite):
    assert suite.headline == ("P1", "P2", "P3", "P4", "P5", "P6")
    assert set(suite.families) == {*suite.headline, "P12"}
    assert (suite.choices, suite.seen_share) == (4, 0.4)
    assert all(len(family.prompts) >= 2 for name, family in suite.families.items() if name != "P12")


def test_a_suite_by_path(written, content):
    loaded = load_suite(written(content))

    assert loaded.suite == load_suite("finance/terms").suite
    assert loaded.path.name == "own.yaml"


def test_a_jsonl_file_is_a_suite(tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text("{}", encoding="utf-8")

    loaded = load_suite(str(path))

    assert isinstance(loaded.suite, ItemsSuite)
    assert (loaded.suite.name, loaded.suite.items, loaded.path) == ("mine", "mine.jsonl", path)


def test_a_suite_without_kind_lists_items(written):
    head = {"name": "n", "version": "1", "title": "t", "items": "i.jsonl", "licence": "CC0-1.0"}

    suite = load_suite(written(head)).suite

    assert isinstance(suite, ItemsSuite)
    assert suite.scoring == "per_byte"


@pytest.mark.parametrize("name", ["finance/term", "nothing.yaml", "missing.jsonl", "", "finance"])
def test_no_such_suite(name):
    with pytest.raises(UsageError) as caught:
        load_suite(name)

    assert caught.value.code == "DA-EVAL-001"
    assert f"'{name}'" in caught.value.message


def test_the_nearest_suite_is_named():
    with pytest.raises(UsageError) as caught:
        load_suite("finance/term")

    assert caught.value.hint == "Did you mean 'finance/terms'?"


@pytest.mark.parametrize("raw", [b"name: [1, 2", b"name: \xff\xfe"])
def test_a_file_that_is_no_yaml(tmp_path, raw):
    path = tmp_path / "broken.yaml"
    path.write_bytes(raw)

    with pytest.raises(DataError) as caught:
        load_suite(str(path))

    assert caught.value.code == "DA-EVAL-002"
    assert str(path) in caught.value.message


@pytest.mark.parametrize("content", [None, [], "text", 7])
def test_a_file_that_is_no_mapping(written, content):
    assert "the file: " in _invalid(written(content))


def test_an_unknown_key_gets_the_nearest_match(written, content):
    content["scorin"] = content.pop("scoring")

    message = _invalid(written(content))

    assert "scorin: " in message
    assert "did you mean 'scoring'?" in message
    assert "scoring: Field required" in message


@pytest.mark.parametrize(
    ("section", "key", "nearest"),
    [("families.P3", "promts", "prompts"), ("generation", "max_new_token", "max_new_tokens")],
)
def test_an_unknown_key_inside_a_section_gets_the_nearest_match(
    written, content, section, key, nearest
):
    inner = content
    for part in section.split("."):
        inner = inner[part]
    inner[key] = 1

    assert f"{section}.{key}: Extra inputs are not permitted (did you mean '{nearest}'?)" in (
        _invalid(written(content))
    )


def test_a_key_like_no_other_gets_no_match(written, content):
    content["zzz"] = 1

    message = _invalid(written(content))

    assert "zzz: " in message
    assert "did you mean" not in message


def test_every_problem_is_told_at_once(written, content):
    content |= {"choices": 1, "scoring": "loud", "seen_share": 1.5}

    message = _invalid(written(content))

    assert all(f"{key}: " in message for key in ("choices", "scoring", "seen_share"))


def _shares(content: dict[str, Any]) -> None:
    content["families"]["P1"]["share"] = 0.3


def _no_share(content: dict[str, Any]) -> None:
    del content["families"]["P1"]["share"]


def _headline(content: dict[str, Any]) -> None:
    content["headline"].append("P9")


def _generation(content: dict[str, Any]) -> None:
    content["generation"]["family"] = "P7"


def _no_slot(content: dict[str, Any]) -> None:
    content["families"]["P2"]["prompts"][0] = "Which abbreviation is it?"


def _other_slot(content: dict[str, Any]) -> None:
    content["families"]["P12"]["prompts"][0] = "What is {given} in {country}?"


def _open_brace(content: dict[str, Any]) -> None:
    content["families"]["P2"]["prompts"][0] = "What is {given} {"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_shares, "the shares of the headline's families must add up to 1"),
        (_no_share, "the shares of the headline's families must add up to 1"),
        (_headline, "'P9' is named but is not among the families"),
        (_generation, "'P7' is named but is not among the families"),
        (_no_slot, "'Which abbreviation is it?' of P2 must have the slot {given}"),
        (_other_slot, "'What is {given} in {country}?' of P12 must have the slot {given}"),
        (_open_brace, "the file: "),
    ],
)
def test_families_that_do_not_fit(written, content, spoil, told):
    spoil(content)

    assert told in _invalid(written(content))


def test_an_unknown_kind(written, content):
    content["kind"] = "generatd"

    with pytest.raises(DataError) as caught:
        load_suite(written(content))

    assert caught.value.code == "DA-EVAL-010"
    assert "'generatd'" in caught.value.message
    assert caught.value.hint == "Did you mean 'generated'?"


def test_a_suite_of_items_cannot_be_the_headline(tmp_path):
    items = tmp_path / "mine.jsonl"
    items.write_text('{"question": "?", "choices": ["a", "b"], "answer": 0}\n', encoding="utf-8")

    with pytest.raises(DataError) as caught:
        plan_run(
            "finance",
            preset="default",
            overrides=[f"evaluation.suite={items}"],
            sources=[],
            state=tmp_path / "state",
            allow_download=False,
        )

    assert caught.value.code == "DA-EVAL-009"
    assert "'mine'" in caught.value.message
    assert "finance/terms" in caught.value.hint


def test_a_suite_does_not_change_after_loading():
    suite = load_suite("finance/terms").suite
    assert isinstance(suite, GeneratedSuite)

    with pytest.raises(ValueError, match="frozen"):
        suite.seed = 1  # type: ignore[misc]


def _invalid(path: str) -> str:
    with pytest.raises(DataError) as caught:
        load_suite(path)
    assert caught.value.code == "DA-EVAL-003"
    assert path in caught.value.message
    return caught.value.message
