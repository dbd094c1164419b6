"""Finding an ontology by its name or path: bundled, imported, packaged, or files of one's own."""

from __future__ import annotations

from pathlib import Path

from domain_adapt.base.assets import assets_root
from domain_adapt.base.errors import UsageError
from domain_adapt.base.suggest import did_you_mean
from domain_adapt.ontology.compiled import SUFFIX, read_compiled
from domain_adapt.ontology.kept import load_kept_folder
from domain_adapt.ontology.ontology import Ontology
from domain_adapt.ontology.yaml_folder import HEAD_FILE

IMPORTED = "ontologies"
"""Folder of a state that holds what ``ontology import`` made."""


def load_ontology(name_or_path: str, *, state: Path | None = None) -> Ontology:
    """Load an ontology.

    Args:
        name_or_path: Name of a bundled ontology, of one imported into ``state``, or of one that
            an installed package brings; or a path: a folder with ``ontology.yaml`` and branch
            files, or a file or folder in any format that can be imported.
        state: Folder of the state in which imported names are looked for.

    Raises:
        UsageError: There is no such ontology.
        DataError: Anything in it breaks a rule.
        VerificationError: An imported one is damaged.
    """
    if is_path(name_or_path):
        return _at(Path(name_or_path).expanduser())
    if name_or_path in ontology_names():
        return load_kept_folder(assets_root() / "ontologies" / name_or_path)
    if state is not None and name_or_path in imported_names(state):
        return read_compiled(imported_path(state, name_or_path))
    from domain_adapt.ontology.importers.packages import PACKAGED, package_files
    from domain_adapt.ontology.importing import import_files

    if name_or_path in PACKAGED:
        return import_files(package_files(name_or_path), name=name_or_path)
    known = (*ontology_names(), *(imported_names(state) if state else ()), *PACKAGED)
    raise UsageError(
        "DA-ONTO-020",
        f"There is no ontology '{name_or_path}'.",
        hint=f"{did_you_mean(name_or_path, known)} A file or folder of your own is written "
        f"with a slash: ./{name_or_path}",
    )


def ontology_names() -> tuple[str, ...]:
    """Return the names of the bundled ontologies, sorted."""
    found = (assets_root() / "ontologies").glob(f"*/{HEAD_FILE}")
    return tuple(sorted(path.parent.name for path in found))


def imported_names(state: Path) -> tuple[str, ...]:
    """Return the names of the ontologies that were imported into a state, sorted."""
    return tuple(sorted(path.stem for path in (state / IMPORTED).glob(f"*{SUFFIX}")))


def imported_path(state: Path, name: str) -> Path:
    """Return the file of an imported ontology."""
    return state / IMPORTED / f"{name}{SUFFIX}"


def is_path(name: str) -> bool:
    """Say whether an ontology is named by its path: with a slash, or a file that is there."""
    return "/" in name or "\\" in name or name in (".", "..") or Path(name).is_file()


def _at(path: Path) -> Ontology:
    if path.is_dir() and any(path.glob("*.yaml")):  # ours; it says so where the head is missing
        return load_kept_folder(path)
    if not path.exists():
        raise UsageError(
            "DA-ONTO-021",
            f"There is no file or folder '{path}'.",
            hint="Name a folder with an ontology.yaml, or a file or folder that can be imported.",
        )
    if path.suffix == SUFFIX:
        return read_compiled(path)
    from domain_adapt.ontology.importing import import_files

    return import_files([path], name=path.stem)
