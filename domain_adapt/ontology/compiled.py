"""An ontology as one file that opens in milliseconds: no parsing, no closing, no pickle.

Layout: a line of magic with the SHA-256 of all that follows, a line of JSON that describes the
rest, then the sections: the concepts and the rules, a JSON line each
(:mod:`domain_adapt.ontology.packing`), the ids and the names of source files as JSON, and arrays of
four-byte integers: where each concept begins, which file it is from, and the hierarchy. A concept
is decoded when it is asked for. The digest is checked on opening.
"""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from domain_adapt.base.errors import VerificationError
from domain_adapt.base.files import atomic_path
from domain_adapt.ontology.concept import Concept
from domain_adapt.ontology.hierarchy import Hierarchy, Ragged
from domain_adapt.ontology.ontology import Head, Ontology, Packed, pack_ontology
from domain_adapt.ontology.packing import unpack, unpack_rule
from domain_adapt.ontology.rules import Predicate

MAGIC = b"domain-adapt ontology 2 "
SUFFIX = ".onto"
_ROWS = ("parents", "children", "ancestors", "disjoint")
_INT = "i"
_FIRST_LINE = len(MAGIC) + hashlib.sha256().digest_size * 2 + 1


@dataclass(frozen=True, slots=True)
class StoredConcepts(Mapping[str, Concept]):
    """Concepts that are decoded when they are asked for, and kept then.

    Attributes:
        ids: All ids, sorted.
        index: Id to place.
    """

    ids: tuple[str, ...]
    index: Mapping[str, int] = field(repr=False)
    _lines: memoryview = field(repr=False)
    _starts: array[int] = field(repr=False)
    _origins: Sequence[str] = field(repr=False)
    _origin: array[int] = field(repr=False)
    _known: dict[str, Concept] = field(default_factory=dict, init=False, repr=False)

    def __getitem__(self, concept_id: str) -> Concept:
        """Return the concept of an id."""
        concept = self._known.get(concept_id)
        if concept is None:
            place = self.index[concept_id]
            line = bytes(self._lines[self._starts[place] : self._starts[place + 1]])
            concept = unpack(line, self._origins[self._origin[place]])
            self._known[concept_id] = concept
        return concept

    def __iter__(self) -> Iterator[str]:
        """Iterate over the ids, in order."""
        return iter(self.ids)

    def __len__(self) -> int:
        """Return the number of concepts."""
        return len(self.ids)

    def __contains__(self, concept_id: object) -> bool:
        """Say whether there is such a concept, without decoding it."""
        return concept_id in self.index


def write_compiled(
    ontology: Ontology, path: Path, *, packed: Packed | None = None, durable: bool = True
) -> None:
    """Write an ontology, whole or not at all.

    Args:
        ontology: What to write.
        path: Where; its folder is made.
        packed: Its lines, where they are at hand.
        durable: Whether it must survive a power cut.

    Raises:
        DomainAdaptError: The disk is full or the folder is not writable.
    """
    packed = packed or pack_ontology(ontology)
    files: dict[str, int] = {}
    origin = array(_INT, (files.setdefault(x.origin, len(files)) for x in _values(ontology)))
    lengths = (len(line) if line.isascii() else len(line.encode()) for line in packed.concepts)
    sections = (
        "".join(packed.concepts).encode(),
        "\n".join(packed.rules).encode(),
        _json(ontology.hierarchy.ids),
        _json([*files]),
        array(_INT, accumulate(lengths, initial=0)).tobytes(),
        origin.tobytes(),
        *(part for name in _ROWS for part in _parts(ontology.hierarchy, name)),
    )
    description = {
        "head": asdict(ontology.head),
        "digest": ontology.digest,
        "sections": [*map(len, sections)],
        "byteorder": sys.byteorder,
    }
    content = b"".join([_json(description), b"\n", *sections])
    first = MAGIC + hashlib.sha256(content).hexdigest().encode() + b"\n"
    with atomic_path(path, durable=durable) as temporary, temporary.open("wb") as stream:
        stream.write(first)
        stream.write(content)


def read_compiled(path: Path) -> Ontology:
    """Open a compiled ontology.

    Raises:
        VerificationError: The bytes are not those that were written.
    """
    data = path.read_bytes()
    first, content = data[:_FIRST_LINE], memoryview(data)[_FIRST_LINE:]
    try:
        if not first.startswith(MAGIC):
            raise ValueError("its first line is not that of this version")
        if hashlib.sha256(content).hexdigest().encode() != first[len(MAGIC) : -1]:
            raise ValueError("its content has another digest")
        return _ontology(content, data.index(b"\n", _FIRST_LINE) - _FIRST_LINE)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise VerificationError(
            "DA-ONTO-030",
            f"The compiled ontology '{path}' is damaged: {error}.",
            hint="Import it again: domain-adapt ontology import FILES --out NAME.",
        ) from error


def _ontology(content: memoryview, end: int) -> Ontology:
    description = json.loads(bytes(content[:end]))
    ends = accumulate(description["sections"], initial=end + 1)
    lines, rules, ids, files, *rest = [content[first:last] for first, last in pairwise(ends)]
    swap = description["byteorder"] != sys.byteorder
    starts, origin, *rows = [_array(section, swap=swap) for section in rest]
    names = tuple(json.loads(bytes(ids)))
    index = dict(zip(names, range(len(names)), strict=True))
    ragged = {name: Ragged(*rows[2 * i : 2 * i + 2]) for i, name in enumerate(_ROWS)}
    return Ontology(
        head=_head(description["head"]),
        digest=description["digest"],
        concepts=StoredConcepts(names, index, lines, starts, json.loads(bytes(files)), origin),
        rules=tuple([unpack_rule(line) for line in bytes(rules).splitlines()]),
        hierarchy=Hierarchy(ids=names, index=index, **ragged),
    )


def _head(values: dict[str, Any]) -> Head:
    predicates = tuple(
        Predicate(each["id"], each["label"], tuple(each["domain"]), tuple(each["range"]))
        for each in values.pop("predicates")
    )
    return Head(sources=tuple(values.pop("sources")), predicates=predicates, **values)


def _values(ontology: Ontology) -> Iterable[Concept]:
    return (ontology.concepts[each] for each in ontology.hierarchy.ids)


def _parts(hierarchy: Hierarchy, name: str) -> tuple[bytes, bytes]:
    rows: Ragged = getattr(hierarchy, name)
    return rows.starts.tobytes(), rows.values.tobytes()


def _array(section: memoryview, *, swap: bool) -> array[int]:
    values = array(_INT)
    values.frombytes(section)
    if swap:
        values.byteswap()
    return values


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
