"""Checking a tree of values against a pydantic model, with messages a person can act on.

Pydantic finds what is wrong; here each finding gets its place (file and line, or the command
line), the value, what the field expects, and the nearest known name for an unknown key.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from domain_adapt.base.suggest import did_you_mean
from domain_adapt.config.problems import Problem
from domain_adapt.config.yaml_text import KeyPath

Model = TypeVar("Model", bound=BaseModel)
_PLAIN = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
_BOUNDS = (("gt", "above"), ("ge", "at least"), ("lt", "below"), ("le", "at most"))


@dataclass(frozen=True, slots=True)
class FieldType:
    """The annotation of one field and the bounds on it."""

    annotation: Any
    metadata: tuple[Any, ...] = ()

    def plain(self) -> FieldType:
        """Return it with ``Annotated`` unwrapped into ``metadata``."""
        if get_origin(self.annotation) is not Annotated:
            return self
        inner, *extra = get_args(self.annotation)
        flat: list[Any] = []
        for item in extra:
            flat.extend(item.metadata if isinstance(item, FieldInfo) else [item])
        return FieldType(inner, (*self.metadata, *flat)).plain()

    def options(self) -> tuple[FieldType, ...]:
        """Return the members of a union, or itself alone."""
        if get_origin(self.annotation) not in (Union, UnionType):
            return (self,)
        return tuple(FieldType(arg, self.metadata).plain() for arg in get_args(self.annotation))


def check(
    model: type[Model], tree: Any, *, place: Callable[[KeyPath], str], area: str = "CONF"
) -> tuple[Model | None, tuple[Problem, ...]]:
    """Validate ``tree`` as ``model``.

    Args:
        model: A strict pydantic model.
        tree: Nested dicts, tuples and scalars.
        place: Where the value at a path was written.
        area: Area of the problems' codes.

    Returns:
        The model and no problems, or None and every problem, ordered by place in the tree.
    """
    try:
        return model.model_validate(tree), ()
    except ValidationError as error:
        found: dict[KeyPath, Problem] = {}
        for detail in error.errors(include_url=False):
            path, problem = _translate(model, tree, detail, place=place, area=area)
            found.setdefault(path, problem)  # a union reports once per member
        return None, tuple(found.values())


def leaf_keys(model: type[BaseModel], *, prefix: str = "") -> tuple[str, ...]:
    """Return the dotted names of every field below ``model`` that is not itself a section."""
    names: list[str] = []
    for name, info in model.model_fields.items():
        section = _section(FieldType(info.annotation).plain())
        dotted = f"{prefix}{name}"
        names.extend(leaf_keys(section, prefix=f"{dotted}.") if section else [dotted])
    return tuple(names)


def key_path(model: type[BaseModel], dotted: str) -> KeyPath | None:
    """Return the path of a dotted key, or None where ``model`` has no such field.

    What follows a mapping field is one key, dots and all: ``data.builders.acronym.v1``.
    """
    head, _, rest = dotted.partition(".")
    info = model.model_fields.get(head)
    if info is None:
        return None
    kind = FieldType(info.annotation).plain()
    if not rest:
        return (head,)
    if get_origin(kind.annotation) is dict:
        return (head, rest)
    section = _section(kind)
    below = key_path(section, rest) if section else None
    return None if below is None else (head, *below)


def suggest_key(dotted: str, known: Sequence[str]) -> str:
    """Return a sentence that names the likeliest known key.

    A name that exists in another section wins, then a misspelling, then the section's own keys.
    """
    last = dotted.rpartition(".")[2]
    elsewhere = [key for key in known if key.rpartition(".")[2] == last]
    if elsewhere:
        return did_you_mean(elsewhere[0], elsewhere)
    if difflib.get_close_matches(dotted, known, n=1, cutoff=0.6):
        return did_you_mean(dotted, known)
    by_last = {key.rpartition(".")[2]: key for key in known}
    close = difflib.get_close_matches(last, by_last, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{by_last[close[0]]}'?"
    section = dotted.rpartition(".")[0]
    siblings = {key for key in known if section and key.rpartition(".")[0] == section}
    return did_you_mean(dotted, siblings or {key.partition(".")[0] for key in known})


def show(value: Any) -> str:
    """Return a value as a person wrote it, cut to 60 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"


def expected(kind: FieldType) -> str:
    """Return what a field takes, such as ``a number above 0, at most 1``."""
    return " or ".join(_expected_one(option) for option in kind.plain().options())


