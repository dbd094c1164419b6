"""Rows of tables with their lines: CSV and TSV by Python's csv, JSON lines by json."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain_adapt.base.errors import DataError
from domain_adapt.ontology.importers.table_columns import resolve, split_column
from domain_adapt.ontology.importers.text import malformed, read_utf8

Cell = str | tuple[str, ...]
"""A text that may hold a list, or a list that is one already."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: known columns to what is in them; empty cells are left out."""

    file: str
    line: int
    cells: Mapping[str, Cell]


def read_rows(path: Path, columns: Mapping[str, str]) -> list[TableRow]:
    """Read a CSV, TSV or JSON lines file.

    Raises:
        DataError: The heading or a row is malformed, or there is no row.
    """
    text = read_utf8(path)
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        rows = _json_rows(text, path.name, columns)
    else:
        rows = _separated_rows(text, path, columns)
    if not rows:
        raise nothing_in(path.name, "the table has no rows.")
    return rows


def nothing_in(file: str, reason: str) -> DataError:
    """Return the error for a file that holds no rows."""
    return malformed("DA-ONTO-068", file, 1, reason)


def row_of(file: str, line: int, cells: Mapping[str, Cell]) -> TableRow:
    """Return a row without its empty cells.

    Raises:
        DataError: It has neither id nor label.
    """
    taken = {name: cell for name, cell in cells.items() if cell}
    if not any(split_column(name)[0] in ("id", "label") for name in taken):
        reason = "the row has neither an id nor a label."
        raise malformed("DA-ONTO-062", file, line, reason)
    return TableRow(file, line, taken)


def _separated_rows(text: str, path: Path, columns: Mapping[str, str]) -> list[TableRow]:
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_delimiter(text, path), strict=True
    )
    rows: list[TableRow] = []
    headings: list[str] = []
    known: dict[str, str] = {}
    line = 1
    try:
        for cells in reader:
            if not headings:
                headings = [cell.strip() for cell in cells]
                known = resolve(headings, columns, file=path.name)
            elif any(cells):
                if len(cells) > len(headings):
                    reason = f"{len(cells)} cells under {len(headings)} headings; "
                    reason += f"the first one too many is '{cells[len(headings)][:40]}'."
                    raise malformed("DA-ONTO-062", path.name, line, reason)
                named = zip(headings, (cell.strip() for cell in cells), strict=False)
                taken = {known[name]: cell for name, cell in named if name in known}
                rows.append(row_of(path.name, line, taken))
            line = reader.line_num + 1
    except csv.Error as error:
        raise malformed(
            "DA-ONTO-062", path.name, line, f"not valid as a table: {error}."
        ) from error
    return rows


def _delimiter(text: str, path: Path) -> str:
    if path.suffix.lower() == ".tsv":
        return "\t"
    heading = text.partition("\n")[0]  # spreadsheets of half of Europe write CSV with semicolons
    return ";" if heading.count(";") > heading.count(",") else ","


def _json_rows(text: str, file: str, columns: Mapping[str, str]) -> list[TableRow]:
    values = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            reason = f"not valid JSON: {error.msg} at column {error.colno}."
            raise malformed("DA-ONTO-062", file, number, reason) from error
        values.append((number, value))
    return object_rows(values, file, columns)


def object_rows(
    values: list[tuple[int, Any]], file: str, columns: Mapping[str, str]
) -> list[TableRow]:
    """Return rows of mappings, each with its line.

    Raises:
        DataError: One is no mapping, or holds something else than texts and lists of texts.
    """
    for line, value in values:
        if not isinstance(value, dict):
            reason = f"expected a mapping of column to value; got {json.dumps(value)[:40]}."
            raise malformed("DA-ONTO-062", file, line, reason)
    headings = dict.fromkeys(key for _, value in values for key in value)
    known = resolve(headings, columns, file=file, line=values[0][0]) if values else {}
    rows = []
    for line, value in values:
        cells = {
            known[key]: _cell(each, key, file, line) for key, each in value.items() if key in known
        }
        rows.append(row_of(file, line, cells))
    return rows


def _cell(value: Any, key: str, file: str, line: int) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | int | float):
        return str(value).lower()
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return tuple(each.strip() for each in value if each.strip())
    reason = f"'{key}' is {json.dumps(value, default=str)[:40]}; expected text or a list of texts."
    raise malformed("DA-ONTO-062", file, line, reason)
