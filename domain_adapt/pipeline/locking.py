"""One writer per state folder; a crash frees it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from domain_adapt.base.errors import StateLockedError, UsageError
from domain_adapt.base.files import storage_errors

LOCK_FILE = "lock"


@contextlib.contextmanager
def state_lock(state_dir: Path) -> Iterator[None]:
    """Hold the state folder for this process while the block runs.

    The kernel drops the lock when the process ends, however it ends, so no stale lock can
    remain; what is written into the file only serves the message.

    Raises:
        StateLockedError: A live process holds it; the message names its process id.
        UsageError: ``state_dir`` is a file.
        DomainAdaptError: The folder cannot be written.
    """
    refuse_file(state_dir)
    with _opened(state_dir) as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _locked_error(state_dir, stream) from error
        _write_holder(stream)
        try:
            yield
        finally:
            stream.truncate(0)


def refuse_file(state_dir: Path) -> None:
    """Refuse a state that is a file.

    Raises:
        UsageError: It is one.
        DomainAdaptError: Nobody may look there.
    """
    with storage_errors(state_dir):  # a folder above it that may not be entered
        is_file = state_dir.exists() and not state_dir.is_dir()
    if is_file:
        raise UsageError(
            "DA-STATE-002",
            f"The state '{state_dir}' is a file, not a folder.",
            hint="Name a folder with --state or DOMAIN_ADAPT_STATE.",
        )


@contextlib.contextmanager
def _opened(state_dir: Path) -> Iterator[TextIO]:
    with storage_errors(state_dir):
        state_dir.mkdir(parents=True, exist_ok=True)
        stream = (state_dir / LOCK_FILE).open("a+", encoding="utf-8")
    with stream:
        yield stream


def _write_holder(stream: TextIO) -> None:
    holder = {"pid": os.getpid(), "started": datetime.now(UTC).isoformat(timespec="seconds")}
    # A disk too full for this line must not stop a run that only reads and reports.
    with contextlib.suppress(OSError):
        stream.truncate(0)
        stream.write(json.dumps(holder))
        stream.flush()


def _locked_error(state_dir: Path, stream: TextIO) -> StateLockedError:
    stream.seek(0)
    try:
        holder = json.loads(stream.read())
        who = f"process {holder['pid']}, which began at {holder['started']}"
    except (ValueError, KeyError, TypeError):  # it has the lock but has not written yet
        who = "another process"
    return StateLockedError(
        "DA-STATE-001",
        f"The state '{state_dir}' is in use by {who}.",
        hint="Wait until it ends, stop it, or name another folder with --state.",
    )