def _expected_one(kind: FieldType) -> str:
    annotation, origin = kind.annotation, get_origin(kind.annotation)
    if annotation is NoneType:
        return "null"
    if origin is Literal:
        names = ", ".join(f"'{name}'" for name in get_args(annotation))
        return f"one of {names}" if "," in names else names
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return f"one of {', '.join(repr(str(member)) for member in annotation)}"
    if origin is tuple:
        item, *others = get_args(annotation)
        size = "" if others == [Ellipsis] else f" of {1 + len(others)}"
        return f"a list{size}, each item {expected(FieldType(item))}"
    if origin is dict:
        return f"a mapping, each value {expected(FieldType(get_args(annotation)[1]))}"
    return _PLAIN.get(annotation, "a mapping") + _bounds(kind)


def _bounds(kind: FieldType) -> str:
    words = [
        f"{word} {getattr(item, name)}"
        for name, word in _BOUNDS
        for item in kind.metadata
        if getattr(item, name, None) is not None
    ]
    patterns = [getattr(item, "pattern", None) for item in kind.metadata]
    words += [f"that matches {pattern}" for pattern in patterns if pattern]
    if kind.annotation is str and any(getattr(item, "min_length", 0) for item in kind.metadata):
        words.append("that is not empty")
    return f" {', '.join(words)}" if words else ""


def _translate(
    model: type[BaseModel],
    tree: Any,
    detail: ErrorDetails,
    *,
    place: Callable[[KeyPath], str],
    area: str,
) -> tuple[KeyPath, Problem]:
    """Return the problem for one of pydantic's findings and the path it is about."""
    if detail["type"] == "rule":
        key = str(detail["ctx"]["key"])
        path = key_path(model, key) or ()
        return path, Problem(f"DA-{area}-013", place(path), f"{detail['msg']}.")
    if detail["type"] == "extra_forbidden":
        path = detail["loc"]
        return path, _unknown_key(model, path, place=place, area=area)
    path, kind = _known_part(model, detail["loc"])
    name, wants = _dotted(path), expected(kind)
    if detail["type"] == "missing":
        message = f"'{name}' is missing; expected {wants}."
        return path, Problem(f"DA-{area}-012", place(path), message)
    if detail["type"] == "value_error":  # a model's own validator, which says what it wants
        where = f" in '{name}'" if name else ""
        message = f"{detail['ctx']['error']!s}{where}."
        return path, Problem(f"DA-{area}-011", place(path), message)
    in_key = detail["loc"][-1:] == ("[key]",)
    if in_key:
        message = (
            f"'{name}' has the key {show(detail['input'])}; expected a key {_pattern(detail)}."
        )
    else:
        subject = f"'{name}'" if name else "this"
        message = f"{subject} is {show(_value_at(tree, path))}; expected {wants}."
    # a bad key and a bad value under it are two findings; the members of a union are one
    about = (*path, "[key]") if in_key else path
    return about, Problem(f"DA-{area}-011", place(path), message)


def _pattern(detail: ErrorDetails) -> str:
    pattern = detail.get("ctx", {}).get("pattern")
    return f"that matches {pattern}" if pattern else "that is text"


def _unknown_key(
    model: type[BaseModel], path: KeyPath, *, place: Callable[[KeyPath], str], area: str
) -> Problem:
    dotted = _dotted(path)
    _, owner = _known_part(model, path[:-1]) if path[:-1] else ((), FieldType(model))
    hint = suggest_key(dotted, leaf_keys(model))
    if len(path) > 1 and any(isinstance(part, int) for part in path):
        fields = next(o.annotation.model_fields for o in owner.options() if _section(o))
        hint = did_you_mean(str(path[-1]), fields)
    return Problem(f"DA-{area}-010", place(path), f"unknown key '{dotted}'. {hint}")


def _known_part(model: type[BaseModel], path: Iterable[str | int]) -> tuple[KeyPath, FieldType]:
    """Return the longest beginning of ``path`` that the schema knows, and the field's type.

    The rest are pydantic's own marks for members of a union.
    """
    kind, known = FieldType(model), ()
    for part in path:
        below = _step(kind, part)
        if below is None:
            break
        kind, known = below, (*known, part)  # type: ignore[assignment]
    return known, kind


def _step(kind: FieldType, part: str | int) -> FieldType | None:
    for option in kind.options():
        section, origin = _section(option), get_origin(option.annotation)
        if section and part in section.model_fields:
            info = section.model_fields[str(part)]
            return FieldType(info.annotation, tuple(info.metadata)).plain()
        if origin is tuple and isinstance(part, int):
            return FieldType(get_args(option.annotation)[0]).plain()
        if origin is dict and isinstance(part, str):
            return FieldType(get_args(option.annotation)[1]).plain()
    return None


def _section(kind: FieldType) -> type[BaseModel] | None:
    annotation = kind.annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None


def _dotted(path: KeyPath) -> str:
    return ".".join(str(part) for part in path)


def _value_at(tree: Any, path: KeyPath) -> Any:
    for part in path:
        tree = tree[part]
    return tree
