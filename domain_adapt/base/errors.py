"""The coded errors that reach a user.

Every error says what happened, shows the value, and says what to do next. The code
(``DA-AREA-NNN``) is stable: people search for it, scripts match on it, and
``docs/errors.md`` lists all of them. The class decides the exit code of the command line.
"""

from __future__ import annotations


class DomainAdaptError(Exception):
    """Base of all errors a user may meet.

    Args:
        code: Stable code, ``DA-<AREA>-<NNN>``.
        message: What happened, with the value in it; one sentence.
        hint: What to do next; one sentence.
    """

    exit_code = 1

    def __init__(self, code: str, message: str, *, hint: str) -> None:
        super().__init__(f"{code}: {message} {hint}")
        self.code = code
        self.message = message
        self.hint = hint


class UsageError(DomainAdaptError):
    """A pack, command, model or file name that does not exist."""

    exit_code = 2


class ConfigError(DomainAdaptError):
    """A recipe, preset or override that is not valid."""

    exit_code = 3


class DataError(DomainAdaptError):
    """Input data, an ontology or a suite that breaks a rule."""

    exit_code = 4


class GateError(DomainAdaptError):
    """A measured result that misses its gate."""

    exit_code = 6


class VerificationError(DomainAdaptError):
    """Bytes that are not what their digest says."""

    exit_code = 7


class StateLockedError(DomainAdaptError):
    """A state folder that another process is using."""

    exit_code = 8


class Interrupted(DomainAdaptError):
    """SIGINT or SIGTERM arrived; everything up to here is saved and resumable."""

    exit_code = 130
