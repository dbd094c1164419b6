"""What is printed where: stdout holds data alone, everything else goes to stderr."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from domain_adapt.base.progress import Progress

FORMATS = ("auto", "human", "json", "quiet")
Style = Literal["human", "plain", "json", "quiet"]
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class View:
    """One command's answer, in every format.

    Attributes:
        payload: What ``--format json`` prints.
        columns: Headings for a person; empty where rows are label and value.
        rows: The cells for a person, and the tab-separated lines elsewhere.
        essence: What ``--format quiet`` prints, one a line: names, ids, one number.
    """

    payload: Any
    columns: tuple[str, ...]
    rows: Rows
    essence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """Where and how a command prints."""

    style: Style
    verbose: bool
    quiet: bool

    def show(self, view: View) -> None:
        """Print a command's answer on stdout."""
        if self.style == "json":
            import json  # help needs none of it

            self.line(json.dumps(view.payload, ensure_ascii=False, indent=2, allow_nan=False))
        elif self.style == "quiet":
            self.lines(view.essence)
        elif self.style == "plain":
            self.lines(tuple("\t".join(row) for row in view.rows))
        else:
            self.console().print(_table(view))

    def lines(self, texts: tuple[str, ...]) -> None:
        """Print lines on stdout as they are."""
        for text in texts:
            self.line(text)

    def line(self, text: str) -> None:
        """Print one line on stdout as it is; leave in silence if its reader has left."""
        try:
            print(text, flush=True)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)

    def note(self, text: str) -> None:
        """Print one line for a person on stderr."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def render(self, renderable: RenderableType) -> None:
        """Print a rich renderable for a person: on stdout only where that is a terminal."""
        if self.style not in ("human", "plain"):
            return
        if self.on_terminal or not self.quiet:
            self.console(stderr=not self.on_terminal).print(renderable)

    def console(self, *, stderr: bool = False) -> Console:
        """Return a rich console that colours only on a terminal."""
        from rich.console import Console

        return Console(stderr=stderr, highlight=False)

    def progress(self) -> Progress:
        """Return the listener for long work that suits the place where stderr goes."""
        from domain_adapt.base.progress import SilentProgress
        from domain_adapt.cli.progress import PlainProgress, TerminalProgress

        if self.quiet:
            return SilentProgress()
        console = self.console(stderr=True)
        if console.is_terminal and not console.is_dumb_terminal:
            return TerminalProgress(console)
        return PlainProgress(self.note, verbose=self.verbose)

    @property
    def on_terminal(self) -> bool:
        """Whether stdout is a terminal."""
        return sys.stdout.isatty()

    @property
    def interactive(self) -> bool:
        """Whether a person is there to answer a question."""
        return self.style == "human" and sys.stdin.isatty() and sys.stderr.isatty()


def open_output(format_name: str, *, verbose: bool, quiet: bool) -> Output:
    """Return the output for ``--format``, ``-v`` and ``-q``."""
    automatic: Style = "human" if sys.stdout.isatty() else "plain"
    style = automatic if format_name == "auto" else cast(Style, format_name)
    return Output(style=style, verbose=verbose, quiet=quiet or style == "quiet")


def _table(view: View) -> RenderableType:
    """Return the view as a rich table: with headings, or as a grid of labels and values."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD if view.columns else None, show_header=bool(view.columns))
    for position, column in enumerate(
        view.columns or ("",) * len(view.rows[0] if view.rows else ())
    ):
        table.add_column(column, style="bold" if position == 0 else "", overflow="fold")
    for row in view.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
