"""Tables of terms: CSV, TSV, JSON lines, YAML lists, and the bundled YAML format as one file.

One row a concept; rows of the same id add to one another. Columns are named in
:data:`~domain_adapt.ontology.importers.table_columns.COLUMNS`; a table with other headings is read
with a mapping: ``IMPORTER.with_columns({"Term": "label", "Notes": "-"})``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from domain_adapt.ontology.importers.importer import Imported, Options
from domain_adapt.ontology.importers.table_rows import TableRow, read_rows
from domain_adapt.ontology.importers.table_terms import Terms
from domain_adapt.ontology.importers.yaml_file import read_yaml_ontology, yaml_rows

_YAML = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class TableImporter:
    """Reads tables.

    Attributes:
        columns: Heading in the file to one of the known columns, or to ``-`` to leave it out;
            ``*`` stands for all headings that are neither known nor named.
    """

    format: str = "table"
    suffixes: tuple[str, ...] = (".csv", ".tsv", ".jsonl", ".ndjson", *_YAML)
    columns: Mapping[str, str] = field(default_factory=dict)

    def with_columns(self, columns: Mapping[str, str]) -> TableImporter:
        """Return an importer that reads other headings."""
        return replace(self, columns=dict(columns))

    def configured(self, options: Options) -> TableImporter:
        """Return the importer with the user's columns."""
        return self.with_columns(options.columns) if options.columns else self

    def recognises(self, path: Path, beginning: bytes) -> bool:
        """Say whether it may be a table: any text with one of the endings."""
        return b"\0" not in beginning

    def read(self, paths: Sequence[Path]) -> Imported:
        """Read tables as one ontology; parents may be ids or labels, also of another file.

        Raises:
            DataError: A heading is not known, a row is malformed or has no label, an id has two
                labels, or a parent is neither an id nor a label.
        """
        if len(paths) == 1 and paths[0].suffix.lower() in _YAML:
            whole = read_yaml_ontology(paths[0])
            if whole is not None:
                return whole
        terms = Terms()
        for path in paths:
            terms.add(self._rows(path))
        return Imported(concepts=terms.concepts(), title=paths[0].stem)

    def _rows(self, path: Path) -> list[TableRow]:
        if path.suffix.lower() in _YAML:
            return yaml_rows(path, self.columns)
        return read_rows(path, self.columns)


IMPORTER = TableImporter()
