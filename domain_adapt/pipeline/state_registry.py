"""The registry's SQLite file: its schema, its transactions, and its errors in plain words."""

from __future__ import annotations

import contextlib
import errno
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from domain_adapt.base.errors import DomainAdaptError, StateLockedError, VerificationError
from domain_adapt.base.files import storage_error

SCHEMA_VERSION = 1

_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS versions (
  id TEXT PRIMARY KEY, pack TEXT NOT NULL, preset TEXT NOT NULL, created TEXT NOT NULL,
  status TEXT NOT NULL, digests TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, kind TEXT NOT NULL,
  version TEXT, detail TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS aliases (name TEXT PRIMARY KEY, version TEXT NOT NULL);
PRAGMA user_version = 1;
COMMIT;
"""

_BUSY_SECONDS = 30.0
_SMALLEST_TRANSACTION = 64 * 1024  # bytes: the shared-memory index (32 KiB) and some pages


def create_or_check(path: Path) -> None:
    """Create the registry where absent; else make sure that it is whole and of this release.

    Raises:
        VerificationError: It is damaged, or is some other program's file.
        DomainAdaptError: A newer release made it, or it cannot be written.
    """
    with _connection(path) as database:
        if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise _damaged(path, "its pages do not fit together")
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise _newer(path, version)
        if version == 0:
            if database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise _damaged(path, "it is not a registry")
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(_SCHEMA)


@contextlib.contextmanager
def transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection in a transaction: all of the block is on disk afterwards, or nothing."""
    with _connection(path) as database:
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
        except BaseException:
            if database.in_transaction:  # SQLite has rolled back by itself where the disk is full
                database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")


@contextlib.contextmanager
def _connection(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        database = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        with contextlib.closing(database):
            # FULL: a transaction that returned survives a power cut, also in WAL mode.
            database.execute("PRAGMA synchronous = FULL")
            yield database
    except sqlite3.Error as error:
        raise _coded(error, path) from error


def _coded(error: sqlite3.Error, path: Path) -> DomainAdaptError:
    """Return the coded error for what SQLite says."""
    primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StateLockedError(
            "DA-STATE-010",
            f"Another process held the registry '{path}' for over {_BUSY_SECONDS:.0f} seconds.",
            hint="Wait until it ends, then run the same command again.",
        )
    if primary == sqlite3.SQLITE_FULL or (primary == sqlite3.SQLITE_IOERR and _is_full(path)):
        return storage_error(OSError(errno.ENOSPC, str(error)), path)
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return storage_error(OSError(errno.EACCES, str(error)), path)
    if primary == sqlite3.SQLITE_IOERR:
        return storage_error(OSError(errno.EIO, str(error)), path)
    return _damaged(path, str(error))


def _is_full(path: Path) -> bool:
    """Whether a full disk explains an input/output error: SQLite says the latter in WAL mode."""
    try:
        return shutil.disk_usage(path.parent).free < _SMALLEST_TRANSACTION
    except OSError:
        return False


def _damaged(path: Path, reason: str) -> VerificationError:
    return VerificationError(
        "DA-STATE-003",
        f"The registry '{path}' is damaged: {reason}. Nothing was changed.",
        hint="Bring it back from a backup. If no private source was ever used, you may move it "
        "away instead: finished versions are found again from their folders.",
    )


def _newer(path: Path, version: int) -> DomainAdaptError:
    return DomainAdaptError(
        "DA-STATE-004",
        f"The registry '{path}' has schema {version}; this release knows up to {SCHEMA_VERSION}.",
        hint="Use the newer release of domain-adapt that made it, or name another --state.",
    )
