"""Progress for a person: a bar per stage on a terminal, a line per stage in a log."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain_adapt.base.progress import Task

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

LINE_EVERY_SECONDS = 30.0
VERBOSE_LINE_EVERY_SECONDS = 10.0


class TerminalProgress:
    """A live bar per stage, with the time left and the latest figures.

    Args:
        console: A console on stderr.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars: Bars | None = None
        self._open = 0

    @contextlib.contextmanager
    def stage(self, name: str, total: float | None) -> Iterator[Task]:
        """Show a bar for the stage; it stays, full, when the stage is done."""
        bars = self._start()
        bar = bars.add_task(name, total=total, figures="")
        try:
            yield BarTask(bars, bar)
            done = bars.tasks[bars.task_ids.index(bar)].completed
            bars.update(bar, total=max(done, 1.0), completed=max(done, 1.0))
        finally:
            bars.stop_task(bar)
            self._stop()

    def _start(self) -> Bars:
        """Return the live display, started if no stage is open yet."""
        if self._bars is None:
            self._bars = _bars(self._console)
            self._bars.start()
        self._open += 1
        return self._bars

    def _stop(self) -> None:
        """Leave the live display when the last open stage ends, so that others can print."""
        self._open -= 1
        if self._open == 0 and self._bars is not None:
            self._bars.stop()
            self._bars = None


@dataclass(frozen=True, slots=True)
class BarTask:
    """One bar."""

    bars: Bars
    bar: TaskID

    def advance(self, amount: float = 1.0, **figures: float) -> None:
        """Move the bar on and show the figures beside it."""
        if figures:
            self.bars.update(self.bar, advance=amount, figures=figures_text(figures))
        else:
            self.bars.update(self.bar, advance=amount)


class PlainProgress:
    """A line where a stage starts, one where it ends, and one every half minute in between.

    Args:
        write: Prints one line on stderr.
        verbose: Whether to print one every ten seconds.
        clock: Seconds; replaced in tests.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        *,
        verbose: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write = write
        self._every = VERBOSE_LINE_EVERY_SECONDS if verbose else LINE_EVERY_SECONDS
        self._clock = clock

    @contextlib.contextmanager
    def stage(self, name: str, total: float | None) -> Iterator[Task]:
        """Print that the stage starts and, unless it fails, how long it took."""
        self._write(f"{name} …")
        began = self._clock()
        task = LineTask(name, total, self._write, self._clock, began, self._every)
        yield task
        parts = [f"{self._clock() - began:.1f} s", *filter(None, [figures_text(task.figures)])]
        self._write(f"{name}: done in {', '.join(parts)}")


@dataclass(slots=True)
class LineTask:
    """One stage in a log."""

    name: str
    total: float | None
    write: Callable[[str], None]
    clock: Callable[[], float]
    last: float
    every: float
    done: float = 0.0
    figures: dict[str, float] = field(default_factory=dict)

    def advance(self, amount: float = 1.0, **figures: float) -> None:
        """Count, keep the latest figures, and print them now and then."""
        self.done += amount
        self.figures.update(figures)
        if self.clock() - self.last < self.every:
            return
        self.last = self.clock()
        share = f" {self.done / self.total:.0%}" if self.total else ""
        self.write(f"{self.name}{share} {figures_text(self.figures)}".rstrip())


def figures_text(figures: dict[str, float]) -> str:
    """Return figures as a person reads them: ``loss 0.532, tokens/s 1,204``."""
    return ", ".join(
        f"{name.replace('_per_second', '/s').replace('_', ' ')} {_number(value)}"
        for name, value in figures.items()
    )


def _number(value: float) -> str:
    """Return a number with three digits that matter, or whole with separators if large."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _bars(console: Console) -> Bars:
    """Return a rich display with name, bar, share, time left and figures."""
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description:<28}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("{task.fields[figures]}", style="dim"),
        console=console,
        refresh_per_second=4,  # training has two cores; drawing must not take one
    )
