"""Every shipped recipe is valid, whole and explains itself."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from domain_adapt.base.assets import assets_root
from domain_adapt.config.load import (
    check_recipe_file,
    dump_recipe,
    find_recipe,
    load_recipe,
    preset_names,
    recipe_names,
    recipe_schema,
)
from domain_adapt.config.recipe import Recipe

RECIPES = sorted((assets_root() / "recipes").glob("*.yaml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_shipped_recipe_is_valid_in_every_preset(path: Path) -> None:
    assert check_recipe_file(path) == ()


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
@pytest.mark.parametrize("preset", ["tiny", "default", "full"])
def test_shipped_recipe_survives_its_lock_file(path: Path, preset: str, tmp_path: Path) -> None:
    loaded = load_recipe(path.stem, preset=preset)
    lock = tmp_path / "recipe.lock.yaml"
    lock.write_text(dump_recipe(loaded.recipe), encoding="utf-8")
    assert load_recipe(str(lock)).recipe == loaded.recipe


def test_finance_is_listed_with_its_presets() -> None:
    assert "finance" in recipe_names()
    assert set(preset_names(find_recipe("finance"))) == {"tiny", "default", "full"}


def test_finance_promises_what_the_project_promises() -> None:
    default, full = load_recipe("finance").recipe, load_recipe("finance", preset="full").recipe
    assert default.data.concepts is not None
    assert default.data.concepts >= 150
    assert default.evaluation.probes >= 400
    assert default.evaluation.retention_items >= 300
    assert default.gates.enforced
    # below the bars of benchmarks/finance_run.py: another machine rounds otherwise
    assert default.gates.seen_accuracy >= 0.8
    assert default.gates.p_value <= 0.001
    assert full.gates.seen_accuracy >= 0.88
    assert not load_recipe("finance", preset="tiny").recipe.gates.enforced


def test_every_knob_of_finance_is_written_out_with_a_comment() -> None:
    text = find_recipe("finance").read_text(encoding="utf-8")
    origins = load_recipe("finance").origins
    assert [key for key, place in origins.items() if place == "default"] == []
    lines = text.split("presets:")[0].splitlines()
    bare = [line for line in lines if re.match(r"\s+\S+: \S", line) and "#" not in line]
    assert bare == []


def test_every_field_describes_its_effect() -> None:
    def fields(model: type[BaseModel]) -> list[tuple[str, str | None]]:
        own = [(f"{model.__name__}.{n}", i.description) for n, i in model.model_fields.items()]
        below = [i.annotation for i in model.model_fields.values()]
        return own + [
            item
            for kind in below
            if isinstance(kind, type) and issubclass(kind, BaseModel)
            for item in fields(kind)
        ]

    assert [name for name, text in fields(Recipe) if not text] == []


def test_schema_refuses_unknown_keys_and_describes_known_ones() -> None:
    schema = recipe_schema()
    assert schema["additionalProperties"] is False
    rate = schema["$defs"]["TrainConfig"]["properties"]["learning_rate"]
    assert rate["exclusiveMinimum"] == 0
    assert rate["description"]


def test_recipe_is_plain_yaml_for_other_tools_too() -> None:
    tree = yaml.safe_load(find_recipe("finance").read_text(encoding="utf-8"))
    assert tree["pack"] == "finance"
