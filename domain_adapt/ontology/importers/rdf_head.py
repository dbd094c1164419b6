"""What RDF files say of themselves: title, version, licence."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain_adapt.ontology.importers.rdf_entry import address, spoken
from domain_adapt.ontology.importers.rdf_graph import Graph
from domain_adapt.ontology.importers.rdf_names import DC, DCT, LABEL, OWL, SKOS
from domain_adapt.ontology.importers.text import spdx

_FILES = frozenset((f"{OWL}Ontology", f"{SKOS}ConceptScheme"))
_TITLES = (f"{DCT}title", f"{DC}title", LABEL, f"{SKOS}prefLabel")
_LICENCES = tuple(
    f"{space}{word}" for word in ("license", "licence", "rights") for space in (DCT, DC)
)
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d-?[01]\d-?[0-3]\d(?!\d)")
_LONGEST = 200
"""Characters of a licence whose name is not known; whole texts help nobody in a table."""


def headers(graph: Graph) -> list[str]:
    """Return the subjects that stand for the files themselves, in order."""
    return [s for s, kinds in graph.types.items() if not _FILES.isdisjoint(kinds)]


def titles(graph: Graph) -> dict[str, str]:
    """Return what each file calls itself, by file name."""
    found: dict[str, str] = {}
    for header in headers(graph):
        text = _first(graph, header, _TITLES)
        if text:
            found.setdefault(graph.origins[header], text)
    return found


def version(graph: Graph) -> str:
    """Return the version of the one file, or the latest date in those of many."""
    stated = dict.fromkeys(
        text
        for header in headers(graph)
        for name in ("versionInfo", "versionIRI")
        for value in graph.objects(header, f"{OWL}{name}")
        if (text := address(value) or spoken(value)[0])
    )
    dates = [date for text in stated for date in _DATE.findall(text)]
    if len(stated) == 1 and not dates:
        return next(iter(stated))
    return max(dates, key=lambda date: date.replace("-", ""), default=next(iter(stated), ""))


def licence(graph: Graph) -> str:
    """Return the licences that the files state, each once."""
    texts = (
        address(value) or spoken(value)[0]
        for header in headers(graph)
        for name in _LICENCES
        for value in graph.objects(header, name)
    )
    return " AND ".join(sorted({_short(text) for text in set(texts) if text}))


def _short(text: str) -> str:
    known = spdx(text)
    return known if len(known) <= _LONGEST else f"{known[: _LONGEST - 1]}…"


def _first(graph: Graph, subject: str, predicates: Iterable[str]) -> str:
    for predicate in predicates:
        for value in graph.objects(subject, predicate):
            text, _ = spoken(value)
            if text:
                return text
    return ""
