"""Imports point down the layers, and what must stay light imports nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import domain_adapt

PACKAGE = Path(domain_adapt.__file__).parent
LAYERS = (
    "base",
    "config",
    "ontology",
    "data",
    "privacy",
    "engine",
    "evaluation",
    "continual",
    "packs",
    "audit",
    "pipeline",
    "cli",
)
LIGHT = ("base", "config", "ontology", "audit", "cli", "packs")
HEAVY = ("torch", "transformers", "peft", "opacus", "datasets", "spacy", "evaluate")
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def tree_of(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


def imported_names(nodes: Iterator[ast.AST]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the layer"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def run_time_nodes(tree: ast.AST, *, functions: bool = True) -> Iterator[ast.AST]:
    """Yield nodes that run; ``if TYPE_CHECKING`` does not, function bodies only when called."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if not functions and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield node
        yield from run_time_nodes(node, functions=functions)


def layers_used(names: set[str]) -> set[str]:
    parts = [name.split(".") for name in names if name.startswith("domain_adapt.")]
    return {part[1] for part in parts if (PACKAGE / part[1]).is_dir()}


def roots(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


def test_every_folder_is_a_layer() -> None:
    folders = {module.split("/")[0] for module in MODULES if "/" in module}
    assert folders <= set(LAYERS)


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_point_down(layer: str) -> None:
    below = set(LAYERS[: LAYERS.index(layer) + 1])
    wrong = {
        module: upward
        for module in MODULES
        if module.startswith(f"{layer}/")
        and (upward := layers_used(imported_names(ast.walk(tree_of(module)))) - below)
    }
    assert wrong == {}


def test_one_file_alone_imports_peft() -> None:
    users = {m for m in MODULES if "peft" in roots(imported_names(ast.walk(tree_of(m))))}
    assert users <= {"engine/adapters.py"}


@pytest.mark.parametrize("layer", LIGHT)
def test_light_layers_name_nothing_heavy_at_the_top(layer: str) -> None:
    wrong = {
        module: heavy
        for module in MODULES
        if module.startswith(f"{layer}/")
        and (
            heavy := roots(imported_names(run_time_nodes(tree_of(module), functions=False)))
            & set(HEAVY)
        )
    }
    assert wrong == {}


def test_light_layers_load_nothing_heavy_when_imported() -> None:
    names = [
        "domain_adapt." + module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for module in MODULES
        if module.split("/")[0] in LIGHT
    ]
    program = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        f"print(*(set({HEAVY!r}) & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


@pytest.mark.parametrize("module", MODULES)
def test_nothing_unpickles_or_runs_code_of_models(module: str) -> None:
    tree = tree_of(module)
    unsafe = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    assert roots(imported_names(ast.walk(tree))) & unsafe == set()
    trusted = [
        keyword.lineno
        for keyword in ast.walk(tree)
        if isinstance(keyword, ast.keyword)
        and keyword.arg == "trust_remote_code"
        and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    ]
    assert trusted == []


@pytest.mark.parametrize("module", MODULES)
def test_torch_loads_weights_only(module: str) -> None:
    calls = [
        ast.unparse(node)
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("torch.load", "load")
    ]
    loose = [
        call for call in calls if call.startswith("torch.") and "weights_only=True" not in call
    ]
    assert loose == []
