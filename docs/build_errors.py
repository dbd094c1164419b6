"""Write docs/errors.md from the errors that the source raises: ``make errors``.

The source is read, not run: every call whose first argument is a code such as ``DA-DATA-003`` is a
place where that error comes from, and its message and hint are taken from the call. Two kinds of
codes are put together while running: ``DA-{area}-011``, for checks that recipes, ontologies and
suites share, and ``DA-ONTO-{number:03}``, in a method that is called with the number.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from domain_adapt.base import errors

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "domain_adapt"
PAGE = ROOT / "docs" / "errors.md"
CODE = re.compile(r"DA-[A-Z]+-\d{3}")
HEADER = """\
# Errors

Every error has a stable code. Written by `make errors` from the source; do not edit by hand.
What stands in `{braces}` is filled in with the value. *Problem* is one line of a list: a file is
checked to its end and everything wrong with it is told at once, with exit code 3 for recipes and 4
for data, ontologies and suites.
"""


@dataclass(frozen=True, slots=True)
class Site:
    """One place where an error comes from.

    Attributes:
        module: Path of the source file inside the package.
        shared: Whether the code was put together, so that several areas share the place.
        kind: Name of the error class or of the helper.
    """

    code: str
    module: str
    shared: bool
    kind: str
    message: str
    hint: str


def error_sites(package: Path = PACKAGE) -> list[Site]:
    """Return every place of ``package`` where a coded error comes from, sorted by code."""
    trees = {
        path.relative_to(package).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(package.rglob("*.py"))
    }
    areas = sorted({area for tree in trees.values() for area in _areas(tree)})
    sites = [site for name, tree in trees.items() for site in _module_sites(tree, name, areas)]
    return sorted(sites, key=lambda site: (site.code, site.module, site.message))


def errors_page(sites: list[Site]) -> str:
    """Return the text of docs/errors.md."""
    blocks = [HEADER]
    area = ""
    for code in sorted({site.code for site in sites}):
        if code.split("-")[1] != area:
            area = code.split("-")[1]
            blocks.append(f"## {area}\n")
        blocks.append(_entry(code, [site for site in sites if site.code == code]))
    return "\n".join(blocks)


def _entry(code: str, sites: list[Site]) -> str:
    lines = [f"### {code}\n"]
    for text in dict.fromkeys(_sentence(site) for site in sites):
        lines.append(f"{text}\n")
    return "\n".join(lines)


def _sentence(site: Site) -> str:
    kind = getattr(errors, site.kind, None)
    label = f"exit code {kind.exit_code}" if kind else "Problem"
    hint = f"  \n→ {site.hint}" if site.hint else ""
    return f"*{label}* · {site.message.strip()}{hint}"


def _areas(tree: ast.Module) -> Iterator[str]:
    """Yield the areas that shared checks are called for or default to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "area":
            yield from _texts(node.value)
        if isinstance(node, ast.arguments):
            for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
                if argument.arg == "area" and default is not None:
                    yield from _texts(default)


def _texts(node: ast.expr) -> list[str]:
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _module_sites(tree: ast.Module, module: str, areas: list[str]) -> Iterator[Site]:
    for function in _scopes(tree):
        for call in _own_calls(function):
            if not call.args:
                continue
            codes = _codes(call.args[0], areas)
            shared = isinstance(call.args[0], ast.JoinedStr)
            for code in codes:
                if "{" not in code:
                    yield _site(code, call, function, module=module, shared=shared)
                elif isinstance(function, ast.FunctionDef):
                    yield from _numbered(code, function.name, tree, module)


def _codes(node: ast.expr, areas: list[str]) -> list[str]:
    """Return the codes that an expression stands for; with ``{`` where a number is missing."""
    if isinstance(node, ast.Constant):
        return [str(node.value)] if CODE.fullmatch(str(node.value)) else []
    template = _template(node) if isinstance(node, ast.JoinedStr) else ""
    if not template.startswith("DA-"):
        return []
    spots = re.sub(r"\{(self\.)?area\}", "{area}", template)
    return [spots.replace("{area}", area) for area in (areas if "{area}" in spots else [""])]


def _numbered(code: str, helper: str, tree: ast.Module, module: str) -> Iterator[Site]:
    """Yield a site for each call of a helper that takes the code's number first."""
    for function in _scopes(tree):
        for call in _own_calls(function):
            if _name(call.func) == helper and isinstance(call.args[0], ast.Constant):
                full = re.sub(r"\{.*\}", f"{call.args[0].value:03}", code)
                yield _site(full, call, function, module=module, shared=True)


def _site(code: str, call: ast.Call, function: ast.AST, *, module: str, shared: bool) -> Site:
    message = next((_template(arg, function) for arg in reversed(call.args[1:])), "")
    hint = next(
        (_template(item.value, function) for item in call.keywords if item.arg == "hint"), ""
    )
    return Site(code, module, shared, _name(call.func), message, hint)


def _scopes(tree: ast.Module) -> Iterator[ast.AST]:
    yield tree
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _own_calls(scope: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls in a scope, but not those of the functions inside it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef):
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting.extend(ast.iter_child_nodes(node))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _template(node: ast.expr, function: ast.AST | None = None) -> str:
    """Return a text expression as a person reads it, values as ``{name}``."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr | ast.BinOp):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node.left, node.right]
        return "".join(_template(part, function) for part in parts)
    if isinstance(node, ast.IfExp):
        return f"{_template(node.body, function)} / {_template(node.orelse, function)}"
    if isinstance(node, ast.Name) and function is not None:
        return _assigned(node, function)
    return _value(node.value if isinstance(node, ast.FormattedValue) else node)


def _value(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and _name(node.func) == "did_you_mean":
        return "{the nearest known name}"
    return f"{{{ast.unparse(node)}}}"


def _assigned(name: ast.Name, function: ast.AST) -> str:
    """Return the text that a variable was given last before it is used."""
    before = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and [_name(target) for target in node.targets] == [name.id]
        and node.lineno < name.lineno
    ]
    if not before:
        return f"{{{name.id}}}"
    return _template(max(before, key=lambda node: node.lineno).value)


if __name__ == "__main__":
    PAGE.write_text(errors_page(error_sites()), encoding="utf-8")
    sys.exit(0)
