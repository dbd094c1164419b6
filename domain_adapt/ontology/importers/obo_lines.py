"""The lines of an OBO file: stanzas of tags and values, escapes, comments, modifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from domain_adapt.ontology.importers.text import malformed, read_utf8

HEADER = ""
"""Kind of the stanza that stands before the first bracketed one."""

QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"\s*(.*)', re.DOTALL)
"""A quoted value and what follows it."""

_STANZA = re.compile(r"\[([A-Za-z]+)\]\s*(?:!.*)?$")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "W": " "}
_MODIFIERS = re.compile(r"\s*(?<!\\)\{[^{}\"]*=(?:[^{}\"]|\"(?:[^\"\\]|\\.)*\")*\}\s*$")
_COMMENT = re.compile(r"(?<!\\)(?:^|\s)!.*", re.DOTALL)


@dataclass(slots=True)
class Stanza:
    """One stanza.

    Attributes:
        kind: ``Term``, ``Typedef``, ``Instance``; empty for the header.
        file: Name of the file.
        line: Where it begins, from 1.
        tags: Tag, raw value and line, in order; comments at line ends are still in the value.
    """

    kind: str
    file: str
    line: int
    tags: list[tuple[str, str, int]] = field(default_factory=list)


def read_stanzas(path: Path) -> Iterator[Stanza]:
    """Read a file; the header comes first, even where it is empty.

    Raises:
        DataError: The file is not UTF-8, or a line is neither a stanza nor tag and value.
    """
    stanza = Stanza(HEADER, path.name, 1)
    for number, line in _logical_lines(read_utf8(path)):
        if line[0] == "[":
            found = _STANZA.match(line)
            if not found:
                reason = f"'{line[:60]}' opens no stanza; expected a line such as [Term]."
                raise malformed("DA-ONTO-053", path.name, number, reason)
            yield stanza
            stanza = Stanza(found[1], path.name, number)
            continue
        tag, colon, value = line.partition(":")
        if not colon or " " in tag:
            reason = f"'{line[:60]}' is no tag and value; expected 'tag: value'."
            raise malformed("DA-ONTO-053", path.name, number, reason)
        stanza.tags.append((tag, value.strip(), number))
    yield stanza


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield line numbers and lines that say something; a backslash at the end goes on below."""
    if "\\\n" not in text and "\\\r" not in text:
        for number, line in enumerate(text.split("\n"), start=1):
            stripped = line.strip()
            if stripped and stripped[0] != "!":
                yield number, stripped
        return
    begun, start = "", 0
    for number, line in enumerate(text.split("\n"), start=1):
        whole = begun + line.rstrip("\r")
        start = start or number
        if whole.endswith("\\") and not whole.endswith("\\\\"):
            begun = whole[:-1]
            continue
        stripped = whole.strip()
        if stripped and stripped[0] != "!":
            yield start, stripped
        begun, start = "", 0
    if begun.strip():
        yield start, begun.strip()


def unescape(text: str) -> str:
    r"""Return a value with ``\n``, ``\W``, ``\:`` and the like as what they stand for."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text)


def plain(value: str) -> str:
    """Return an unquoted value without comment and modifiers, unescaped."""
    if "!" in value:
        value = _COMMENT.sub("", value)
    if value.endswith("}"):
        value = _MODIFIERS.sub("", value)
    return unescape(value.strip())


def first_word(value: str) -> str:
    """Return the id that a value begins with; what follows is modifiers and comment."""
    word = value.split(None, 1)[0] if value else ""
    return unescape(word) if word[:1] not in ("!", "{") else ""


def bracketed(rest: str) -> tuple[str, ...]:
    """Return the references in ``[a, b "description"]``, unescaped, their descriptions left out."""
    if not rest.startswith("["):
        return ()
    inside = _closed(rest[1:])
    if not inside:
        return ()
    if '"' not in inside and "," not in inside:
        return (unescape(inside),)
    without = re.sub(r'"(?:[^"\\]|\\.)*"', "", inside)
    parts = (part.strip() for part in re.split(r"(?<!\\),", without))
    return tuple(unescape(part) for part in parts if part)


def _closed(text: str) -> str:
    found = re.match(r'(?:[^\]"\\]+|\\.|"(?:[^"\\]|\\.)*")*', text, re.DOTALL)
    return found[0].strip() if found else ""
