"""Rows gathered into concepts: ids made where there are none, parents found by id or label."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from domain_adapt.ontology.concept import Concept, Label, LabelType, Mapping, Scope, Status
from domain_adapt.ontology.importers.table_columns import LABELS, split_column
from domain_adapt.ontology.importers.table_rows import Cell, TableRow
from domain_adapt.ontology.importers.text import language_of, malformed

_CURIE = re.compile(r"[A-Za-z][\w.-]*:[^\s|;]+$")
_OUTSIDE_BRACKETS = re.compile(r";(?![^()\[\]]*[)\]])")
_MISSPELT, _NEAR = 90, 60  # of 100: nearly a label, or near enough to suggest it
_YES = frozenset({"true", "yes", "1", "x", "deprecated", "obsolete"})


@dataclass(slots=True)
class Term:
    """What all rows of one id say."""

    id: str
    first: TableRow
    labels: list[Label] = field(default_factory=list)
    definition: str = ""
    source: str = ""
    branch: str = ""
    parents: list[tuple[Cell, TableRow]] = field(default_factory=list)
    disjoint: list[tuple[Cell, TableRow]] = field(default_factory=list)
    mappings: list[str] = field(default_factory=list)
    deprecated: bool = False
    replaced_by: list[tuple[Cell, TableRow]] = field(default_factory=list)


@dataclass(slots=True)
class Terms:
    """All rows read so far."""

    terms: dict[str, Term] = field(default_factory=dict)
    _by_label: dict[str, str] = field(default_factory=dict)
    _implied: dict[str, Term] = field(default_factory=dict)

    def add(self, rows: Iterable[TableRow]) -> None:
        """Take in the rows of one file.

        Raises:
            DataError: A row has a label that its id has otherwise.
        """
        for row in rows:
            term = self._term(row)
            self._labels(term, row)
            self._facts(term, row)

    def concepts(self) -> tuple[Concept, ...]:
        """Return the concepts, one also for each parent that is a label without a row.

        Ids that no row has stay as they are: they lie outside of the table.

        Raises:
            DataError: A parent is nearly a label: misspelt; or another reference is none at all.
        """
        for term in self.terms.values():
            for label in term.labels:
                self._by_label.setdefault(label.text.casefold(), term.id)
        found = [self._concept(term) for term in self.terms.values()]
        return (*found, *(self._concept(term) for term in self._implied.values()))

    def _term(self, row: TableRow) -> Term:
        name = _text(row.cells.get("id", ""))
        label = next((_text(v) for k, v in row.cells.items() if split_column(k)[0] == "label"), "")
        stem = _stem(row.file)
        identifier = name if _CURIE.match(name) else f"{_slug(stem)}:{_slug(name or label)}"
        return self.terms.setdefault(identifier, Term(identifier, row))

    def _labels(self, term: Term, row: TableRow) -> None:
        for column, cell in row.cells.items():
            name, language = split_column(column)
            if name not in LABELS:
                continue
            scope, kind = LABELS[name]
            texts = (_text(cell),) if name == "label" else _listed(cell)
            for text in texts:
                label = Label(text, language or language_of(text), scope, kind)
                if kind is LabelType.PREFERRED:
                    self._check_preferred(term, label, row)
                if label not in term.labels:
                    term.labels.append(label)

    def _check_preferred(self, term: Term, label: Label, row: TableRow) -> None:
        for other in term.labels:
            if other.type is not label.type or other.language != label.language:
                continue
            if other.text != label.text:
                reason = f"'{term.id}' is '{label.text}' here and '{other.text}' in "
                reason += f"{term.first.file}:{term.first.line}; expected one label an id."
                hint = "Give one of them another id, or put one name under synonyms."
                raise malformed("DA-ONTO-067", row.file, row.line, reason, hint=hint)

    def _facts(self, term: Term, row: TableRow) -> None:
        cells = row.cells
        term.definition = term.definition or _text(cells.get("definition", ""))
        term.source = term.source or _text(cells.get("source", ""))
        term.branch = term.branch or _text(cells.get("branch", ""))
        term.deprecated |= _text(cells.get("deprecated", "")).casefold() in _YES
        term.mappings += _listed(cells.get("mappings", ""))
        for column, taken in (
            ("parents", term.parents),
            ("disjoint_with", term.disjoint),
            ("replaced_by", term.replaced_by),
        ):
            if column in cells:
                taken.append((cells[column], row))

    def _concept(self, term: Term) -> Concept:
        replaced_by = self._found(term.replaced_by, "replacement")
        labels = term.labels
        if not any(label.type is LabelType.PREFERRED for label in labels):
            text = labels[0].text if labels else term.id
            labels = [Label(text, language_of(text), Scope.EXACT, LabelType.PREFERRED), *labels[1:]]
        return Concept(
            id=term.id,
            branch=term.branch or _stem(term.first.file),
            labels=tuple(labels),
            definition=term.definition,
            parents=self._found(term.parents, "parent"),
            source=term.source,
            disjoint_with=self._found(term.disjoint, "disjoint concept"),
            mappings=tuple(Mapping("oboInOwl:hasDbXref", x) for x in dict.fromkeys(term.mappings)),
            status=Status.DEPRECATED if term.deprecated else Status.ACTIVE,
            replaced_by=replaced_by[0] if replaced_by else "",
            origin=term.first.file,
        )

    def _found(self, cells: list[tuple[Cell, TableRow]], what: str) -> tuple[str, ...]:
        """Return the ids that cells name; a whole cell that is a label is not split."""
        ids: list[str] = []
        for cell, row in cells:
            whole = isinstance(cell, str) and self._known(cell, row)
            for text in [cell] if whole else _listed(cell):
                ids.append(self._known(_text(text), row) or self._imply(_text(text), row, what))
        return tuple(dict.fromkeys(ids))

    def _known(self, text: str, row: TableRow) -> str:
        """Return the id that a text means; a CURIE may lie outside of the table."""
        slug = f"{_slug(_stem(row.file))}:{_slug(text)}"
        if text in self.terms:
            return text
        if text.casefold() in self._by_label:
            return self._by_label[text.casefold()]
        if slug in self.terms:
            return slug
        return text if _CURIE.match(text) else ""

    def _imply(self, text: str, row: TableRow, what: str) -> str:
        """Make a concept of a parent that has no row, unless it looks like a slip of the pen."""
        from rapidfuzz import fuzz, process

        cutoff = _MISSPELT if what == "parent" else _NEAR
        near = process.extractOne(
            text.casefold(), list(self._by_label), scorer=fuzz.ratio, score_cutoff=cutoff
        )
        if near or what != "parent":
            reason = f"the {what} '{text}' is neither an id nor a label here."
            hint = f"Did you mean '{near[0]}'?" if near else "Write an id or label of the table."
            raise malformed("DA-ONTO-066", row.file, row.line, reason, hint=hint)
        identifier = f"{_slug(_stem(row.file))}:{_slug(text)}"
        label = Label(text, language_of(text), Scope.EXACT, LabelType.PREFERRED)
        self._implied[identifier] = Term(identifier, row, [label])
        self._by_label[text.casefold()] = identifier
        return identifier


def _listed(cell: Cell) -> list[str]:
    """Return the texts of a list: by ``|`` where there is one, else by ``;`` outside brackets."""
    if not isinstance(cell, str):
        return list(cell)
    parts = cell.split("|") if "|" in cell else _OUTSIDE_BRACKETS.split(cell)
    return [part.strip() for part in parts if part.strip()]


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else "; ".join(cell)


def _stem(file: str) -> str:
    return file.rpartition(".")[0] or file


def _slug(text: str) -> str:
    return re.sub(r"\W+", "_", text.casefold()).strip("_")
