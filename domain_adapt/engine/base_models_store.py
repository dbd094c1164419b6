"""Base models in the cache: whole or absent, with a record of where they came from.

One model is one folder ``<cache>/models/<slug>/``. It is built in a hidden folder beside it and
renamed into place, so a folder with a record is a model that was once complete.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from domain_adapt.base.assets import cache_root
from domain_adapt.base.errors import VerificationError
from domain_adapt.base.files import storage_errors, write_text
from domain_adapt.base.hashing import digest_file, digest_json

Source = Literal["built-in", "gguf", "folder", "hub"]

RECORD = "domain_adapt_model.json"
CONTENT_SUFFIXES = (".safetensors", ".json", ".jinja", ".model", ".tiktoken", ".txt")
"""What makes a model: weights, configuration, tokenizer. Read-mes and licences do not count."""

_BUILDING = ".building-"


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A base model that lies on this machine, ready to load.

    Attributes:
        name: The name that a recipe uses for it.
        path: Folder with config.json, safetensors and tokenizer.
        digest: SHA-256 over names and bytes of its weights, configuration and tokenizer files.
        licence: SPDX identifier, or ``unknown``.
        source: How it got here.
    """

    name: str
    path: Path
    digest: str
    licence: str
    source: Source


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of a stored model, as it was when the model was put into the cache."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """The record that lies in a stored model's folder.

    Attributes:
        origin: What it was made of, such as a pinned requirement or a revision, with digests.
    """

    name: str
    source: Source
    licence: str
    origin: tuple[str, ...]
    digest: str
    files: tuple[FileRecord, ...]

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(file.bytes for file in self.files)


def models_root() -> Path:
    """Return the folder of stored models; it may not exist yet."""
    return cache_root() / "models"


def content_files(folder: Path) -> tuple[Path, ...]:
    """Return the files that make the model in ``folder``, sorted by name."""
    return tuple(
        sorted(
            path
            for path in folder.iterdir()
            if path.suffix in CONTENT_SUFFIXES and path.name != RECORD and path.is_file()
        )
    )


def file_records(folder: Path) -> tuple[FileRecord, ...]:
    """Return size and digest of every file that makes the model in ``folder``."""
    return tuple(
        FileRecord(path.name, path.stat().st_size, digest_file(path))
        for path in content_files(folder)
    )


def content_digest(files: tuple[FileRecord, ...]) -> str:
    """Return the one digest of a model's files: what identifies the model."""
    return digest_json([[file.name, file.sha256] for file in files])


def write_record(
    folder: Path, *, name: str, source: Source, licence: str, origin: tuple[str, ...]
) -> ModelRecord:
    """Write the record of the complete model in ``folder`` and return it."""
    files = file_records(folder)
    record = ModelRecord(name, source, licence, origin, content_digest(files), files)
    write_text(folder / RECORD, json.dumps(asdict(record), indent=2) + "\n")
    return record


def read_record(folder: Path) -> ModelRecord | None:
    """Return the record of the stored model in ``folder``, or None where there is none."""
    try:
        value = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        files = tuple(FileRecord(**file) for file in value.pop("files"))
        origin = tuple(value.pop("origin"))
        return ModelRecord(**value, origin=origin, files=files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def stored(slug: str) -> BaseModel | None:
    """Return the stored model ``slug``, or None where it is not in the cache.

    Only sizes are compared here (a moment's work); ``is_verified`` compares digests.

    Raises:
        VerificationError: Files are missing or have another size than recorded.
    """
    folder = models_root() / slug
    record = read_record(folder)
    if record is None:
        return None
    for file in record.files:
        path = folder / file.name
        if not path.is_file() or path.stat().st_size != file.bytes:
            raise VerificationError(
                "DA-MODEL-012",
                f"The stored base model '{record.name}' is damaged: '{path}' is not as recorded.",
                hint=f"Delete the folder '{folder}' and get the model again.",
            )
    return BaseModel(record.name, folder, record.digest, record.licence, record.source)


def is_verified(slug: str) -> bool:
    """Whether the stored model ``slug`` is there and every byte is as recorded."""
    folder = models_root() / slug
    record = read_record(folder)
    return record is not None and file_records(folder) == record.files


@contextlib.contextmanager
def building(slug: str) -> Iterator[Path]:
    """Yield a scratch folder for building ``slug``; one process builds at a time.

    What killed processes left behind is swept first, which is safe because whoever is
    building holds the lock. The scratch folder is gone afterwards, whatever happens.
    """
    root = models_root()
    with storage_errors(root):
        root.mkdir(parents=True, exist_ok=True)
        with (root / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            sweep_leftovers()
            scratch = Path(tempfile.mkdtemp(dir=root, prefix=f"{_BUILDING}{slug}-"))
            try:
                yield scratch
            finally:
                shutil.rmtree(scratch, ignore_errors=True)


def sweep_leftovers() -> None:
    """Remove scratch folders of processes that were killed; call it only under the lock."""
    for leftover in models_root().glob(f"{_BUILDING}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def move_into_place(folder: Path, slug: str) -> None:
    """Put the complete model ``folder`` (on the same disk) at ``slug``, replacing a damaged one."""
    for path in folder.iterdir():
        path.chmod(0o644)  # the safetensors writer makes files for the owner only
        _sync(path)
    _sync(folder)
    target = models_root() / slug
    if target.exists():
        target.rename(Path(tempfile.mkdtemp(dir=folder.parent)) / "replaced")
    folder.rename(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
