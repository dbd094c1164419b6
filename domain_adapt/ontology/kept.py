"""Compiled ontologies in the cache, under the digest of what was read and of the code that did."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

import domain_adapt
from domain_adapt.base.assets import cache_root
from domain_adapt.base.errors import DomainAdaptError, VerificationError
from domain_adapt.base.hashing import digest_file, digest_json, digest_tree
from domain_adapt.ontology.compiled import SUFFIX, read_compiled, write_compiled
from domain_adapt.ontology.ontology import Ontology, Packed
from domain_adapt.ontology.yaml_folder import load_folder


def kept_path(files: Iterable[Path], *how: str) -> Path:
    """Return where the ontology of some files is kept.

    Args:
        files: What is read; their names and bytes count, their folder does not.
        how: What else decides the result, such as options.
    """
    content = [[path.name, digest_file(path)] for path in files]
    package = Path(domain_adapt.__file__).parent
    code = [digest_tree(package / layer, "*.py") for layer in ("config", "ontology")]
    return cache_root() / "ontologies" / f"{digest_json([content, code, how])}{SUFFIX}"


def opened(path: Path) -> Ontology | None:
    """Return what is kept; None where nothing is, or where it is damaged: it is only a cache."""
    try:
        return read_compiled(path) if path.is_file() else None
    except (VerificationError, OSError):
        return None


def keep(ontology: Ontology, path: Path, packed: Packed | None = None) -> None:
    """Keep an ontology in the cache; a cache that cannot be written costs time and nothing else."""
    with contextlib.suppress(DomainAdaptError):
        write_compiled(ontology, path, packed=packed, durable=False)


def load_kept_folder(folder: Path) -> Ontology:
    """Return what :func:`load_folder` does, and keep it: checking takes longer than opening.

    Raises:
        DataError: Anything in it breaks a rule; the message lists all of it.
    """
    path = kept_path(sorted(folder.glob("*.yaml")), "folder")
    ontology = opened(path)
    if ontology is None:
        ontology = load_folder(folder)
        keep(ontology, path)
    return ontology
