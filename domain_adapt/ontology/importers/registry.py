"""Which formats there are, and which one a file is in. A new format is one module more here."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain_adapt.base.errors import DataError, UsageError
from domain_adapt.ontology.importers.importer import Importer, Options

_MODULES = ("rdf", "obo", "icd10cm", "table")
"""Each has an ``IMPORTER``; where several recognise a file, the first reads it."""

_BEGINNING = 4096
_DEFAULTS = Options()


@dataclass(frozen=True, slots=True)
class Batch:
    """Files of one format, to be read together."""

    importer: Importer
    paths: tuple[Path, ...]


def importers(options: Options = _DEFAULTS) -> tuple[Importer, ...]:
    """Return all importers, configured."""
    package = __name__.rpartition(".")[0]
    modules = (importlib.import_module(f"{package}.{name}") for name in _MODULES)
    return tuple(module.IMPORTER.configured(options) for module in modules)


def batches(paths: Sequence[Path], options: Options = _DEFAULTS) -> tuple[Batch, ...]:
    """Sort files, and the files below folders, by their format.

    Below a folder, files of no known format (licences, notes) are passed over.

    Raises:
        UsageError: A path does not exist.
        DataError: A named file is in no known format, or a folder holds none that is.
    """
    found: dict[str, tuple[Importer, list[Path]]] = {}
    for path in paths:
        for file, importer in _recognised(path, options):
            found.setdefault(importer.format, (importer, []))[1].append(file)
    return tuple(Batch(importer, tuple(files)) for importer, files in found.values())


def _recognised(path: Path, options: Options) -> list[tuple[Path, Importer]]:
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        known = [(file, importer) for file in files if (importer := importer_of(file, options))]
        if not known:
            raise _unknown(path, "holds no file")
        return known
    if not path.is_file():
        raise UsageError(
            "DA-ONTO-031",
            f"There is no file or folder '{path}'.",
            hint="Name files or folders of an ontology, or a packaged one: hpo, icd10cm.",
        )
    importer = importer_of(path, options)
    if importer is None:
        raise _unknown(path, "is not")
    return [(path, importer)]


def importer_of(path: Path, options: Options = _DEFAULTS) -> Importer | None:
    """Return the importer that reads a file, by its ending and its first bytes."""
    suffix = path.suffix.lower()
    fitting = [each for each in importers(options) if suffix in each.suffixes]
    if not fitting:
        return None
    with path.open("rb") as stream:
        beginning = stream.read(_BEGINNING)
    return next((each for each in fitting if each.recognises(path, beginning)), None)


def _unknown(path: Path, what: str) -> DataError:
    endings = sorted({suffix for each in importers() for suffix in each.suffixes})
    return DataError(
        "DA-ONTO-032",
        f"'{path}' {what} of a known ontology format.",
        hint=f"Known endings: {', '.join(endings)}; the content must be in their format too.",
    )
