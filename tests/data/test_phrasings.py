from __future__ import annotations

import itertools
import re

import pytest
import yaml

from domain_adapt.base.assets import assets_root
from domain_adapt.base.errors import ConfigError, DataError
from domain_adapt.data.phrasings import (
    bundled_directions,
    choose_phrasings,
    load_directions,
    slots,
)


def _suite_prompts() -> list[str]:
    suites = [
        yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((assets_root() / "eval_suites").rglob("*.yaml"))
    ]
    return [
        prompt
        for suite in suites
        for family in suite.get("families", {}).values()
        for prompt in family["prompts"]
    ]


def _grams(template: str, size: int = 5) -> set[tuple[str, ...]]:
    """Runs of words outside the slots; the field's name counts as a word."""
    text = re.sub(r"\{(?!field)\w+\}", " ", template.replace("{field}", "finance"))
    words = re.findall(r"\w+", text.casefold())
    return (
        set(itertools.pairwise(words))
        if size == 2
        else set(zip(*(words[i:] for i in range(size)), strict=False))
    )


def test_no_five_words_in_a_row_are_shared_with_a_suite():
    suites = _suite_prompts()
    assert len(suites) >= 7, "the finance suite's wordings were not found"
    theirs = {gram: prompt for prompt in suites for gram in _grams(prompt)}

    for direction in bundled_directions().values():
        for _, prompt in direction.prompts:
            shared = {theirs[gram] for gram in _grams(prompt) if gram in theirs}
            assert not shared, f"{prompt!r} shares five words with {shared}"


def test_no_template_equals_a_suites():
    suites = {tuple(re.findall(r"\w+", slots_out(p))) for p in _suite_prompts()}

    for direction in bundled_directions().values():
        for _, prompt in direction.prompts:
            assert tuple(re.findall(r"\w+", slots_out(prompt))) not in suites


def slots_out(template: str) -> str:
    return re.sub(r"\{\w+\}", " ", template).casefold()


def test_every_direction_has_six_to_eight_different_wordings_of_its_own():
    for name, direction in bundled_directions().items():
        own = {text for key, text in direction.prompts if key.startswith(f"{name}.")}
        borrowed = len(direction.prompts) - len(own)
        assert 6 <= len(own) <= 8 or (not own and borrowed >= 6), name


def test_unknown_terms_are_asked_about_in_the_words_of_known_ones():
    directions = bundled_directions()
    known = {
        text
        for name, direction in directions.items()
        if name != "unknown_term"
        for _, text in direction.prompts
    }

    assert {text for _, text in directions["unknown_term"].prompts} <= known


def test_chosen_phrasings_differ_and_depend_on_fact_and_seed():
    direction = bundled_directions()["term_to_definition"]

    chosen = choose_phrasings(direction, 5, fact="a", seed=1)

    assert len({phrasing.prompt for phrasing in chosen}) == 5
    assert chosen == choose_phrasings(direction, 5, fact="a", seed=1)
    others = {choose_phrasings(direction, 5, fact=f, seed=s) for f, s in [("b", 1), ("a", 2)]}
    assert chosen not in others


def test_fewer_phrasings_are_a_prefix_of_more():
    direction = bundled_directions()["term_to_definition"]

    assert choose_phrasings(direction, 6, fact="a", seed=1)[:2] == choose_phrasings(
        direction, 2, fact="a", seed=1
    )


def test_more_phrasings_than_there_are_is_refused():
    direction = bundled_directions()["term_to_definition"]

    with pytest.raises(ConfigError, match=r"DA-DATA-021: 9 phrasings.*has 8") as caught:
        choose_phrasings(direction, 9, fact="a", seed=1)
    assert "at most 8" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: {wanted: x, answers: ['{x}'], prompts: ['{y}']}", "given"),
        ("a: {given: y, wanted: x, answers: ['{x}'], prompts: ['no slot']}", "no slot"),
        ("a: {given: y, wanted: x, answers: ['{x}'], prompts: ['{y} {z}']}", "{z}"),
        ("a: {given: y, wanted: x, answers: ['{z}'], prompts: ['{y}']}", "{z}"),
        ("a: {given: y, wanted: x, answers: [], prompts: ['{y}']}", "no prompts or no answers"),
        ("a: {given: y, wanted: x, answers: ['{x}'], prompts_of: [b]}", "b"),
        ("a: 3", "int"),
    ],
)
def test_a_phrasing_file_with_a_fault_is_refused(tmp_path, text, said):
    path = tmp_path / "phrasings.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(DataError, match="DA-DATA-023") as caught:
        load_directions(path)
    assert said in caught.value.message


def test_slots_are_found():
    assert slots("a {b} c {field}?") == {"b", "field"}
