"""Ontologies imported under a name into a state."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from domain_adapt.base.errors import UsageError
from domain_adapt.ontology.importers.importer import Options
from domain_adapt.ontology.importers.packages import PACKAGED, package_files
from domain_adapt.ontology.importing import import_files
from domain_adapt.ontology.load import imported_path, ontology_names
from domain_adapt.ontology.ontology import Ontology

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


def import_named(sources: Sequence[str], *, name: str, state: Path, options: Options) -> Ontology:
    """Import files, folders or packaged ontologies and keep the result under a name.

    It takes the place of one imported under the same name before, whole or not at all.

    Args:
        sources: Paths, or names of packaged ontologies (``hpo``, ``icd10cm``).
        name: What recipes and commands will call it.
        state: Folder of the state that keeps it.
        options: What the files leave open.

    Raises:
        UsageError: The name is taken by a bundled or packaged one or is none, or a path does not
            exist.
        DataError: What is said in :func:`.importing.import_files`.
        DomainAdaptError: The state cannot be written.
    """
    if name in ontology_names():
        raise UsageError(
            "DA-ONTO-035",
            f"'{name}' is the name of a bundled ontology.",
            hint=f"Choose another name with --out, such as my_{name}.",
        )
    if not _NAME.fullmatch(name):
        raise UsageError(
            "DA-ONTO-036",
            f"'{name}' is no name for an ontology.",
            hint="Use small letters, digits, '_', '-' and '.', beginning with a letter or digit.",
        )
    paths = [path for source in sources for path in _paths(source)]
    return import_files(paths, name=name, options=options, out=imported_path(state, name))


def _paths(source: str) -> tuple[Path, ...]:
    path = Path(source).expanduser()
    if source in PACKAGED and not path.exists():
        return package_files(source)
    return (path,)
