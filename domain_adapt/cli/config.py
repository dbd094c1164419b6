"""``domain-adapt config``: what a recipe says, whence each value comes, whether it holds."""

from __future__ import annotations

from pathlib import Path

import click

from domain_adapt.base.errors import ConfigError
from domain_adapt.cli.help import Group
from domain_adapt.cli.options import example, output_options, preset_option
from domain_adapt.cli.output import Output, View


@click.group(cls=Group, name="config", epilog=example("domain-adapt config show finance --origin"))
def config_group() -> None:
    """Show recipes, their schema, and whether they are valid."""


@config_group.command("show", epilog=example("domain-adapt config show finance --origin"))
@click.argument("recipe", default="finance")
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@preset_option
@click.option("--origin", is_flag=True, help="Say beside each value where it comes from.")
@output_options
def show_command(
    recipe: str, overrides: tuple[str, ...], preset: str, origin: bool, output: Output
) -> None:
    """Print RECIPE (a name or a file) with preset and overrides applied."""
    from domain_adapt.config.load import dump_recipe, load_recipe

    loaded = load_recipe(recipe, preset=preset, overrides=overrides)
    values = loaded.recipe.model_dump(mode="json")
    if origin:
        output.show(_origin_view(values, dict(loaded.origins)))
    elif output.style == "json":
        output.show(View(values, (), ()))
    else:
        output.line(dump_recipe(loaded.recipe).rstrip("\n"))


@config_group.command("schema", epilog=example("domain-adapt config schema > recipe.schema.json"))
@output_options
def schema_command(output: Output) -> None:
    """Print the JSON Schema of a recipe, for editors that complete and check YAML."""
    import json

    from domain_adapt.config.load import recipe_schema

    output.line(json.dumps(recipe_schema(), ensure_ascii=False, indent=2))


@config_group.command("validate", epilog=example("domain-adapt config validate my_recipe.yaml"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@output_options
def validate_command(file: Path, output: Output) -> None:
    """Check FILE and all its presets, and name every error at once."""
    from domain_adapt.config.load import check_recipe_file

    problems = tuple(str(problem) for problem in check_recipe_file(file))
    payload = {"file": str(file), "valid": not problems, "problems": list(problems)}
    rows = tuple((problem,) for problem in problems) or ((f"{file}: valid",),)
    output.show(View(payload, (), rows, essence=problems))
    if problems:
        raise ConfigError(
            "DA-CLI-004",
            f"'{file}' has {len(problems)} error{'s' if len(problems) > 1 else ''}.",
            hint="Correct what is listed; 'domain-adapt config schema' says what is allowed.",
        )


def _origin_view(values: dict[str, object], origins: dict[str, str]) -> View:
    """Return each value beside where it comes from."""
    import json

    flat = _flatten(values)
    rows = tuple((key, json.dumps(flat[key]), origins.get(key, "default")) for key in flat)
    payload = {key: {"value": flat[key], "origin": origin} for key, _, origin in rows}
    return View(payload, ("key", "value", "origin"), rows, essence=tuple(flat))


def _flatten(values: dict[str, object], prefix: str = "") -> dict[str, object]:
    """Return nested values under dotted keys; lists stay whole."""
    flat: dict[str, object] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            flat.update(_flatten(value, f"{name}."))
        else:
            flat[name] = value
    return flat
