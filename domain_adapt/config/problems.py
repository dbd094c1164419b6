"""One thing that is wrong in a file or on the command line, and how many are told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        code: Stable code, ``DA-<AREA>-<NNN>``.
        place: ``file:line``, or ``command line``.
        message: What is wrong, with the value in it and what is expected.
    """

    code: str
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message} [{self.code}]"


def summary(problems: Sequence[Problem], *, subject: str) -> str:
    """Return one message for all ``problems`` of ``subject``, a line each when there are several.

    At most :data:`MOST_LINES` of them: a wrong prefix in a large file makes thousands. The error
    that carries it takes the code of the first problem.
    """
    if len(problems) == 1:
        return f"{problems[0].place}: {problems[0].message}"
    lines = "\n".join(f"  {problem}" for problem in problems[:MOST_LINES])
    if len(problems) > MOST_LINES:
        lines += f"\n  and {len(problems) - MOST_LINES} more"
    return f"{len(problems)} problems in {subject}:\n{lines}\n"
