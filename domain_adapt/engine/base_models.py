"""Base models by name: built in, a GGUF file, a local folder, or pinned on the Hub.

Nothing here imports torch, and nothing touches the network unless the caller allows it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from domain_adapt.base.errors import UsageError
from domain_adapt.base.hashing import digest_file
from domain_adapt.base.suggest import did_you_mean
from domain_adapt.engine.base_models_catalogue import BUILT_INS
from domain_adapt.engine.base_models_folder import folder_digest, folder_model
from domain_adapt.engine.base_models_hub import hub_model
from domain_adapt.engine.base_models_store import (
    BaseModel,
    Source,
    building,
    content_files,
    models_root,
    move_into_place,
    read_record,
    stored,
    write_record,
)
from domain_adapt.engine.convert import check_is_gguf, convert_gguf
from domain_adapt.engine.fetch import fetch

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One base model as ``models list`` shows it.

    Attributes:
        fetched: Whether it lies in the cache, whole.
        bytes: Size on disk; None where it is not fetched.
        digest: Content digest; None where it is not fetched.
        path: Its folder; None where it is not fetched.
    """

    name: str
    source: Source
    licence: str
    fetched: bool
    bytes: int | None
    digest: str | None
    path: Path | None


def resolve(name: str, *, revision: str | None = None, allow_download: bool = False) -> BaseModel:
    """Return the base model that ``name`` means, ready to load from its folder.

    Args:
        name: A built-in short name, a path to a GGUF file, a local folder, or ``org/name``.
        revision: Commit (40 hexadecimal digits) of a Hub model; needed for those only.
        allow_download: Whether a Hub model may be downloaded.

    Raises:
        UsageError: The name is unknown, not fetched, or is no model.
        VerificationError: The model in the cache is damaged.
        DomainAdaptError: A conversion or download failed.
    """
    if name in BUILT_INS:
        return _built_in(name)
    path = Path(name).expanduser()
    if path.suffix.lower() == ".gguf":
        return _gguf_model(name, path)
    if revision is None and path.is_dir():
        return folder_model(name, path.resolve())
    if _HUB_NAME.fullmatch(name) and not path.is_file():
        return hub_model(name, revision=revision, allow_download=allow_download)
    if os.sep in name or path.exists():
        raise _missing_path(name)
    raise UsageError(
        "DA-MODEL-001",
        f"No base model is called '{name}'.",
        hint=did_you_mean(name, BUILT_INS),
    )


def _built_in(name: str) -> BaseModel:
    model = stored(name)
    if model is not None:
        return model
    raise UsageError(
        "DA-MODEL-004",
        f"The base model '{name}' is not in the cache ('{models_root()}').",
        hint=f"Run `domain-adapt models fetch {name}` once; later runs need no network.",
    )


def _missing_path(name: str) -> UsageError:
    return UsageError(
        "DA-MODEL-016",
        f"'{name}' is neither a folder with a model nor a GGUF file.",
        hint="Name a folder with config.json and safetensors, a file *.gguf, or a built-in: "
        f"{', '.join(sorted(BUILT_INS))}.",
    )


def _gguf_model(name: str, path: Path) -> BaseModel:
    """Return the converted form of a GGUF file; converted once, known by its digest."""
    if not path.is_file():
        raise _missing_path(name)
    check_is_gguf(path)
    sha256 = digest_file(path)
    slug = f"gguf--{sha256}"
    model = stored(slug)
    if model is None:
        with building(slug) as scratch:
            converted = scratch / "converted"
            facts = convert_gguf(path.resolve(), converted)
            write_record(
                converted,
                name=path.name,
                source="gguf",
                licence=facts.licence,
                origin=(f"{path.name} sha256 {sha256}",),
            )
            move_into_place(converted, slug)
        return _gguf_model(name, path)
    return model


def list_models() -> tuple[ModelStatus, ...]:
    """Return the built-in base models and all that is in the cache, sorted by name."""
    root = models_root()
    found = [_status(path) for path in root.iterdir() if path.is_dir()] if root.is_dir() else []
    listed = [status for status in found if status is not None]
    there = {status.name for status in listed if status.source == "built-in"}
    absent = [
        ModelStatus(model.name, "built-in", model.licence, False, None, None, None)
        for model in BUILT_INS.values()
        if model.name not in there
    ]
    return tuple(sorted([*listed, *absent], key=lambda status: (status.source, status.name)))


def model_status(model: BaseModel) -> ModelStatus:
    """Return how ``models list`` shows a model that is on this machine."""
    size = sum(path.stat().st_size for path in content_files(model.path))
    return ModelStatus(
        model.name, model.source, model.licence, True, size, model.digest, model.path
    )


def _status(folder: Path) -> ModelStatus | None:
    record = read_record(folder)
    if record is None or folder.name.startswith("."):
        return None
    whole = all(
        (folder / file.name).is_file() and (folder / file.name).stat().st_size == file.bytes
        for file in record.files
    )
    return ModelStatus(
        record.name, record.source, record.licence, whole, record.bytes, record.digest, folder
    )


__all__ = [
    "BaseModel",
    "ModelStatus",
    "fetch",
    "folder_digest",
    "list_models",
    "model_status",
    "resolve",
]
