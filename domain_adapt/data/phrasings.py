"""The wording of training questions, read from ``phrasings.en.yaml``."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from domain_adapt.base.errors import ConfigError, DataError
from domain_adapt.data.draw import rank, ranked

_BUNDLED = Path(__file__).with_name("phrasings.en.yaml")


@dataclass(frozen=True, slots=True)
class Direction:
    """All wordings of one way to ask for a fact.

    Attributes:
        name: Such as ``abbreviation_to_expansion``.
        given: Slot that the question contains.
        wanted: Slot that is the answer; empty where the answer is that there is none.
        prompts: Question templates with ``{given}`` and perhaps ``{field}``, as (id, text).
        answers: Answer templates.
    """

    name: str
    given: str
    wanted: str
    prompts: tuple[tuple[str, str], ...]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One wording that was chosen for a fact.

    Attributes:
        id: The prompt template's id within its file, such as ``term_to_definition.3``.
        prompt: Question template.
        answer: Answer template.
    """

    id: str
    prompt: str
    answer: str


@cache
def bundled_directions() -> Mapping[str, Direction]:
    """Return the English directions by name."""
    return load_directions(_BUNDLED)


def load_directions(path: Path) -> dict[str, Direction]:
    """Read and check a phrasing file.

    Raises:
        DataError: A direction lacks a part, or a template has a slot that it may not have or
            lacks the one that it needs (``DA-DATA-023``).
    """
    raw: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return {name: _direction(name, raw) for name in raw}
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            "DA-DATA-023",
            f"'{path.name}' is not a phrasing file: {error}.",
            hint="See the head of the bundled phrasings.en.yaml for what a direction holds.",
        ) from error


def choose_phrasings(
    direction: Direction, count: int, *, fact: str, seed: int
) -> tuple[Phrasing, ...]:
    """Return ``count`` different wordings for a fact, chosen by keyed hash.

    Raises:
        ConfigError: The direction has fewer (``DA-DATA-021``).
    """
    if count > len(direction.prompts):
        raise ConfigError(
            "DA-DATA-021",
            f"{count} phrasings a fact are asked for, but '{direction.name}' has "
            f"{len(direction.prompts)}.",
            hint=f"Ask for at most {len(direction.prompts)}.",
        )
    purpose = f"{direction.name}\x1f{fact}"
    chosen = ranked(direction.prompts, seed=seed, purpose=purpose, key=lambda prompt: prompt[0])
    answers = direction.answers
    return tuple(
        Phrasing(name, text, answers[rank(seed, "answer", fact, name) % len(answers)])
        for name, text in chosen[:count]
    )


def slots(template: str) -> frozenset[str]:
    """Return the names of the slots of a template."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)


def _direction(name: str, raw: dict[str, dict[str, Any]]) -> Direction:
    entry = raw[name]
    direction = Direction(
        name=name,
        given=entry["given"],
        wanted=entry["wanted"],
        prompts=_prompts(name, raw),
        answers=tuple(entry["answers"]),
    )
    _check_slots(direction)
    return direction


def _prompts(name: str, raw: dict[str, dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    sources = raw[name].get("prompts_of", [name])
    return tuple(
        (f"{source}.{number}", text)
        for source in sources
        for number, text in enumerate(raw[source]["prompts"], start=1)
    )


def _check_slots(direction: Direction) -> None:
    if not direction.answers or not direction.prompts:
        raise ValueError(f"'{direction.name}' has no prompts or no answers")
    for _, text in direction.prompts:
        if not {direction.given} <= slots(text) <= {direction.given, "field"}:
            raise ValueError(f"'{text}' must have the slot '{direction.given}' and no other")
    for text in direction.answers:
        if not slots(text) <= {direction.wanted or direction.given, "field"}:
            raise ValueError(f"'{text}' has a slot that '{direction.name}' does not fill")
