"""Abbreviations that a text defines itself: "chronic kidney disease (CKD)".

The algorithm of A. S. Schwartz and M. A. Hearst, "A simple algorithm for identifying abbreviation
definitions in biomedical text", Pacific Symposium on Biocomputing 8 (2003) 451-462, written from
the paper's description.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

Span = tuple[int, int]

SHORTEST = 2
LONGEST = 10
"""Characters that a short form may have (section 3.1)."""

_PARENTHESES = re.compile(r"[(（]([^()（）\n]{2,200})[)）]")
_INNER_END = re.compile(r"[,;:，；：]")
_SENTENCE_END = re.compile(r"[.!?]\s|[()（）;:。！？；：]|\n\s*\n")
_WORD = re.compile(r"\S+")
_LAST_WORD = re.compile(r"\S+$")


@dataclass(frozen=True, slots=True)
class Definition:
    """A short form and the words that it stands for, as spans of the text."""

    short: Span
    long: Span


def find_definitions(text: str) -> tuple[Definition, ...]:
    """Return the abbreviations that a text defines, in order.

    In both orders: "long form (short form)" and "short form (long form)".
    """
    found = (_in_parentheses(text, match) for match in _PARENTHESES.finditer(text))
    return tuple(definition for definition in found if definition is not None)


def parenthesised_short_forms(text: str) -> Iterator[tuple[Span, int]]:
    """Yield the short forms in parentheses, each with the place of the opening parenthesis."""
    for match in _PARENTHESES.finditer(text):
        span = _trimmed(text, match.start(1), match.end(1))
        if is_short_form(text[slice(*span)]):
            yield span, match.start()


def is_short_form(text: str) -> bool:
    """Say whether it may be a short form.

    Of two to ten characters and at most two words, with a letter, a letter or digit first.
    """
    return (
        SHORTEST <= len(text) <= LONGEST
        and len(text.split()) <= 2
        and text[0].isalnum()
        and any(x.isalpha() for x in text)
    )


def long_form_start(short: str, words: str) -> int | None:
    """Return where in ``words`` the long form begins, which ends where ``words`` end.

    From right to left each letter and digit of the short form must be found, the first of them
    at the beginning of a word (section 3.2). None where there is no such way.
    """
    place = len(words)
    for number in range(len(short) - 1, -1, -1):
        wanted = short[number].lower()
        if not wanted.isalnum():
            continue
        place -= 1
        while place >= 0 and not _matches(words, place, wanted, first=number == 0):
            place -= 1
        if place < 0:
            return None
    return _word_start(words, place)


def _matches(words: str, place: int, wanted: str, *, first: bool) -> bool:
    if words[place].lower() != wanted:
        return False
    return not first or place == 0 or not words[place - 1].isalnum()


def _word_start(words: str, place: int) -> int:
    """Return the start of the word round a place; hyphens are inside words."""
    return words.rfind(" ", 0, place) + 1


def _in_parentheses(text: str, match: re.Match[str]) -> Definition | None:
    inner = _trimmed(text, match.start(1), match.end(1))
    stop = _INNER_END.search(text, *inner)
    if stop is not None:  # "(CKD, or renal failure)"
        inner = _trimmed(text, inner[0], stop.start())
    if is_short_form(text[slice(*inner)]):
        return _definition(text, inner, _words_before(text, match.start(), inner))
    outside = _LAST_WORD.search(text[max(0, match.start() - LONGEST - 2) : match.start()].rstrip())
    if outside is None or not is_short_form(outside[0]):
        return None
    start = text.rindex(outside[0], 0, match.start())
    short = (start, start + len(outside[0]))
    return _definition(text, short, inner)


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    return start, start + len(piece.strip())


def _words_before(text: str, end: int, short: Span) -> Span:
    """Return the words that may hold the long form: as many as the paper allows, one sentence."""
    length = short[1] - short[0]
    most = min(length + 5, length * 2)
    begin = max(0, end - 40 * most)
    for stop in _SENTENCE_END.finditer(text, begin, end):
        begin = stop.end()
    words = [(word.start(), word.end()) for word in _WORD.finditer(text, begin, end)]
    if not words:
        return (end, end)
    return (words[-most:][0][0], words[-1][1])


def _definition(text: str, short: Span, words: Span) -> Definition | None:
    name = text[slice(*short)]
    window = re.sub(r"\s", " ", text[slice(*words)])
    start = long_form_start(name, window)
    if start is None:
        return None
    long_form = window[start:]
    if len(long_form) <= len(name) or name in re.split(r"[\s-]", long_form):
        return None
    return Definition(short, (words[0] + start, words[1]))
