"""RDF files read into one graph: what they say of each subject, in their order."""

from __future__ import annotations

import contextlib
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeAlias, cast
from urllib.parse import quote

import pyoxigraph
from pyoxigraph import BlankNode, Literal, NamedNode, QuadParser, RdfFormat

from domain_adapt.base.errors import DataError
from domain_adapt.ontology.importers.rdf_names import FIRST, REST, TYPE, UNUSED
from domain_adapt.ontology.importers.text import malformed

_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
Term: TypeAlias = NamedNode | BlankNode | Literal


@dataclass(slots=True)
class Graph:
    """All statements of some files, by subject.

    Subjects and predicates are the plain addresses; blank nodes go by their labels, which are
    made unique across files.

    Attributes:
        facts: Subject to its predicates and objects; types are kept apart.
        types: Subject with an address to the addresses of its types.
        blank: Type to the blank nodes that have it.
        origins: Subject with an address to the name of the file that gives it a type first.
        prefixes: Namespace to how many files shorten it by which prefix.
    """

    facts: dict[str, list[tuple[str, Term]]] = field(default_factory=lambda: defaultdict(list))
    types: dict[str, list[str]] = field(default_factory=dict)
    blank: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    origins: dict[str, str] = field(default_factory=dict)
    prefixes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def of(self, subject: str) -> list[tuple[str, Term]]:
        """Return what is said of a subject; nothing for unknown ones."""
        return self.facts.get(subject, [])

    def objects(self, subject: str, predicate: str) -> Iterator[Term]:
        """Yield the objects of one predicate."""
        return (value for name, value in self.of(subject) if name == predicate)

    def address(self, subject: str, predicate: str) -> str:
        """Return the first object that has an address or is a blank node; else nothing."""
        for value in self.objects(subject, predicate):
            if isinstance(value, NamedNode | BlankNode):
                return value.value
        return ""

    def members(self, head: str) -> list[str]:
        """Return the addresses in an RDF list, its blank nodes left out."""
        found: list[str] = []
        seen = set[str]()
        while head and head not in seen:
            seen.add(head)
            found += (x.value for x in self.objects(head, FIRST) if isinstance(x, NamedNode))
            head = self.address(head, REST)
        return found

    def read(self, path: Path) -> None:
        """Add one file.

        Raises:
            DataError: It is malformed, or in a form of OWL that is not RDF.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise DataError(
                "DA-ONTO-037",
                f"'{path}' cannot be read: {error.strerror}.",
                hint="Check the path and its permissions.",
            ) from error
        serialization = _serialization(path, content[:4096])
        try:
            parser = pyoxigraph.parse(
                content,
                format=serialization,
                base_iri=_base(path),
                rename_blank_nodes=True,
            )
            self._take(parser, path.name)
        except SyntaxError as error:
            raise _syntax_error(path.name, content, error, serialization) from error
        if serialization == RdfFormat.RDF_XML:
            _check_end(path.name, content)

    def _take(self, parser: QuadParser, file: str) -> None:
        facts = self.facts
        early: Mapping[str, str] | None = None
        for subject, predicate, value, _ in parser:
            if early is None:  # XML forgets its prefixes when the root is closed
                early = parser.prefixes
            name = predicate.value
            if name == TYPE and isinstance(value, NamedNode):
                if isinstance(subject, NamedNode):
                    self._type(subject.value, value.value, file)
                else:
                    self.blank[value.value].append(subject.value)
            elif name not in UNUSED:
                facts[subject.value].append((name, value))
        for prefix, namespace in {**(early or {}), **parser.prefixes}.items():
            self.prefixes[namespace][prefix] += 1

    def _type(self, subject: str, kind: str, file: str) -> None:
        self.origins.setdefault(subject, file)
        kinds = self.types.setdefault(subject, [])
        if kind not in kinds:
            kinds.append(kind)


def is_rdf(path: Path, beginning: bytes) -> bool:
    """Say whether a file is in RDF, or in a form of OWL that the reader names in its error."""
    suffix = path.suffix.lower()
    if suffix == ".xml":
        return b"rdf:RDF" in beginning or b"22-rdf-syntax-ns#" in beginning
    return suffix != ".owl" or not beginning.lstrip().startswith(b"format-version:")


def _serialization(path: Path, content: bytes) -> RdfFormat:
    """Return the form of RDF, by the ending and, where that means several, the beginning."""
    suffix = path.suffix.lower()
    if suffix == ".nt":
        return RdfFormat.N_TRIPLES
    beginning = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if suffix in (".ttl", ".turtle") or (suffix == ".owl" and not beginning.startswith(b"<?")):
        return _turtle(path, beginning)
    if b"<Ontology" in beginning and b"rdf:RDF" not in beginning:
        raise _other_owl(path, "OWL/XML")
    return RdfFormat.RDF_XML


def _turtle(path: Path, beginning: bytes) -> RdfFormat:
    if beginning.startswith(b"<rdf:RDF"):
        return RdfFormat.RDF_XML
    for start, name in (
        (b"Prefix(", "OWL functional syntax"),
        (b"Ontology(", "OWL functional syntax"),
        (b"Prefix:", "OWL Manchester syntax"),
        (b"<Ontology", "OWL/XML"),
    ):
        if beginning.startswith(start):
            raise _other_owl(path, name)
    return RdfFormat.TURTLE


def _other_owl(path: Path, name: str) -> DataError:
    return DataError(
        "DA-ONTO-038",
        f"'{path.name}' is in {name}, which is no form of RDF.",
        hint="Save it as RDF/XML or Turtle (in Protégé: File, Save as) and import that.",
    )


def _syntax_error(
    file: str, content: bytes, error: SyntaxError, serialization: RdfFormat
) -> DataError:
    reason = (error.msg or str(error)).rstrip(".")
    reason = reason.partition(": ")[2] if reason.startswith("Parser error at") else reason
    line = error.lineno or _failing_line(content, serialization)
    return malformed("DA-ONTO-039", file, line, f"{reason}.")


def _check_end(file: str, content: bytes) -> None:
    """Refuse XML whose root is not closed: the parser takes half a file for a whole one."""
    bare = _COMMENT.sub(b"", content) if b"<!--" in content else content
    root = _ROOT.search(bare)
    if root is None or b"\0" in content[:2]:  # UTF-16 is not looked into
        return
    last = bare[bare.rfind(b"</") :].strip()
    if not re.fullmatch(rb"</" + re.escape(root[1]) + rb"\s*>", last):
        line = content.rstrip().count(b"\n") + 1
        reason = f"the file ends before <{root[1].decode()}> is closed."
        raise malformed(
            "DA-ONTO-041", file, line, reason, hint="Fetch or save the file again; part is missing."
        )


def _base(path: Path) -> str:
    """Return what relative addresses are relative to: no folder of this machine."""
    return f"file:///{quote(path.name)}"


class _Lines(io.RawIOBase):
    """A stream that hands out one line a read and counts them."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._lines = iter(content.splitlines(keepends=True))
        self.count = 0

    def read(self, _: int = -1) -> bytes:
        """Return the next line."""
        line = next(self._lines, b"")
        self.count += bool(line)
        return line


def _failing_line(content: bytes, serialization: RdfFormat) -> int:
    """Return where the parser stops, for RDF/XML, whose errors do not say it."""
    lines = _Lines(content)
    stream = cast("IO[bytes]", lines)
    with contextlib.suppress(SyntaxError):
        for _ in pyoxigraph.parse(stream, format=serialization, base_iri="file:///x"):
            pass
    return max(lines.count, 1)
