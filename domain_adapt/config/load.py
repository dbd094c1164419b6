"""Finding, merging and checking recipes: file, ``extends``, preset, command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain_adapt.base.assets import assets_root
from domain_adapt.base.errors import ConfigError, UsageError
from domain_adapt.base.suggest import did_you_mean
from domain_adapt.config.layers import Layers, nearest
from domain_adapt.config.problems import Problem, summary
from domain_adapt.config.recipe import Recipe
from domain_adapt.config.schema import check, key_path, leaf_keys, show, suggest_key
from domain_adapt.config.yaml_text import (
    KeyPath,
    YamlText,
    dump_yaml,
    parse_yaml,
    read_yaml,
)

DEFAULT_PRESET = "default"
COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class LoadedRecipe:
    """A recipe ready to run.

    Attributes:
        recipe: The checked values.
        preset: Name of the preset that was laid over the base.
        path: The recipe file.
        origins: Dotted key to where its value comes from: ``finance.yaml:12``,
            ``preset tiny (finance.yaml:40)``, ``command line`` or ``default``.
    """

    recipe: Recipe
    preset: str
    path: Path
    origins: dict[str, str]


@dataclass(slots=True)
class _Draft:
    """A recipe under construction."""

    layers: Layers = field(default_factory=Layers)
    problems: list[Problem] = field(default_factory=list)
    readable: bool = True


def load_recipe(
    name_or_path: str, *, preset: str = DEFAULT_PRESET, overrides: Sequence[str] = ()
) -> LoadedRecipe:
    """Load a recipe, lay a preset and overrides over it, and check everything at once.

    Args:
        name_or_path: A bundled recipe's name, or a path to a YAML file.
        preset: Name of one of the recipe's presets.
        overrides: ``key=value`` strings; values are YAML.

    Raises:
        UsageError: No such recipe.
        ConfigError: Anything in it is wrong; the message lists all of it.
    """
    path = find_recipe(name_or_path)
    draft = _read_chain(path)
    _lay_preset(draft, preset)
    for override in overrides:
        _lay_override(draft, override)
    recipe = _checked(draft)
    if recipe is None:
        raise ConfigError(
            draft.problems[0].code,
            summary(draft.problems, subject=f"the recipe '{name_or_path}'"),
            hint="Correct this and run it again; `domain-adapt config schema` lists every key.",
        )
    return LoadedRecipe(recipe, preset, path, _origins(recipe, draft.layers))


def check_recipe_file(path: Path) -> tuple[Problem, ...]:
    """Return everything that is wrong with a recipe's base and with each of its presets."""
    found: dict[Problem, None] = {}
    for preset in (DEFAULT_PRESET, *preset_names(path)):
        draft = _read_chain(path)
        _lay_preset(draft, preset)
        _checked(draft)
        found.update(dict.fromkeys(draft.problems))
    return tuple(found)


def preset_names(path: Path) -> tuple[str, ...]:
    """Return the names of a recipe file's presets, in file order, those it inherits included."""
    presets = _read_chain(path).layers.tree.get("presets")
    return tuple(presets) if isinstance(presets, dict) else ()


def recipe_names() -> tuple[str, ...]:
    """Return the names of the bundled recipes, sorted."""
    return tuple(sorted(path.stem for path in (assets_root() / "recipes").glob("*.yaml")))


def find_recipe(name_or_path: str) -> Path:
    """Return the file of a bundled recipe's name or of a path.

    Raises:
        UsageError: No such recipe or file.
    """
    if is_path(name_or_path):
        path = Path(name_or_path).expanduser()
        if path.is_file():
            return path
        raise UsageError(
            "DA-CONF-021",
            f"There is no recipe file '{name_or_path}'.",
            hint="Check the path, or name a bundled recipe: `domain-adapt packs list`.",
        )
    if name_or_path in recipe_names():
        return _bundled(name_or_path)
    raise UsageError(
        "DA-CONF-020",
        f"There is no pack or recipe '{name_or_path}'.",
        hint=did_you_mean(name_or_path, recipe_names()),
    )


def recipe_schema() -> dict[str, Any]:
    """Return the JSON Schema of recipes, a description at every key."""
    return Recipe.model_json_schema()


def dump_recipe(recipe: Recipe) -> str:
    """Return the recipe as YAML with every value written out; it loads back as an equal one."""
    return dump_yaml(recipe.model_dump(mode="json"))


def is_path(name: str) -> bool:
    """Say whether a recipe is named by its path rather than by its name."""
    return "/" in name or "\\" in name or name.endswith((".yaml", ".yml"))


def _bundled(name: str) -> Path:
    return assets_root() / "recipes" / f"{name}.yaml"


