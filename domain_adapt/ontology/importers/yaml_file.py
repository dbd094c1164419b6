"""The bundled YAML format as one file: head, concepts and rules in one mapping."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from domain_adapt.base.errors import DataError
from domain_adapt.config.problems import summary
from domain_adapt.config.schema import check
from domain_adapt.config.yaml_text import YamlText, read_yaml
from domain_adapt.ontology.checks import check_whole
from domain_adapt.ontology.draft import Draft
from domain_adapt.ontology.importers.importer import Imported
from domain_adapt.ontology.importers.table_rows import TableRow, nothing_in, object_rows
from domain_adapt.ontology.source import BranchFile, HeadFile
from domain_adapt.ontology.yaml_entries import new_draft, read_entries

_HEAD = frozenset(HeadFile.model_fields)


def yaml_rows(path: Path, columns: Mapping[str, str]) -> list[TableRow]:
    """Read a YAML list of mappings as a table.

    Raises:
        DataError: It is no YAML, no list, or an item of it is malformed.
    """
    file = _readable(path)
    if not isinstance(file.value, tuple) or not file.value:
        reason = "expected a list of concepts, or a mapping with 'concepts'."
        raise nothing_in(path.name, reason)
    lines = [(int(file.place((n,)).rpartition(":")[2]), x) for n, x in enumerate(file.value)]
    return object_rows(lines, path.name, columns)


def read_yaml_ontology(path: Path) -> Imported | None:
    """Read one file in the bundled format; None where it is a list, a table for others.

    Name, title, prefix and version may be left out: the file's name stands for them.

    Raises:
        DataError: Anything in it breaks a rule; the message lists all of it.
    """
    file = _readable(path)
    if not isinstance(file.value, dict):
        return None
    head, draft = _head(file, path)
    branch = _branch(draft, file, path)
    read_entries(draft, branch, file)
    check_whole(draft, path)
    _refuse(draft, path)
    return Imported(
        concepts=tuple(placed.item for placed in draft.concepts),
        rules=tuple(placed.item for placed in draft.rules),
        predicates=draft.predicates,
        title=head.title if head else "",
        version=head.version if head else "",
        licence=head.licence if head else "",
    )


def _readable(path: Path) -> YamlText:
    file = read_yaml(path, area="ONTO")
    if file.problems:
        raise DataError(
            file.problems[0].code,
            summary(file.problems, subject=f"'{path.name}'"),
            hint="Correct the file and import it again; nothing was imported.",
        )
    return file


def _head(file: YamlText, path: Path) -> tuple[HeadFile | None, Draft]:
    prefix = "".join(each for each in path.stem.casefold() if each.isascii() and each.isalnum())
    stated = {key: value for key, value in file.value.items() if key in _HEAD}
    default = {"name": path.stem, "title": path.stem, "prefix": prefix or "t", "version": "0"}
    head, problems = check(HeadFile, {**default, **stated}, place=file.place, area="ONTO")
    return head, new_draft(head, problems)


def _branch(draft: Draft, file: YamlText, path: Path) -> BranchFile:
    rest: dict[str, Any] = {key: value for key, value in file.value.items() if key not in _HEAD}
    rest.setdefault("branch", path.stem)
    branch, problems = check(BranchFile, rest, place=file.place, area="ONTO")
    draft.problems.extend(problems)
    if branch is None:
        _refuse(draft, path)
        raise AssertionError("a branch that is none has a problem")
    return branch


def _refuse(draft: Draft, path: Path) -> None:
    if draft.problems:
        raise DataError(
            draft.problems[0].code,
            summary(draft.problems, subject=f"'{path.name}'"),
            hint="Correct the file and import it again; nothing was imported.",
        )
