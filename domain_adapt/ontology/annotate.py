"""Mentions in a file of texts: a JSONL row of ``id`` and ``text`` in, its mentions out."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain_adapt.base.errors import DataError, UsageError
from domain_adapt.ontology.match.mentions import Mention, OntologyMatcher

_SURROGATE = re.compile("[\ud800-\udfff]")
_MEND = "Mend or remove this line; the lines before it are annotated."


@dataclass(frozen=True, slots=True)
class Passage:
    """One text to annotate.

    Attributes:
        id: As the file gives it.
        text: What is searched.
    """

    id: str | int
    text: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """The mentions in one text.

    Attributes:
        id: The passage's id.
        mentions: In order of place, none overlapping another.
    """

    id: str | int
    mentions: tuple[Mention, ...]

    def to_json(self, *, context: bool = False) -> dict[str, Any]:
        """Return what is written of it.

        Args:
            context: Also say whether a mention is uncertain, of the family or historical, and
                what else its name means.
        """
        return {"id": self.id, "mentions": [_mention(each, context) for each in self.mentions]}


def annotate(passages: Iterable[Passage], matcher: OntologyMatcher) -> Iterator[Annotation]:
    """Yield the annotation of each passage, in order; one is held at a time."""
    for passage in passages:
        yield Annotation(passage.id, matcher.mentions(passage.text))


def read_passages(path: Path) -> Iterator[Passage]:
    """Return the rows of a JSONL file, each read as it is asked for; empty lines are passed over.

    Raises:
        UsageError: There is no such file (``DA-ONTO-070``); raised at once.
        DataError: It cannot be read (``071``); a line is not UTF-8 (``072``), not JSON (``073``),
            not an object with ``id`` and ``text`` (``074``), or holds half of a character pair
            (``075``).
    """
    if not path.exists():
        raise UsageError(
            "DA-ONTO-070", f"There is no file '{path}'.", hint="Check the name of the input."
        )
    return (
        _passage(line, place=f"'{path}', line {number}")
        for number, line in _lines(path)
        if line.strip()
    )


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open("rb") as stream:
            for number, raw in enumerate(stream, start=1):
                line = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
                yield number, _decoded(line, path=path, number=number)
    except OSError as error:
        raise DataError(
            "DA-ONTO-071",
            f"'{path}' cannot be read: {error.strerror or error}.",
            hint="Name a JSONL file that you may read.",
        ) from error


def _decoded(line: bytes, *, path: Path, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            "DA-ONTO-072",
            f"'{path}', line {number}: byte 0x{line[error.start]:02x} is not UTF-8.",
            hint="Save the file as UTF-8; the lines before this one are annotated.",
        ) from error


def _passage(line: str, *, place: str) -> Passage:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:  # also numbers or nesting beyond all use
        raise DataError("DA-ONTO-073", f"{place}: not JSON: {error}.", hint=_MEND) from error
    fault = _fault(row)
    if fault:
        raise DataError("DA-ONTO-074", f"{place}: {fault}.", hint=_MEND)
    passage = Passage(row["id"], row["text"])
    if _SURROGATE.search(f"{passage.id}{passage.text}"):
        raise DataError("DA-ONTO-075", f"{place}: half of a character pair.", hint=_MEND)
    return passage


def _fault(row: object) -> str:
    if not isinstance(row, dict):
        return f"a {type(row).__name__} instead of an object with 'id' and 'text'"
    for name, kinds in (("id", (str, int)), ("text", (str,))):
        if name not in row:
            return f"'{name}' is missing"
        if not isinstance(row[name], kinds) or isinstance(row[name], bool):
            return f"'{name}' is {json.dumps(row[name])[:40]}, not a text"
    return ""


def _mention(mention: Mention, context: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "start": mention.start,
        "end": mention.end,
        "concept": mention.concept,
        "label": mention.label,
        "negated": mention.negated,
    }
    if context:
        found |= {
            "uncertain": mention.uncertain,
            "family": mention.family,
            "historical": mention.historical,
            "alternatives": list(mention.alternatives),
        }
    return found
