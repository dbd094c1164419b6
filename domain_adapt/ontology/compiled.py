"""An ontology as one file that opens in milliseconds: no parsing, no closing, no pickle.

Layout: a line of magic, a line of JSON that describes the rest, then the body: the concepts and
rules, a JSON line each, and the arrays of the hierarchy as four-byte integers. A concept is decoded
when it is asked for. The SHA-256 of the body stands in the description and is checked on opening.
"""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from domain_adapt.base.errors import VerificationError
from domain_adapt.base.files import atomic_path
from domain_adapt.ontology import concept as model
from domain_adapt.ontology.concept import Concept, Label
from domain_adapt.ontology.hierarchy import Hierarchy, Ragged
from domain_adapt.ontology.ontology import Head, Ontology
from domain_adapt.ontology.rules import Bound, Comparison, Predicate, Rule, RuleKind, Severity

MAGIC = b"domain-adapt ontology 1\n"
SUFFIX = ".onto"
_ROWS = ("parents", "children", "ancestors", "disjoint")
_INT = "i"


@dataclass(frozen=True, slots=True)
class StoredConcepts(Mapping[str, Concept]):
    """Concepts that are decoded when they are asked for, and kept then.

    Attributes:
        ids: All ids, sorted.
        index: Id to place.
    """

    ids: tuple[str, ...]
    index: Mapping[str, int] = field(repr=False)
    _body: bytes = field(repr=False)
    _starts: tuple[int, ...] = field(repr=False)
    _known: dict[str, Concept] = field(default_factory=dict, init=False, repr=False)

    def __getitem__(self, concept_id: str) -> Concept:
        """Return the concept of an id."""
        if concept_id not in self._known:
            place = self.index[concept_id]
            line = self._body[self._starts[place] : self._starts[place + 1]]
            self._known[concept_id] = _concept(concept_id, json.loads(line))
        return self._known[concept_id]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the ids, in order."""
        return iter(self.ids)

    def __len__(self) -> int:
        """Return the number of concepts."""
        return len(self.ids)

    def __contains__(self, concept_id: object) -> bool:
        """Say whether there is such a concept, without decoding it."""
        return concept_id in self.index


def write_compiled(ontology: Ontology, path: Path) -> None:
    """Write an ontology, whole or not at all.

    Raises:
        DomainAdaptError: The disk is full or the folder is not writable.
    """
    concepts = [_line(_packed(ontology.concepts[each])) for each in ontology.hierarchy.ids]
    rules = [_line(asdict(rule)) for rule in ontology.rules]
    arrays = [_bytes(part) for name in _ROWS for part in _parts(ontology.hierarchy, name)]
    sections = (b"".join(concepts), b"".join(rules), *arrays)
    body = b"".join(sections)
    description = {
        "head": asdict(ontology.head),
        "digest": ontology.digest,
        "ids": ontology.hierarchy.ids,
        "lines": [len(line) for line in concepts],
        "sections": [len(section) for section in sections],
        "byteorder": sys.byteorder,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    with atomic_path(path) as temporary:
        temporary.write_bytes(MAGIC + _line(description) + body)


def read_compiled(path: Path) -> Ontology:
    """Open a compiled ontology.

    Raises:
        VerificationError: The bytes are not those that were written.
    """
    data = path.read_bytes()
    begin = data.find(b"\n", len(MAGIC)) + 1
    try:
        if not data.startswith(MAGIC) or not begin:
            raise ValueError("its first line is another one")
        description = json.loads(data[len(MAGIC) : begin])
        body = data[begin:]
        if hashlib.sha256(body).hexdigest() != description["sha256"]:
            raise ValueError("its content has another digest")
        return _ontology(description, body)
    except (ValueError, KeyError, TypeError) as error:
        raise VerificationError(
            "DA-ONTO-030",
            f"The compiled ontology '{path}' is damaged: {error}.",
            hint="Import it again: domain-adapt ontology import FILES --out NAME.",
        ) from error


def _ontology(description: Mapping[str, Any], body: bytes) -> Ontology:
    ends = tuple(accumulate(description["sections"], initial=0))
    sections = [body[first:last] for first, last in pairwise(ends)]
    ids = tuple(description["ids"])
    index = {concept: place for place, concept in enumerate(ids)}
    swap = description["byteorder"] != sys.byteorder
    arrays = [_array(section, swap=swap) for section in sections[2:]]
    rows = {name: Ragged(*arrays[2 * i : 2 * i + 2]) for i, name in enumerate(_ROWS)}
    starts = tuple(accumulate(description["lines"], initial=0))
    return Ontology(
        head=_head(description["head"]),
        digest=description["digest"],
        concepts=StoredConcepts(ids, index, sections[0], starts),
        rules=tuple(_rule(json.loads(line)) for line in sections[1].splitlines()),
        hierarchy=Hierarchy(ids=ids, index=index, **rows),
    )


def _packed(concept: Concept) -> list[object]:
    """Return what stands in a line; short, since there may be 100,000."""
    return [
        concept.branch,
        [[x.text, x.language, x.scope, x.type] for x in concept.labels],
        concept.definition,
        concept.parents,
        concept.source,
        concept.kind,
        [[x.predicate, x.target] for x in concept.relations],
        concept.disjoint_with,
        [[x.unit, x.plausible, x.reference, x.note] for x in concept.quantities],
        [[x.predicate, x.target] for x in concept.mappings],
        concept.status,
        concept.replaced_by,
        concept.origin,
    ]


def _concept(concept_id: str, packed: list[Any]) -> Concept:
    branch, labels, definition, parents, source, kind, relations, disjoint, *rest = packed
    quantities, mappings, status, replaced_by, origin = rest
    return Concept(
        id=concept_id,
        branch=branch,
        labels=tuple(Label(t, n, model.Scope(s), model.LabelType(k)) for t, n, s, k in labels),
        definition=definition,
        parents=tuple(parents),
        source=source,
        kind=model.Kind(kind),
        relations=tuple(model.Relation(*each) for each in relations),
        disjoint_with=tuple(disjoint),
        quantities=tuple(
            model.Quantity(unit, (low, high), (below, above), note)
            for unit, (low, high), (below, above), note in quantities
        ),
        mappings=tuple(model.Mapping(*each) for each in mappings),
        status=model.Status(status),
        replaced_by=replaced_by,
        origin=origin,
    )


def _rule(values: dict[str, Any]) -> Rule:
    bounds = tuple(
        Bound(each["concept"], Comparison(each["comparison"]), each["value"], each["unit"])
        for each in values.pop("bounds")
    )
    kind, severity = RuleKind(values.pop("kind")), Severity(values.pop("severity"))
    return Rule(kind=kind, severity=severity, bounds=bounds, **values)


def _head(values: dict[str, Any]) -> Head:
    predicates = tuple(
        Predicate(each["id"], each["label"], tuple(each["domain"]), tuple(each["range"]))
        for each in values.pop("predicates")
    )
    return Head(sources=tuple(values.pop("sources")), predicates=predicates, **values)


def _parts(hierarchy: Hierarchy, name: str) -> Iterable[array[int]]:
    rows: Ragged = getattr(hierarchy, name)
    return rows.starts, rows.values


def _bytes(values: array[int]) -> bytes:
    return array(_INT, values).tobytes()


def _array(section: bytes, *, swap: bool) -> array[int]:
    values = array(_INT)
    values.frombytes(section)
    if swap:
        values.byteswap()
    return values


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
