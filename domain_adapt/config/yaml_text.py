"""YAML with line numbers, duplicate keys refused, and no surprises in what a scalar means.

Scalars follow the core schema of YAML 1.2, not PyYAML's 1.1: ``5e-4`` is a number, ``NO`` and
``on`` are text (an abbreviation must never become a boolean), ``007`` and dates stay text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from domain_adapt.config.problems import Problem

try:
    from yaml import CSafeLoader as _BaseLoader
except ImportError:  # PyYAML built without libyaml: the same, ten times slower
    from yaml import SafeLoader as _BaseLoader  # type: ignore[assignment]

KeyPath = tuple[str | int, ...]
"""Keys and list indices from the root of a file to a value."""

_PREFIX = "tag:yaml.org,2002:"
_CORE_SCALARS: tuple[tuple[str, str, str], ...] = (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    # 18 digits fit 64 bits; anything longer, or with leading zeros, is an identifier
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,17})", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)",
        "-+.0123456789",
    ),
)
_CONVERT: dict[str, Callable[[str], Any]] = {
    f"{_PREFIX}null": lambda _: None,
    f"{_PREFIX}bool": lambda text: text.lower() == "true",
    f"{_PREFIX}int": int,
    f"{_PREFIX}float": float,
    f"{_PREFIX}str": str,
}
_UNICODE_BREAKS = re.compile("[\x85\u2028\u2029\ufeff]")


class _Loader(_BaseLoader):
    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own protocol


class _Dumper(yaml.SafeDumper):
    """Quotes whatever YAML 1.1 or 1.2 would read as something other than text."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        # PyYAML's other styles fold Unicode's line breaks into plain ones
        style = '"' if _UNICODE_BREAKS.search(data) else None
        return self.represent_scalar(f"{_PREFIX}str", data, style=style)


_Dumper.add_representer(str, _Dumper.represent_str)

for _name, _pattern, _first in _CORE_SCALARS:
    for _class in (_Loader, _Dumper):
        _class.add_implicit_resolver(
            f"{_PREFIX}{_name}",
            re.compile(rf"^(?:{_pattern})$"),
            [*_first, *("",) * (_name == "null")],
        )


@dataclass(frozen=True, slots=True)
class YamlText:
    """One file as read.

    Attributes:
        file: Its name, as shown in messages.
        value: Nested dicts, tuples and scalars; None where the text is not YAML at all.
        lines: Path of every value to its line, from 1.
        problems: What is wrong with it as YAML.
        readable: Whether ``value`` is what the file says (duplicates aside).
    """

    file: str
    value: Any
    lines: dict[KeyPath, int]
    problems: tuple[Problem, ...]
    readable: bool

    def place(self, path: KeyPath) -> str:
        """Return ``file:line`` of the value at ``path``, or of the nearest value around it."""
        while path not in self.lines and path:
            path = path[:-1]
        return f"{self.file}:{self.lines.get(path, 1)}"


def read_yaml(path: Path, *, area: str) -> YamlText:
    """Read a YAML file; what is wrong with it is in the result's ``problems``.

    Args:
        path: The file.
        area: Area of the problems' codes, such as ``CONF``.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return _unreadable(path.name, line, "the file is not UTF-8 text.", area=area)
    except OSError as error:
        return _unreadable(path.name, 1, f"the file cannot be read: {error.strerror}.", area=area)
    return parse_yaml(text, file=path.name, area=area)


def parse_yaml(text: str, *, file: str, area: str) -> YamlText:
    """Parse YAML text; ``file`` and ``area`` name the place and the codes of its problems."""
    try:
        node = _compose(text)
        reader = _Reader(file=file, area=area)
        value = None if node is None else reader.read(node, ())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return _unreadable(file, line, f"not valid YAML: {error.problem}.", area=area)
    except yaml.YAMLError as error:
        reason = str(error).splitlines()[0]
        return _unreadable(file, 1, f"not valid YAML: {reason}.", area=area)
    except RecursionError:
        return _unreadable(file, 1, "nested too deeply.", area=area)
    return YamlText(file, value, reader.lines, tuple(reader.problems), readable=True)


def dump_yaml(value: Any) -> str:
    """Return YAML text that :func:`parse_yaml` reads back as the same value."""
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False
    )


def _compose(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def _unreadable(file: str, line: int, message: str, *, area: str) -> YamlText:
    problem = Problem(f"DA-{area}-001", f"{file}:{line}", message)
    return YamlText(file, None, {}, (problem,), readable=False)


@dataclass(slots=True)
class _Reader:
    """Turns composed nodes into values, collecting lines and problems on the way."""

    file: str
    area: str
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def read(self, node: yaml.Node, path: KeyPath) -> Any:
        """Return the value of ``node``, which stands at ``path``, and of all below it."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self.seen:  # aliases could nest without end
            self._report(3, node, "YAML aliases ('*name') are not allowed: write the value out.")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.read(item, (*path, i)) for i, item in enumerate(node.value))
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> Any:
        convert = _CONVERT.get(node.tag)
        if convert is None:
            self._report(3, node, f"the YAML tag '{node.tag}' is not allowed.")
            return None
        try:
            return convert(node.value)
        except ValueError:  # an explicit tag that its text does not fit, as in !!int x
            self._report(3, node, f"'{node.value}' does not fit its YAML tag '{node.tag}'.")
            return None

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key is None:
                continue
            if key in result:
                first = self.lines[(*path, key)]
                self._report(2, key_node, f"'{key}' is there twice; first on line {first}.")
                continue
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            result[key] = self.read(value_node, (*path, key))
        return result

    def _key(self, node: yaml.Node) -> str | None:
        if isinstance(node, yaml.ScalarNode) and node.tag == f"{_PREFIX}str":
            return str(node.value)
        shown = node.value if isinstance(node, yaml.ScalarNode) else "a list or mapping"
        self._report(3, node, f"the key '{shown}' is not text: put it in quotes.")
        return None

    def _report(self, number: int, node: yaml.Node, message: str) -> None:
        place = f"{self.file}:{node.start_mark.line + 1}"
        self.problems.append(Problem(f"DA-{self.area}-{number:03}", place, message))
