"""Every recipe with each of its presets, every suite and every pack that is shipped is valid."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from domain_adapt.base.assets import assets_root
from domain_adapt.config.load import check_recipe_file, load_recipe, preset_names, recipe_names
from domain_adapt.evaluation.suite import load_suite
from domain_adapt.ontology.load import load_ontology, ontology_names
from domain_adapt.packs.pack import BUNDLED

ROOT = Path(__file__).resolve().parents[2]
RECIPES = sorted((ROOT / "recipes").glob("*.yaml"))
SUITES = sorted((ROOT / "eval_suites").rglob("*.yaml"))
ASSET_FOLDERS = ("ontologies", "recipes", "eval_suites")


def test_there_is_something_to_check() -> None:
    assert assets_root() == ROOT
    assert RECIPES
    assert SUITES
    assert "finance" in recipe_names()


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipe_file_has_no_problem(path: Path) -> None:
    assert [str(problem) for problem in check_recipe_file(path)] == []


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_preset_loads(path: Path) -> None:
    for preset in preset_names(path):
        assert load_recipe(str(path), preset=preset).preset == preset


def test_finance_has_the_documented_presets() -> None:
    assert {"tiny", "full"} <= set(preset_names(ROOT / "recipes" / "finance.yaml"))


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.stem)
def test_suite_is_valid(path: Path) -> None:
    name = path.relative_to(ROOT / "eval_suites").with_suffix("").as_posix()
    assert load_suite(name).suite.name


@pytest.mark.parametrize("name", ontology_names())
def test_ontology_is_valid(name: str) -> None:
    assert load_ontology(name).concepts


@pytest.mark.parametrize("pack", BUNDLED.values(), ids=lambda pack: pack.name)
def test_pack_names_what_is_shipped(pack) -> None:  # type: ignore[no-untyped-def]
    loaded = load_recipe(pack.recipe).recipe
    assert loaded.pack == pack.name
    assert loaded.ontology == pack.ontology
    assert (loaded.evaluation.suite, loaded.evaluation.retention) == pack.suites


@pytest.mark.slow
def test_wheel_carries_its_data_and_finds_it_from_anywhere(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--no-index", "-w", tmp_path, ROOT], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    shipped = {
        f"domain_adapt/_assets/{path.relative_to(ROOT).as_posix()}"
        for folder in ASSET_FOLDERS
        for path in (ROOT / folder).rglob("*.yaml")
    }
    assert shipped <= held
    program = (
        "import sys; sys.path.insert(0, 'site')\n"
        "from domain_adapt.config.load import find_recipe, load_recipe\n"
        "load_recipe('finance'); print(find_recipe('finance'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert Path(done.stdout.strip()) == tmp_path / "site/domain_adapt/_assets/recipes/finance.yaml"
