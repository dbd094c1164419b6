"""Files of other people's ontologies as one ontology."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from domain_adapt.base.errors import DataError
from domain_adapt.base.files import atomic_path
from domain_adapt.base.memory import collection_paused
from domain_adapt.ontology.compiled import write_compiled
from domain_adapt.ontology.concept import Concept
from domain_adapt.ontology.importers.importer import Imported, Options
from domain_adapt.ontology.importers.registry import Batch, batches
from domain_adapt.ontology.kept import keep, kept_path, opened
from domain_adapt.ontology.ontology import Head, Ontology, Packed, build_packed
from domain_adapt.ontology.rules import Rule


def import_files(
    paths: Sequence[Path],
    *,
    name: str,
    options: Options | None = None,
    out: Path | None = None,
    use_cache: bool = True,
) -> Ontology:
    """Read files and folders as one ontology.

    The result is kept in the cache under the digest of all bytes that were read and of the code
    that read them, so a second call only opens it.

    Args:
        paths: Files and folders, in any mix of the known formats.
        name: What the ontology will be called.
        options: What the files leave open.
        out: File to write the compiled ontology to as well, whole or not at all.
        use_cache: Whether to look in the cache, and to keep the result there.

    Raises:
        UsageError: A path does not exist.
        DataError: A file is in no known format or malformed, two files say different things of
            one id, or nothing is in them.
        DomainAdaptError: ``out`` cannot be written.
    """
    found = batches(paths, options or Options())
    readers = repr([(batch.importer, len(batch.paths)) for batch in found])
    kept = kept_path((path for batch in found for path in batch.paths), name, readers)
    if use_cache and (ontology := opened(kept)):
        if out is not None:
            with atomic_path(out) as temporary:
                shutil.copyfile(kept, temporary)
        return ontology
    with collection_paused():
        ontology, packed = _merged(found, name)
        if use_cache:
            keep(ontology, kept, packed)
        if out is not None:
            write_compiled(ontology, out, packed=packed)
    return ontology


def _merged(found: Sequence[Batch], name: str) -> tuple[Ontology, Packed]:
    parts = [batch.importer.read(batch.paths) for batch in found]
    concepts = _unique(concept for part in parts for concept in part.concepts)
    if not concepts:
        raise DataError(
            "DA-ONTO-034",
            f"No concept in {', '.join(str(path) for batch in found for path in batch.paths[:3])}.",
            hint="Name the files that hold the ontology's terms.",
        )
    rules: list[Rule] = [rule for part in parts for rule in part.rules]
    return build_packed(_head(parts, name, found), concepts, rules)


def _unique(concepts: Iterable[Concept]) -> list[Concept]:
    """Return concepts of unique ids: where two formats tell of one id, they must agree."""
    first: dict[str, Concept] = {}
    for concept in concepts:
        known = first.setdefault(concept.id, concept)
        if known is not concept and known != concept:
            raise DataError(
                "DA-ONTO-033",
                f"'{concept.id}' is in {known.origin or 'one file'} and, with other content, in "
                f"{concept.origin or 'another'}.",
                hint="Import them under two names, or leave one of the files out.",
            )
    return list(first.values())


def _head(parts: Sequence[Imported], name: str, found: Sequence[Batch]) -> Head:
    def said(values: Iterable[str]) -> str:
        return "; ".join(dict.fromkeys(value for value in values if value))

    return Head(
        name=name,
        title=said(part.title for part in parts) or name,
        prefix="",
        version=said(part.version for part in parts),
        licence=said(part.licence for part in parts),
        sources=tuple(sorted({path.name for batch in found for path in batch.paths})),
        predicates=tuple(each for part in parts for each in part.predicates),
    )
