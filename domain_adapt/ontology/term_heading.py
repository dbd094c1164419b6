"""Where a paragraph's heading ends: headings name terms, they do not use them.

Plain text of regulations has lost the italics of run-in headings; what is left is the missing
space, "(a) Coverage.This part applies ...".
"""

from __future__ import annotations

import re

LONGEST = 200
"""Characters of the longest heading looked for; what is longer is a sentence."""

_ENUMERATOR = re.compile(r"\s*(?:\((?:[a-z]{1,5}|[A-Z]{1,3}|\d{1,3})\)\s*)*")
_RUN_IN = re.compile(r"[.?:—][”’\"']?(?=[A-Z“‘\"§(])")
_INITIAL = re.compile(r"\b[A-Z]$")  # the "U" of "U.S."
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|does|do|shall|must|may|can|will|should|need|means?"
    r"|apply|applies|includes?|provides?|requires?)\b",
    re.IGNORECASE,
)
_LIST_FOLLOWS = re.compile(r"[;:,]\s*$")


def heading_end(text: str, *, has_children: bool) -> int:
    """Return the offset at which a paragraph's heading ends; 0 where it has none.

    A heading runs from the enumerator to the first full stop, dash or question mark that the
    next sentence follows without a space. A paragraph with others under it that is one phrase
    without a verb is a heading as a whole.

    Args:
        text: The paragraph.
        has_children: Whether other paragraphs lie under it.
    """
    enumerator = _ENUMERATOR.match(text)
    start = enumerator.end() if enumerator else 0
    for stop in _RUN_IN.finditer(text, start, start + LONGEST):
        if not _INITIAL.search(text[start : stop.start()]):
            return stop.end()
    return len(text) if has_children and _is_phrase(text[start:]) else 0


def _is_phrase(text: str) -> bool:
    return len(text) <= LONGEST and not _VERB.search(text) and not _LIST_FOLLOWS.search(text)
