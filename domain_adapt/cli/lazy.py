"""A command group that imports a command's module only when the command is asked for."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import click

from domain_adapt.cli.help import Group


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command is.

    Attributes:
        place: ``module:attribute``.
        summary: The first line of its help, so that the group's help imports no command.
    """

    place: str
    summary: str


class LazyGroup(Group):
    """A group whose commands are named in a table and imported on demand.

    Args:
        lazy: Command name to where it is, in the order that help shows them.
    """

    def __init__(
        self, *args: Any, lazy: dict[str, LazyCommand] | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands in the order of the table."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command; for an unknown name, None after loading all for a suggestion."""
        if cmd_name not in self._lazy:
            for name in self._lazy:
                self._load(name)
            return None
        return self._load(cmd_name)

    def summaries(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Return name and description of each command, importing none."""
        return [(name, command.summary) for name, command in self._lazy.items()]

    def _load(self, name: str) -> click.Command:
        """Import the command called ``name`` and keep it."""
        if name not in self.commands:
            module, _, attribute = self._lazy[name].place.partition(":")
            command = getattr(importlib.import_module(module), attribute)
            assert isinstance(command, click.Command)  # noqa: S101 - the table is ours; a test loads it
            self.commands[name] = command
        return self.commands[name]
