"""Help pages: framed lists of options and commands, drawn with what click alone brings.

``rich-click`` draws the same, but rich is imported for it and seventy modules more: help would
take four times as long as importing click (``benchmarks/cli_latency.py``).
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

import click

WIDTH = 100
NAME_WIDTH = 36


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

    def summaries(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Return name and one-line description of each command."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return [(name, child.get_short_help_str(WIDTH)) for name, child in found if child]


def help_page(command: click.Command, ctx: click.Context) -> str:
    """Return usage, description, options, commands and the example of ``command``.

    Colours are in it; ``click.echo`` takes them out where stdout is no terminal.
    """
    width = _width()
    usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
    parts = [f"{click.style('Usage:', fg='yellow')} {usage}", ""]
    for paragraph in (command.help or "").split("\n\n"):
        parts += [click.wrap_text(" ".join(paragraph.split()), width), ""]
    parts += _frame("Options", _options(command, ctx), width=width)
    if isinstance(command, Group):
        parts += _frame("Commands", command.summaries(ctx), width=width)
    if command.epilog:
        parts += ["", click.style(command.epilog, fg="green")]
    return "\n".join(parts)


def _width() -> int:
    """Return the width of a page: that of the terminal, up to a line that reads well."""
    return min(shutil.get_terminal_size().columns, WIDTH) if sys.stdout.isatty() else WIDTH


def _options(command: click.Command, ctx: click.Context) -> list[tuple[str, str]]:
    """Return name and description of each option; arguments stand in usage and description."""
    options = [item for item in command.get_params(ctx) if isinstance(item, click.Option)]
    return [record for record in (item.get_help_record(ctx) for item in options) if record]


def _frame(title: str, rows: Sequence[tuple[str, str]], *, width: int) -> list[str]:
    """Return the lines of a titled frame round names and descriptions."""
    formatter = click.HelpFormatter(width=width - 4)
    formatter.write_dl(
        [(click.style(name, fg="cyan", bold=True), " ".join(text.split())) for name, text in rows],
        col_max=NAME_WIDTH,
    )
    lines = formatter.getvalue().splitlines()
    padded = [line + " " * (width - 4 - len(click.unstyle(line))) for line in lines]
    return [
        f"╭─ {title} {'─' * (width - 5 - len(title))}╮",
        *(f"│ {line} │" for line in padded),
        f"╰{'─' * (width - 2)}╯",
    ]
