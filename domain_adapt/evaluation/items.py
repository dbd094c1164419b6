"""Suites that list their items: JSONL of ``question``, ``choices`` and ``answer``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from domain_adapt.base.errors import DataError
from domain_adapt.base.records import Probe

_MOST_SHOWN = 10


def read_items(path: Path, *, family: str = "general") -> tuple[Probe, ...]:
    """Read a JSONL file of multiple-choice items; the whole file is checked before any error.

    ``answer`` is the index of the right choice (from 0), the choice itself, or its letter. An
    item without ``id`` is named after its line.

    Raises:
        DataError: The file is missing, empty, or has lines that are no items; all are named.
    """
    try:
        # not splitlines(): a text in JSON may hold line breaks of Unicode as they are
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            "DA-EVAL-004",
            f"The items in '{path}' cannot be read: {error}.",
            hint="Name a UTF-8 file with one JSON object a line.",
        ) from error
    probes: dict[str, Probe] = {}
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            probe = _probe(json.loads(line), f"{path.stem}-{number:04d}", family)
            if probe.id in probes:
                raise ValueError(f"'id' {probe.id!r} is taken by an earlier line")
            probes[probe.id] = probe
        except (ValueError, TypeError, RecursionError) as error:
            problems.append(f"line {number}: {error}")
    if problems or not probes:
        raise DataError(
            "DA-EVAL-005",
            f"'{path}' {_told(problems)}.",
            hint='Write lines such as {"question": "…", "choices": ["…", "…"], "answer": 0}.',
        )
    return tuple(probes.values())


def _told(problems: list[str]) -> str:
    if not problems:
        return "holds no items"
    lines = "1 line that is" if len(problems) == 1 else f"{len(problems)} lines that are"
    shown = "; ".join(problems[:_MOST_SHOWN])
    more = f"; and {len(problems) - _MOST_SHOWN} more" if len(problems) > _MOST_SHOWN else ""
    return f"has {lines} no item: {shown}{more}"


def _probe(row: Any, default_id: str, family: str) -> Probe:
    if not isinstance(row, dict):
        raise TypeError("not a JSON object")
    missing = [key for key in ("question", "choices", "answer") if key not in row]
    if missing:
        raise ValueError(f"no '{missing[0]}'")
    choices = row["choices"]
    if not isinstance(choices, list) or not all(
        isinstance(choice, str) and choice.strip() for choice in choices
    ):
        raise ValueError("'choices' must be a list of texts")
    if len({choice.strip() for choice in choices}) != len(choices) or len(choices) < 2:
        raise ValueError("'choices' must be at least two different texts")
    if not isinstance(row["question"], str) or not row["question"].strip():
        raise ValueError("'question' must be a text")
    name = default_id if row.get("id") is None else str(row["id"])
    return Probe(
        id=name,
        family=family,
        concept=name,
        split=None,
        prompt=row["question"],
        choices=tuple(choices),
        answer=_answer(row["answer"], choices),
    )


def _answer(given: object, choices: list[str]) -> int:
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < len(choices):
        return given
    if isinstance(given, str):
        if given in choices:
            return choices.index(given)
        letter = ord(given.strip().upper()) - ord("A") if len(given.strip()) == 1 else -1
        if 0 <= letter < len(choices):
            return letter
    raise ValueError(f"'answer' {given!r} is none of the choices")
