"""YAML in and out: what scalars mean, lines, and that what is written is read back."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.config.load import dump_recipe, load_recipe
from domain_adapt.config.problems import Problem, summary
from domain_adapt.config.recipe import Recipe
from domain_adapt.config.schema import check
from domain_adapt.config.yaml_text import YamlText, dump_yaml, parse_yaml

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18) + 1, 10**18 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.sampled_from(["5e-4", "NO", "yes", "007", "0x1F", "1:30", "2026-01-01", "~", "<<", "1_0"])
)
TREES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXT, below, max_size=3),
    max_leaves=8,
)


def parse(text: str) -> YamlText:
    return parse_yaml(text, file="x.yaml", area="CONF")


def tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: tuples(below) for key, below in value.items()}
    return tuple(map(tuples, value)) if isinstance(value, list) else value


@given(TREES)
def test_what_is_dumped_is_read_back(tree: Any) -> None:
    read = parse(dump_yaml(tree))
    assert read.problems == ()
    assert read.value == tuples(tree)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5e-4", 5e-4),
        ("1.", 1.0),
        ("-3", -3),
        ("true", True),
        ("~", None),
        ("NO", "NO"),
        ("on", "on"),
        ("y", "y"),
        ("007", "007"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("12:30", "12:30"),
        ("2026-01-01", "2026-01-01"),
        ("1.2.3", "1.2.3"),
        ("9999999999999999999999", "9999999999999999999999"),
        (".inf", ".inf"),
    ],
)
def test_meaning_of_scalars(text: str, value: Any) -> None:
    read = parse(text).value
    assert (type(read), read) == (type(value), value)


def test_lines_of_nested_values() -> None:
    read = parse("a:\n  b:\n    - x\n    - {c: 1,\n       d: 2}\n")
    assert read.place(("a", "b", 0)) == "x.yaml:3"
    assert read.place(("a", "b", 1, "d")) == "x.yaml:5"
    assert read.place(("a", "b", 1, "missing")) == "x.yaml:4"
    assert read.place(("nothing",)) == "x.yaml:1"


def test_recursive_alias_is_refused_and_not_followed() -> None:
    assert [problem.code for problem in parse("&a [*a]").problems] == ["DA-CONF-003"]


POSITIVE = st.floats(1e-12, 1, exclude_min=True)
OVERLAYS = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXT.filter(bool),
        "description": TEXT,
        "seed": st.integers(0, 2**32 - 1),
        "model": st.fixed_dictionaries({"base": TEXT.filter(bool), "system_prompt": TEXT}),
        "train": st.fixed_dictionaries({"learning_rate": POSITIVE, "weight_decay": POSITIVE}),
        "adapter": st.fixed_dictionaries(
            {
                "rank": st.integers(1, 512),
                "target_modules": st.just("auto")
                | st.lists(TEXT.filter(bool), min_size=1, max_size=3).map(tuple),
            }
        ),
    },
)


@given(OVERLAYS)
def test_lock_file_loads_back_as_the_equal_recipe(overlay: dict[str, Any]) -> None:
    tree = load_recipe("finance").recipe.model_dump()
    for key, value in overlay.items():
        tree[key] = {**tree[key], **value} if isinstance(value, dict) else value
    recipe = Recipe.model_validate(tree)
    read = parse(dump_recipe(recipe))
    assert check(Recipe, read.value, place=read.place) == (recipe, ())


def test_lock_file_on_disk(tmp_path: Path) -> None:
    loaded = load_recipe("finance", preset="full", overrides=["title='5e-4'"])
    path = tmp_path / "recipe.lock.yaml"
    path.write_text(dump_recipe(loaded.recipe), encoding="utf-8")
    assert load_recipe(str(path)).recipe == loaded.recipe


def test_a_list_of_problems_is_cut_where_nobody_reads_on() -> None:
    problems = [Problem("DA-CONF-011", f"a.yaml:{n}", f"wrong {n}.") for n in range(120)]
    text = summary(problems, subject="'a.yaml'")
    assert text.startswith("120 problems in 'a.yaml':\n  a.yaml:0: wrong 0.")
    assert "wrong 49." in text
    assert "wrong 50." not in text
    assert text.endswith("and 70 more\n")
