"""Writing files so that a crash or a full disk never leaves half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from domain_adapt.base.errors import DomainAdaptError


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's storage errors into coded ones that name ``path``."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path) from error


def storage_error(error: OSError, path: Path) -> DomainAdaptError:
    """Return the coded error for a failed write to ``path``."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DomainAdaptError(
            "DA-DISK-001",
            f"The disk is full: '{path}' could not be written.",
            hint="Free some space and run the same command again; it goes on where it stopped.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return DomainAdaptError(
            "DA-DISK-002",
            f"'{path}' cannot be written: {error.strerror}.",
            hint="Give yourself write permission there, or name another folder with --state "
            "(DOMAIN_ADAPT_CACHE for the cache).",
        )
    return DomainAdaptError(
        "DA-DISK-003",
        f"'{path}' could not be written: {error.strerror or error}.",
        hint="Check the path and the disk, then run the same command again.",
    )


@contextlib.contextmanager
def atomic_path(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; it replaces ``path`` only if the block succeeds.

    Args:
        path: What is written.
        durable: Whether it must survive a power cut; what a cache can check and make again need
            not wait for the disk.

    Raises:
        DomainAdaptError: The disk is full or the folder is not writable; nothing is left behind.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            if durable:
                with temporary.open("rb+") as stream:
                    os.fsync(stream.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` as UTF-8, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
