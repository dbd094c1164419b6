"""Reading a user's own files, every line checked and every refusal named."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain_adapt.base.errors import DataError, UsageError
from domain_adapt.base.records import SourceDocument

_SHOWN = 10
_ANSWER_FIELDS = ("answer", "completion")
_QUESTION_FIELDS = ("question", "prompt")
_SURROGATE = re.compile("[\ud800-\udfff]")
NOT_JSON = "not-json"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One line that is not used.

    Attributes:
        line: Its number, from 1.
        rule: ``not-json``, ``not-an-object``, ``missing-field``, ``wrong-type``, ``empty``,
            ``no-assistant-turn`` or ``broken-text``.
        message: What is wrong with it.
    """

    line: int
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What a file holds.

    Attributes:
        documents: The usable records, in file order.
        refused: The others.
    """

    documents: tuple[SourceDocument, ...]
    refused: tuple[Refusal, ...]


class _RowError(Exception):
    """A row that breaks a rule."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


def read_source(path: Path, *, refusal_limit: float) -> ReadResult:
    """Read a file of questions and answers, conversations or texts.

    A JSONL row is ``{"question", "answer"}``, ``{"prompt", "answer" or "completion"}``,
    ``{"messages": [{"role", "content"}, …]}`` (the last assistant turn is the answer, the turns
    before it are the question) or ``{"text"}``. A ``.txt`` or ``.md`` file is one text for each
    block between blank lines.

    Args:
        path: The file.
        refusal_limit: Largest share of rows that may be refused, 0 to 1.

    Raises:
        UsageError: There is no such file (``DA-DATA-001``).
        DataError: Unknown kind of file (``002``), unreadable (``003``), not UTF-8 (``004``),
            nothing in it (``005``), lines that are not JSON (``006``), too many refused
            (``007``).
    """
    read = _reader_for(path)
    documents: list[SourceDocument] = []
    refused: list[Refusal] = []
    for row in read(path):
        if isinstance(row, Refusal):
            refused.append(row)
        else:
            documents.append(row)
    _check(path, documents, refused, refusal_limit=refusal_limit)
    return ReadResult(tuple(documents), tuple(refused))


def _reader_for(path: Path) -> Callable[[Path], Iterator[SourceDocument | Refusal]]:
    if not path.exists():
        raise UsageError(
            "DA-DATA-001",
            f"There is no file '{path}'.",
            hint="Check the name given with --source.",
        )
    if path.is_dir() or path.suffix.lower() not in _READERS:
        kind = "a folder" if path.is_dir() else f"a '{path.suffix}' file"
        raise DataError(
            "DA-DATA-002",
            f"'{path}' is {kind}, which cannot be read as a source.",
            hint=f"Files that can be read: {', '.join(sorted(_READERS))}.",
        )
    return _READERS[path.suffix.lower()]


def _check(
    path: Path,
    documents: list[SourceDocument],
    refused: list[Refusal],
    *,
    refusal_limit: float,
) -> None:
    not_json = [refusal for refusal in refused if refusal.rule == NOT_JSON]
    if not_json:
        raise DataError(
            "DA-DATA-006",
            f"'{path}' has lines that are not JSON: {_listed(not_json)}.",
            hint="Mend or remove these lines; all others were checked too.",
        )
    rows = len(documents) + len(refused)
    if not rows:
        raise DataError(
            "DA-DATA-005", f"'{path}' is empty.", hint="Give a file with at least one record."
        )
    if not documents or len(refused) > refusal_limit * rows:
        raise DataError(
            "DA-DATA-007",
            f"{len(refused)} of {rows} rows of '{path}' cannot be used "
            f"({len(refused) / rows:.1%}; the limit is {refusal_limit:.1%}): {_listed(refused)}.",
            hint="Mend these rows, or raise the refusal limit in the recipe.",
        )


def _listed(refused: list[Refusal]) -> str:
    shown = "; ".join(f"line {r.line} ({r.rule}: {r.message})" for r in refused[:_SHOWN])
    more = len(refused) - _SHOWN
    return f"{shown}; and {more} more" if more > 0 else shown


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (number, line) without line end and byte order mark; only newlines end a line."""
    try:
        with path.open("rb") as stream:
            for number, raw in enumerate(stream, start=1):
                line = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
                yield number, line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise DataError(
            "DA-DATA-004",
            f"'{path}' is not UTF-8: byte 0x{error.object[error.start]:02x} in line {number}.",
            hint="Save it as UTF-8.",
        ) from error
    except OSError as error:
        raise DataError(
            "DA-DATA-003",
            f"'{path}' cannot be read: {error.strerror or error}.",
            hint="Check its permissions.",
        ) from error


def _read_jsonl(path: Path) -> Iterator[SourceDocument | Refusal]:
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            question, answer = _question_and_answer(_parsed(line))
            yield SourceDocument(f"{path.name}:{number}", question, answer)
        except _RowError as error:
            yield Refusal(number, error.rule, str(error))


def _read_text(path: Path) -> Iterator[SourceDocument | Refusal]:
    block: list[str] = []
    start = 1
    for number, line in _lines(path):
        if line.strip():
            start = start if block else number
            block.append(line.rstrip())
        elif block:
            yield SourceDocument(f"{path.name}:{start}", "", "\n".join(block))
            block = []
    if block:
        yield SourceDocument(f"{path.name}:{start}", "", "\n".join(block))


_READERS: Mapping[str, Callable[[Path], Iterator[SourceDocument | Refusal]]] = {
    ".jsonl": _read_jsonl,
    ".md": _read_text,
    ".txt": _read_text,
}


def _parsed(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise _RowError(NOT_JSON, f"{error.msg} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:  # numbers or nesting beyond all use
        raise _RowError(NOT_JSON, str(error)) from error
    if not isinstance(row, dict):
        raise _RowError("not-an-object", f"it is a {type(row).__name__}, not an object")
    return row


def _question_and_answer(row: dict[str, Any]) -> tuple[str, str]:
    if "messages" in row:
        question, answer = _conversation(row["messages"])
    elif "text" in row and not any(name in row for name in _QUESTION_FIELDS):
        question, answer = "", _text(row, "text")
    else:
        question = _text(row, _field(row, _QUESTION_FIELDS))
        answer = _text(row, _field(row, _ANSWER_FIELDS))
        if not question:
            raise _RowError("empty", "the question is empty")
    if not answer:
        raise _RowError("empty", "there is no text to learn")
    return question, answer


def _field(row: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        if name in row:
            return name
    raise _RowError("missing-field", f"it has no '{' or '.join(names)}'".replace(" or ", "' or '"))


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise _RowError("wrong-type", f"'{name}' is {_kind(value)}, not a text")
    if _SURROGATE.search(value):
        raise _RowError("broken-text", f"'{name}' holds half of a character pair")
    return value.strip()


def _conversation(messages: object) -> tuple[str, str]:
    """Return (all turns before the last assistant turn, that turn)."""
    if not isinstance(messages, list) or not all(isinstance(turn, dict) for turn in messages):
        raise _RowError("wrong-type", "'messages' is not a list of objects")
    roles = [turn.get("role") for turn in messages]
    if "assistant" not in roles:
        raise _RowError("no-assistant-turn", "no message has the role 'assistant'")
    last = len(roles) - 1 - roles[::-1].index("assistant")
    question = "\n\n".join(_text(turn, "content") for turn in messages[:last])
    if not question:
        raise _RowError("empty", "nothing comes before the assistant's turn")
    return question, _text(messages[last], "content")


def _kind(value: object) -> str:
    return "missing" if value is None else f"a {type(value).__name__}"
