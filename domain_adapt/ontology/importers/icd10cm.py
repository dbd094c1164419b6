"""The tabular list of ICD-10-CM, as the CDC publishes it in XML.

Chapters, blocks, categories and codes become concepts; 7th characters are spelled out into codes
of their own. Which of those exist is not quite in the XML (a few rules are in its prose): where
the list of codes that is published beside it is read with it, only codes on the list are made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from domain_adapt.base.memory import collection_paused
from domain_adapt.ontology.importers.icd10cm_lines import element_line
from domain_adapt.ontology.importers.icd10cm_tree import CodeTree
from domain_adapt.ontology.importers.importer import Imported, Options
from domain_adapt.ontology.importers.text import malformed, read_utf8

_ROOT = "ICD10CM.tabular"
_NOT_LISTED = re.compile(r"^(?![A-Z0-9][A-Z0-9.-]{0,8}(?:\s|$))(?=.*\S).+", re.MULTILINE)
_FIRST_WORD = re.compile(r"^\S+", re.MULTILINE)
_LIST_BEGINS = re.compile(rb"\s*(?:1\r?\n)?A00")


@dataclass(frozen=True, slots=True)
class Icd10cmImporter:
    """Reads the tabular XML, with or without a list of the codes that exist."""

    format: str = "icd10cm"
    suffixes: tuple[str, ...] = (".xml", ".txt")

    def configured(self, options: Options) -> Icd10cmImporter:
        """Return the importer: the format leaves nothing open."""
        return self

    def recognises(self, path: Path, beginning: bytes) -> bool:
        """Say whether the file is the tabular list, or a list of codes that begins with A00."""
        if path.suffix.lower() == ".txt":
            return _LIST_BEGINS.match(beginning) is not None
        return f"<{_ROOT}".encode() in beginning

    def read(self, paths: Sequence[Path]) -> Imported:
        """Read one tabular list and any lists of codes.

        Raises:
            DataError: The XML is not well-formed, a code in it has no name or description, a list
                of codes is malformed, or there is not exactly one tabular list.
        """
        lists = [path for path in paths if path.suffix.lower() == ".txt"]
        tables = [path for path in paths if path not in lists]
        if len(tables) != 1:
            names = ", ".join(path.name for path in tables) or "none"
            reason = f"expected one tabular XML beside lists of codes; got {names}."
            raise malformed(
                "DA-ONTO-059", paths[0].name, 1, reason, hint="Import one release at a time."
            )
        with collection_paused():
            return _read_table(tables[0], _read_lists(lists) if lists else None)


def _read_table(path: Path, confirmed: frozenset[str] | None) -> Imported:
    text = read_utf8(path)
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - expat ≥ 2.4.1 bounds entity expansion
    except ElementTree.ParseError as error:
        reason = f"not well-formed XML: {str(error).partition(':')[0]}."
        raise malformed("DA-ONTO-057", path.name, error.position[0], reason) from error
    if root.tag != _ROOT or root.find("chapter") is None:
        reason = f"the root is <{root.tag}>; expected <{_ROOT}> with chapters."
        raise malformed("DA-ONTO-058", path.name, 1, reason)
    version = root.findtext("version", "")
    tree = CodeTree(origin=path.name, source=f"ICD-10-CM {version}".strip(), confirmed=confirmed)
    fault = tree.add_chapters(root)
    if fault is not None:
        line = element_line(text, fault.tag, fault.number)
        raise malformed("DA-ONTO-058", path.name, line, fault.reason)
    return Imported(
        concepts=tuple(tree.concepts),
        rules=tree.rules(),
        title=root.findtext("introduction/introSection/title", "ICD-10-CM").strip(),
        version=version,
        licence="US public domain",  # the files do not say so: a work of the federal government
    )


def _read_lists(paths: Sequence[Path]) -> frozenset[str]:
    """Return the codes of all lists without their points."""
    codes = set[str]()
    for path in paths:
        text = read_utf8(path)
        if bad := _NOT_LISTED.search(text):
            line = text.count("\n", 0, bad.start()) + 1
            reason = f"'{bad[0][:60].strip()}' begins with no code; expected one code a line."
            raise malformed("DA-ONTO-059", path.name, line, reason)
        codes.update(_FIRST_WORD.findall(text.replace(".", "")))
    return frozenset(codes)


IMPORTER = Icd10cmImporter()
