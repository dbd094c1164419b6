"""The options that several commands share, so that they mean the same everywhere."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from domain_adapt.cli.output import FORMATS, open_output

Command = Callable[..., Any]

DEFAULT_STATE = Path("adapt_state")


@dataclass(slots=True)
class Session:
    """What outlives a command: where to write a log if it fails unexpectedly."""

    state: Path = DEFAULT_STATE


def example(command: str) -> str:
    """Return the last line of a command's help: an example that works."""
    return f"Example: {command}"


def _remember_state(ctx: click.Context, _: click.Parameter, value: Path) -> Path:
    """Note the state folder in the session and pass it on."""
    session = ctx.find_object(Session)
    if session is not None:
        session.state = value
    return value


state_option = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_STATE,
    show_default=True,
    envvar="DOMAIN_ADAPT_STATE",
    show_envvar=True,
    callback=_remember_state,
    help="Folder for versions, reports, checkpoints and logs.",
)

yes_option = click.option("--yes", "-y", is_flag=True, help="Answer every question with yes.")

download_option = click.option(
    "--allow-download",
    is_flag=True,
    help="Fetch the base model where it is not there yet; else nothing uses the network.",
)

seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=None, help="Seed instead of the recipe's."
)

preset_option = click.option(
    "--preset", default="default", show_default=True, help="Preset of the recipe, such as tiny."
)


def output_options(command: Command) -> Command:
    """Add ``--format``, ``-v`` and ``-q``; the command gets one ``output`` argument for them."""

    @click.option(
        "--format",
        "format_name",
        type=click.Choice(FORMATS),
        default="auto",
        show_default=True,
        help="What stdout holds; auto is a table on a terminal, tab-separated rows elsewhere.",
    )
    @click.option("--verbose", "-v", is_flag=True, help="Say more on stderr.")
    @click.option("--quiet", "-q", is_flag=True, help="Say nothing on stderr but errors.")
    @functools.wraps(command)
    def with_output(*args: Any, format_name: str, verbose: bool, quiet: bool, **rest: Any) -> Any:
        output = open_output(format_name, verbose=verbose, quiet=quiet)
        return command(*args, output=output, **rest)

    return with_output
