"""Help pages: panels of options and commands, drawn by rich alone.

``rich-click`` draws the same, but importing it loads seventy modules more than click and rich do,
which alone would break the promise of 2.5 times their import (``benchmarks/cli_latency.py``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDTH = 100


class Command(click.Command):
    """A command with a drawn help page."""

    def get_help(self, ctx: click.Context) -> str:
        """Return the help page of this command."""
        return help_page(self, ctx)


class Group(click.Group):
    """A group of commands with a drawn help page."""

    command_class = Command

    def get_help(self, ctx: click.Context) -> str:
        """Return the help page of this group."""
        return help_page(self, ctx)


def help_page(command: click.Command, ctx: click.Context) -> str:
    """Return usage, description, options, commands and the example of ``command``."""
    from rich.text import Text

    usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
    parts: list[RenderableType] = [
        Text.assemble(("Usage: ", "yellow"), usage),
        Text(),
        Text("\n\n".join(_paragraphs(command.help or ""))),
        Text(),
    ]
    parts += [_panel("Options", [_option_row(record) for record in _records(command, ctx)])]
    if isinstance(command, click.Group):
        parts += [_panel("Commands", [(name, text) for name, text in _children(command, ctx)])]
    if command.epilog:
        parts += [Text(), Text(command.epilog, style="green")]
    return _draw(parts)


def _draw(parts: Iterable[RenderableType]) -> str:
    """Return what rich draws of ``parts``, in colour only where stdout is a terminal."""
    console = _console()
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return capture.get().rstrip("\n")


def _console() -> Console:
    """Return a console for stdout that is never wider than a page."""
    from rich.console import Console

    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    return console


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a docstring, each on one line for rich to wrap."""
    return [" ".join(block.split()) for block in text.split("\n\n")]


def _records(command: click.Command, ctx: click.Context) -> list[tuple[str, str]]:
    """Return name and description of each option; arguments stand in usage and description."""
    options = [item for item in command.get_params(ctx) if isinstance(item, click.Option)]
    return [record for record in (item.get_help_record(ctx) for item in options) if record]


def _option_row(record: tuple[str, str]) -> tuple[str, str]:
    """Return the row of one option, its description without click's line breaks."""
    return record[0], " ".join(record[1].split())


def _children(group: click.Group, ctx: click.Context) -> list[tuple[str, str]]:
    """Return name and short description of each command of ``group``."""
    found = [(name, group.get_command(ctx, name)) for name in group.list_commands(ctx)]
    return [(name, child.get_short_help_str(WIDTH)) for name, child in found if child]


def _panel(title: str, rows: Iterable[tuple[str, str]]) -> RenderableType:
    """Return a titled panel of names and descriptions."""
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold cyan", max_width=36)
    table.add_column()
    for name, text in rows:
        table.add_row(Text(name), Text(text))
    return Panel(table, title=title, title_align="left", border_style="dim")
