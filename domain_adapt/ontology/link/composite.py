"""Readings of mentions that name two things at once: "breast and ovarian cancer"."""

from __future__ import annotations

import re
from collections.abc import Iterator

_JOINED = re.compile(r"(.+?)(?:,| and/or | and | or |/)\s*(?:and |or )?(.+)")


def readings(mention: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to read a mention as two; none where nothing joins its words.

    Plainly ("ataxia and deafness"), with the end of the second part shared ("Duchenne and Becker
    muscular dystrophy") and with the beginning of the first shared ("deficiency of C6 and C7").
    """
    joined = _JOINED.fullmatch(mention)
    if joined is None:
        return
    first, second = joined[1], joined[2]
    yield first, second
    ending = second.split()
    for at in range(1, len(ending)):
        yield f"{first} {' '.join(ending[at:])}", second
    beginning = first.split()
    for at in range(1, len(beginning)):
        yield first, f"{' '.join(beginning[:at])} {second}"
