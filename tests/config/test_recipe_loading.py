"""Layers of a recipe: file, extends, preset, command line; and where each value is from."""

import subprocess
import sys
from pathlib import Path

import pytest

from domain_adapt.base.errors import UsageError
from domain_adapt.config.load import COMMAND_LINE, load_recipe

CHILD = """\
extends: finance
title: Mine
data:
  builders:
    acronym.v1: 7
presets:
  tiny:
    train: {epochs: 1}
  mine:
    seed: 3
"""


@pytest.fixture
def child(tmp_path: Path) -> str:
    path = tmp_path / "child.yaml"
    path.write_text(CHILD, encoding="utf-8")
    return str(path)


def test_default_preset_is_taken_and_named() -> None:
    loaded = load_recipe("finance")
    assert loaded.preset == "default"
    assert loaded.recipe.seed == 20260101
    assert loaded.path.name == "finance.yaml"


def test_preset_lies_over_the_base_and_says_where() -> None:
    loaded = load_recipe("finance", preset="tiny")
    assert loaded.recipe.gates.enforced is False
    assert loaded.recipe.adapter == load_recipe("finance").recipe.adapter
    assert loaded.origins["gates.enforced"].startswith("preset tiny (finance.yaml:")
    line = int(loaded.origins["gates.enforced"].partition(":")[2].rstrip(")"))
    text = loaded.path.read_text(encoding="utf-8").splitlines()[line - 1]
    assert text.strip() == "enforced: false"


def test_origin_is_the_line_of_the_key() -> None:
    loaded = load_recipe("finance")
    for key, place in loaded.origins.items():
        if not key.startswith("data.builders."):
            line = loaded.path.read_text("utf-8").splitlines()[int(place.partition(":")[2]) - 1]
            assert line.strip().startswith(f"{key.rpartition('.')[2]}:")


def test_override_wins_over_preset_and_the_last_override_over_the_first() -> None:
    loaded = load_recipe(
        "finance", preset="tiny", overrides=["train.epochs=5", "train.epochs=6", "seed=7"]
    )
    assert loaded.recipe.train.epochs == 6
    assert loaded.recipe.seed == 7
    assert loaded.origins["train.epochs"] == COMMAND_LINE


@pytest.mark.parametrize("text", ["5e-4", "5E-4", "0.0005", "+.0005", "5.0e-04"])
def test_numbers_may_be_written_as_people_write_them(text: str) -> None:
    loaded = load_recipe("finance", overrides=[f"train.learning_rate={text}"])
    assert loaded.recipe.train.learning_rate == 0.0005


def test_whole_number_is_fine_where_a_number_is_expected() -> None:
    alpha = load_recipe("finance", overrides=["adapter.alpha=8"]).recipe.adapter.alpha
    assert alpha == 8.0
    assert isinstance(alpha, float)


def test_override_of_list_null_and_one_builder() -> None:
    recipe = load_recipe(
        "finance",
        overrides=[
            "adapter.target_modules=[q_proj, v_proj]",
            "data.concepts=null",
            "data.builders.acronym.v1=9",
            "data.sources=[{path: a.jsonl, sensitivity: public}]",
            "model.system_prompt='a = b'",
        ],
    ).recipe
    assert recipe.adapter.target_modules == ("q_proj", "v_proj")
    assert recipe.data.concepts is None
    assert recipe.data.builders["acronym.v1"] == 9
    assert recipe.data.builders["definition.v1"] == 2
    assert recipe.data.sources[0].path == "a.jsonl"
    assert recipe.model.system_prompt == "a = b"


def test_child_inherits_and_replaces(child: str) -> None:
    base, loaded = load_recipe("finance").recipe, load_recipe(child)
    assert loaded.recipe.title == "Mine"
    assert loaded.recipe.train == base.train
    assert loaded.recipe.data.builders == {**base.data.builders, "acronym.v1": 7}
    assert loaded.origins["title"] == "child.yaml:2"
    assert loaded.origins["seed"].startswith("finance.yaml:")


def test_child_adds_to_inherited_presets(child: str) -> None:
    tiny = load_recipe(child, preset="tiny")
    assert tiny.recipe.train.epochs == 1
    assert tiny.recipe.gates.enforced is False
    assert tiny.origins["train.epochs"] == "preset tiny (child.yaml:8)"
    assert tiny.origins["gates.enforced"].startswith("preset tiny (finance.yaml:")
    assert load_recipe(child, preset="mine").recipe.seed == 3


def test_default_preset_need_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "grand.yaml").write_text("extends: child.yaml\nseed: 5\n", encoding="utf-8")
    (tmp_path / "child.yaml").write_text("extends: finance\npresets: null\n", encoding="utf-8")
    loaded = load_recipe(str(tmp_path / "grand.yaml"))
    assert (loaded.recipe.seed, loaded.preset) == (5, "default")


def test_unwritten_value_comes_from_the_default(tmp_path: Path) -> None:
    lines = load_recipe("finance").path.read_text("utf-8").splitlines(keepends=True)
    path = tmp_path / "short.yaml"
    path.write_text("".join(x for x in lines if "patience" not in x), encoding="utf-8")
    loaded = load_recipe(str(path))
    assert loaded.recipe.train.patience == 3
    assert loaded.origins["train.patience"] == "default"


def test_recipe_cannot_be_changed_after_loading() -> None:
    recipe = load_recipe("finance").recipe
    with pytest.raises(ValueError, match="frozen"):
        recipe.train.epochs = 9.0  # type: ignore[misc]


def test_misspelt_name_is_a_usage_error_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"DA-CONF-020.*finanse.*Did you mean 'finance'") as error:
        load_recipe("finanse")
    assert error.value.exit_code == 2


def test_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"DA-CONF-021.*none\.yaml"):
        load_recipe(str(tmp_path / "none.yaml"))


def test_config_and_ontology_import_no_torch() -> None:
    code = (
        "import sys, domain_adapt.config.load, domain_adapt.ontology.load, "
        "domain_adapt.ontology.lint\n"
        "print(sorted({'torch', 'transformers', 'numpy'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    result = subprocess.run(  # the interpreter's own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert result.stdout.strip() == "[]"
