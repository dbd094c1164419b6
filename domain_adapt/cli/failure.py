"""What a person sees when a command fails: a code, what happened, what to do. No traceback."""

from __future__ import annotations

import os
import traceback
from datetime import UTC, datetime
from pathlib import Path

import click
from click.exceptions import Abort, ClickException

from domain_adapt.base.errors import DomainAdaptError, Interrupted, UsageError
from domain_adapt.cli.options import Session


def report_failure(error: BaseException, *, session: Session) -> int:
    """Print ``error`` on stderr as a coded message and return the exit code.

    Args:
        error: Whatever came out of a command.
        session: Says which state folder gets the log of an unexpected error.

    Raises:
        BaseException: ``error`` itself where it is a request to exit.
    """
    if isinstance(error, SystemExit | GeneratorExit):
        raise error
    coded = _coded(error, session=session)
    _print(coded)
    return coded.exit_code


def _coded(error: BaseException, *, session: Session) -> DomainAdaptError:
    """Return ``error`` as a coded one."""
    if isinstance(error, DomainAdaptError):
        return error
    if isinstance(error, ClickException):
        return usage_error(error)
    if isinstance(error, KeyboardInterrupt | Abort | EOFError):
        return Interrupted(
            "DA-CLI-002",
            "Interrupted.",
            hint="What was finished is kept; the same command goes on from there.",
        )
    return unexpected_error(error, log=_write_log(session.state / "logs"))


def usage_error(error: ClickException) -> DomainAdaptError:
    """Return click's complaint about the command line as a coded error with exit code 2."""
    context = getattr(error, "ctx", None)
    path = context.command_path if isinstance(context, click.Context) else "domain-adapt"
    message = " ".join(error.format_message().split())
    end = "" if message.endswith((".", "?", ")")) else "."
    return UsageError("DA-CLI-003", f"{message}{end}", hint=f"See '{path} --help'.")


def unexpected_error(error: BaseException, *, log: Path | None) -> DomainAdaptError:
    """Return a coded error for what nobody foresaw, naming the log that has the details."""
    where = f"The details are in '{log}'." if log else "The details could not be written."
    return DomainAdaptError(
        "DA-CLI-001",
        f"Something unexpected happened: {type(error).__name__}: {error}.",
        hint=f"{where} Please report it with that file and the output of 'domain-adapt env'.",
    )


def _write_log(folder: Path) -> Path | None:
    """Write the current traceback to a file only its owner can read; None if that fails."""
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(traceback.format_exc())
    except OSError:
        return None
    return path


def _print(error: DomainAdaptError) -> None:
    """Print code, message and hint on stderr, in colour on a terminal."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text.assemble((error.code, "bold red"), f": {error.message}"))
    console.print(Text(f"  {error.hint}"))
