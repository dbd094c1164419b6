"""``config``: showing, origins, schema, validation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from domain_adapt.cli.main import main
from domain_adapt.config.load import find_recipe, load_recipe


def printed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_show_prints_a_recipe_that_loads_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(["config", "show", "finance", "seed=7", "--preset", "tiny"], capsys)
    (tmp_path / "shown.yaml").write_text(text)
    shown = load_recipe(str(tmp_path / "shown.yaml")).recipe
    assert shown == load_recipe("finance", preset="tiny", overrides=["seed=7"]).recipe


def test_origin_says_where_each_value_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["config", "show", "finance", "seed=7", "--preset", "tiny", "--origin"]
    origins = json.loads(printed([*arguments, "--format", "json"], capsys))
    assert origins["seed"] == {"value": 7, "origin": "command line"}
    assert origins["pack"]["origin"].startswith("finance.yaml:")
    assert any(entry["origin"].startswith("preset tiny") for entry in origins.values())


def test_schema_is_a_json_schema(capsys: pytest.CaptureFixture[str]) -> None:
    schema = json.loads(printed(["config", "schema"], capsys))
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False


def test_validate_names_every_error_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = yaml.safe_load(find_recipe("finance").read_text())
    recipe["sede"] = 1
    recipe["seed"] = "many"
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(recipe))
    assert main(["config", "validate", str(file), "--format", "json"]) == 3
    shown = capsys.readouterr()
    answer = json.loads(shown.out)
    assert answer["valid"] is False
    assert len(answer["problems"]) == 2
    assert shown.err.startswith(f"DA-CLI-004: '{file}' has 2 errors.")


def test_validate_is_content_with_what_is_shipped(capsys: pytest.CaptureFixture[str]) -> None:
    assert "valid" in printed(["config", "validate", str(find_recipe("finance"))], capsys)
