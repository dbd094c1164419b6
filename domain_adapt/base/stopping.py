"""Asking long work to stop at its next safe point."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from domain_adapt.base.errors import Interrupted


class StopFlag:
    """Raised by a signal, looked at by long work between two steps."""

    def __init__(self) -> None:
        self.requested = False

    def check(self) -> None:
        """Stop here if a stop was asked for.

        Raises:
            Interrupted: SIGINT or SIGTERM has arrived since the work began.
        """
        if self.requested:
            raise Interrupted(
                "DA-RUN-001",
                "The run was interrupted.",
                hint="What was done is saved; run the same command again to go on from there.",
            )


@contextlib.contextmanager
def stop_on_signals() -> Iterator[StopFlag]:
    """Yield a flag that SIGINT and SIGTERM raise; a second signal stops at once."""
    flag = StopFlag()

    def request(_signal: int, _frame: FrameType | None) -> None:
        if flag.requested:
            raise KeyboardInterrupt
        flag.requested = True

    before = {number: signal.signal(number, request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield flag
    finally:
        for number, handler in before.items():
            # None: it was set outside Python and cannot be set again from here
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
