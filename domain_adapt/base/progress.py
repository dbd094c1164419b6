"""How long work tells a person how far it is, without knowing who listens."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Protocol


class Task(Protocol):
    """One stage that is under way."""

    def advance(self, amount: float = 1.0, **figures: float) -> None:
        """Report ``amount`` more units done, with named figures to show beside the bar."""


class Progress(Protocol):
    """A listener for stages; the command line shows a bar per stage."""

    def stage(self, name: str, total: float | None) -> contextlib.AbstractContextManager[Task]:
        """Open a stage of ``total`` units (None where unknown)."""


class SilentTask:
    """A task that nobody watches."""

    def advance(self, amount: float = 1.0, **figures: float) -> None:
        """Do nothing."""


class SilentProgress:
    """A listener that shows nothing: for scripts, tests and ``--format quiet``."""

    @contextlib.contextmanager
    def stage(self, name: str, total: float | None) -> Iterator[Task]:
        """Open a stage that nobody watches."""
        yield SilentTask()