def _read_chain(path: Path) -> _Draft:
    """Read a recipe and all that it extends, the most general laid first."""
    draft = _Draft()
    files: list[YamlText] = []
    chain: list[Path] = []
    following: Path | None = path
    while following is not None:
        chain.append(following.resolve())
        file = read_yaml(following, area="CONF")
        files.append(file)
        following = _extended(file, chain, draft)
    for file in reversed(files):
        _lay_file(draft, file)
    return draft


def _extended(file: YamlText, chain: list[Path], draft: _Draft) -> Path | None:
    """Return the file that ``file`` extends, or None; what is wrong with it goes to the draft."""
    name = file.value.get("extends") if isinstance(file.value, dict) else None
    if name is None:
        return None
    place = file.place(("extends",))
    if not isinstance(name, str):
        message = f"'extends' is {show(name)}; expected the name of a recipe or a path."
        draft.problems.append(Problem("DA-CONF-011", place, message))
        return None
    found = chain[-1].parent / name if is_path(name) else _bundled(name)
    if not found.is_file():
        message = f"'extends' is '{name}', which does not exist. "
        message += did_you_mean(name, recipe_names())
        draft.problems.append(Problem("DA-CONF-016", place, message))
        return None
    if found.resolve() in chain:
        names = " → ".join(step.name for step in (*chain, found))
        draft.problems.append(Problem("DA-CONF-017", place, f"'extends' goes round: {names}."))
        return None
    return found


def _lay_file(draft: _Draft, file: YamlText) -> None:
    draft.problems.extend(file.problems)
    if isinstance(file.value, dict):
        values = {key: value for key, value in file.value.items() if key != "extends"}
        draft.layers.lay(values, place=file.place)
        return
    draft.readable = False
    if file.readable:
        message = f"the file holds {show(file.value)}; expected a mapping of keys to values."
        draft.problems.append(Problem("DA-CONF-004", file.place(()), message))


def _lay_preset(draft: _Draft, name: str) -> None:
    presets, places = draft.layers.take("presets")
    presets = {} if presets is None else presets
    if not isinstance(presets, dict):
        message = f"'presets' is {show(presets)}; expected a mapping of names to values."
        draft.problems.append(Problem("DA-CONF-011", nearest(places, ()), message))
    elif name not in presets and name != DEFAULT_PRESET:
        message = f"there is no preset '{name}'. {did_you_mean(name, {*presets, DEFAULT_PRESET})}"
        draft.problems.append(Problem("DA-CONF-014", COMMAND_LINE, message))
    elif not isinstance(values := presets.get(name) or {}, dict):
        message = f"'presets.{name}' is {show(values)}; expected a mapping of keys to values."
        draft.problems.append(Problem("DA-CONF-011", nearest(places, (name,)), message))
    else:
        draft.layers.lay(
            values, place=lambda path: f"preset {name} ({nearest(places, (name, *path))})"
        )


def _lay_override(draft: _Draft, override: str) -> None:
    key, equals, text = override.partition("=")
    key = key.strip()
    if not equals or not key:
        message = f"'{override}' is no override; expected key=value."
        draft.problems.append(Problem("DA-CONF-015", COMMAND_LINE, message))
        return
    path = key_path(Recipe, key)
    if path is None:
        message = f"unknown key '{key}'. {suggest_key(key, leaf_keys(Recipe))}"
        draft.problems.append(Problem("DA-CONF-010", COMMAND_LINE, message))
        return
    parsed = parse_yaml(text, file=COMMAND_LINE, area="CONF")
    for problem in parsed.problems:
        draft.problems.append(Problem(problem.code, COMMAND_LINE, f"'{key}': {problem.message}"))
    if parsed.readable:
        draft.layers.lay(_nested(path, parsed.value), place=lambda _: COMMAND_LINE)


def _nested(path: KeyPath, value: Any) -> dict[str, Any]:
    for part in reversed(path):
        value = {str(part): value}
    nested: dict[str, Any] = value
    return nested


def _checked(draft: _Draft) -> Recipe | None:
    """Validate the merged tree; what is wrong goes to the draft, and then there is no recipe."""
    if not draft.readable:
        return None
    recipe, problems = check(Recipe, draft.layers.tree, place=draft.layers.place)
    draft.problems.extend(problems)
    return None if draft.problems else recipe


def _origins(recipe: Recipe, layers: Layers) -> dict[str, str]:
    return {
        ".".join(map(str, path)): layers.places.get(path, "default")
        for path in _leaves(recipe.model_dump(), ())
    }


def _leaves(values: dict[str, Any], path: KeyPath) -> list[KeyPath]:
    found: list[KeyPath] = []
    for key, value in values.items():
        here = (*path, key)
        found.extend(_leaves(value, here) if isinstance(value, dict) else [here])
    return found
