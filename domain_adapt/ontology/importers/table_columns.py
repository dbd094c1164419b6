"""The columns that a table of terms may have, and what other headings are taken for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from domain_adapt.base.suggest import did_you_mean
from domain_adapt.ontology.concept import LabelType, Scope
from domain_adapt.ontology.importers.text import malformed

LABELS: Mapping[str, tuple[Scope, LabelType]] = {
    "label": (Scope.EXACT, LabelType.PREFERRED),
    "abbreviations": (Scope.EXACT, LabelType.ABBREVIATION),
    "synonyms": (Scope.EXACT, LabelType.SYNONYM),
    "spellings": (Scope.EXACT, LabelType.SPELLING),
    "plurals": (Scope.EXACT, LabelType.PLURAL),
    "layperson": (Scope.EXACT, LabelType.LAYPERSON),
    "brands": (Scope.EXACT, LabelType.BRAND),
    "codes": (Scope.EXACT, LabelType.CODE),
    "related": (Scope.RELATED, LabelType.SYNONYM),
    "narrow": (Scope.NARROW, LabelType.SYNONYM),
    "broad": (Scope.BROAD, LabelType.SYNONYM),
}
"""Columns of names; each may end in a language: ``label_zh``, ``synonyms_en``."""

COLUMNS = (
    "id",
    *LABELS,
    "definition",
    "parents",
    "source",
    "branch",
    "disjoint_with",
    "mappings",
    "deprecated",
    "replaced_by",
)
LEFT_OUT = "-"
_REST = "*"

_ALIASES = {
    "name": "label",
    "term": "label",
    "preferred_label": "label",
    "pref_label": "label",
    "preflabel": "label",
    "abbreviation": "abbreviations",
    "acronym": "abbreviations",
    "acronyms": "abbreviations",
    "synonym": "synonyms",
    "alt_label": "synonyms",
    "definition_en": "definition",
    "description": "definition",
    "parent": "parents",
    "subclassof": "parents",
    "is_a": "parents",
    "xref": "mappings",
    "xrefs": "mappings",
    "obsolete": "deprecated",
    "code": "id",
    "identifier": "id",
}
_LANGUAGE = re.compile(r"(.+?)[_@](en|zh|[a-z]{2,3}(?:-[A-Za-z0-9]+)*)$")


def split_column(column: str) -> tuple[str, str]:
    """Return name and language of ``label_zh``; the language is empty where none is written."""
    found = _LANGUAGE.match(column)
    return (found[1], found[2]) if found and found[1] in LABELS else (column, "")


def resolve(
    headings: Iterable[str], mapping: Mapping[str, str], *, file: str, line: int = 1
) -> dict[str, str]:
    """Return each heading's column; headings that are left out have none.

    Raises:
        DataError: A heading is not known, two are the same column, or the mapping names a heading
            that is not there or a column that does not exist.
    """
    names = list(headings)
    if absent := sorted(set(mapping) - {*names, _REST}):
        reason = f"there is no column '{absent[0]}'. {did_you_mean(absent[0], names)}"
        raise malformed("DA-ONTO-060", file, line, reason, hint="Correct the mapping of columns.")
    found: dict[str, str] = {}
    for name in names:
        column = _column(name, mapping, file=file, line=line)
        if column == LEFT_OUT:
            continue
        if column in found.values():
            reason = f"two columns are '{column}'; '{name}' is the second."
            raise malformed("DA-ONTO-060", file, line, reason)
        found[name] = column
    if not {"label", "id"} & {split_column(column)[0] for column in found.values()}:
        reason = f"no column is the label; the table has {', '.join(names)}."
        raise malformed("DA-ONTO-060", file, line, reason, hint="Map one of them to 'label'.")
    return found


def _column(name: str, mapping: Mapping[str, str], *, file: str, line: int) -> str:
    if name in mapping:
        column = mapping[name]
        if column == LEFT_OUT or split_column(column)[0] in COLUMNS:
            return column
        reason = f"'{name}' is mapped to '{column}', which is no column."
        raise malformed("DA-ONTO-060", file, line, reason, hint=did_you_mean(column, COLUMNS))
    plain = "_".join(name.strip().casefold().split())
    column = _ALIASES.get(plain, plain)
    if split_column(column)[0] in COLUMNS:
        return column
    if _REST in mapping:
        return mapping[_REST]
    reason = f"the column '{name}' is not known. {did_you_mean(plain, COLUMNS)}"
    hint = f"Rename it, or map it: '{name}=label' takes it as the label, '{name}=-' leaves it out."
    raise malformed("DA-ONTO-060", file, line, reason, hint=hint)
