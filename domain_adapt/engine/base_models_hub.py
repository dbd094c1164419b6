"""Base models from the Hugging Face Hub: only with a pinned revision, only when allowed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from domain_adapt.base.assets import cache_root
from domain_adapt.base.errors import DomainAdaptError, Interrupted, UsageError
from domain_adapt.base.files import storage_error
from domain_adapt.engine.base_models_folder import check_is_model, folder_licence
from domain_adapt.engine.base_models_store import (
    BaseModel,
    building,
    move_into_place,
    stored,
    write_record,
)
from domain_adapt.engine.convert_quiet import quiet_transformers

_COMMIT = re.compile(r"[0-9a-f]{40}")
_WANTED = (
    "*.safetensors",
    "*.json",
    "*.jinja",
    "*.tiktoken",
    "tokenizer.model",
    "merges.txt",
    "vocab.txt",
    "README.md",
    "LICENSE*",
)
_NEVER = ("*.py", "*.bin", "*.pt", "*.pth", "*.pkl", "*/*")


def hub_model(name: str, *, revision: str | None, allow_download: bool) -> BaseModel:
    """Return the Hub model ``name`` at ``revision`` from the cache, downloading if allowed.

    Raises:
        UsageError: No revision or one that can move, or it is not in the cache and downloads
            are not allowed.
        DomainAdaptError: The download failed.
    """
    commit = _pinned(name, revision)
    slug = f"hub--{name.replace('/', '--')}--{commit}"
    model = stored(slug)
    if model is not None:
        return model
    if not allow_download:
        raise UsageError(
            "DA-MODEL-006",
            f"'{name}' at revision {commit} is not in the cache and may not be downloaded.",
            hint="Add --allow-download to fetch it once; later runs need no network.",
        )
    return _download(name, commit, slug)


def _pinned(name: str, revision: str | None) -> str:
    if revision is not None and _COMMIT.fullmatch(revision):
        return revision
    given = "has no revision" if revision is None else f"has the revision '{revision}'"
    raise UsageError(
        "DA-MODEL-005",
        f"The Hub model '{name}' {given}; branches and tags can move.",
        hint="Pin the commit: set the model's revision to the 40 hexadecimal digits of it.",
    )


def _download(name: str, commit: str, slug: str) -> BaseModel:
    """Download into ``<cache>/partial`` (which a later try goes on from), then move into place."""
    partial = cache_root() / "partial" / slug
    try:
        with building(slug):
            _snapshot(name, commit, partial)
            check_is_model(partial)
            write_record(
                partial,
                name=name,
                source="hub",
                licence=folder_licence(partial),
                origin=(name, f"revision {commit}"),
            )
            move_into_place(partial, slug)
    except KeyboardInterrupt as error:
        raise Interrupted(
            "DA-MODEL-018",
            f"Downloading '{name}' was interrupted; no half-written model is in the cache.",
            hint="Run the same command again; it goes on where it stopped.",
        ) from error
    model = stored(slug)
    if model is None:
        raise _download_error(name, RuntimeError("nothing arrived"))
    return model


def _snapshot(name: str, commit: str, folder: Path) -> None:
    from huggingface_hub import snapshot_download

    try:
        with quiet_transformers():
            snapshot_download(
                name,
                revision=commit,
                local_dir=folder,
                allow_patterns=list(_WANTED),
                ignore_patterns=list(_NEVER),
            )
    except OSError as error:
        if error.errno is not None and error.errno == 28:
            raise storage_error(error, folder) from error
        raise _download_error(name, error) from error
    except Exception as error:  # the client's own classes differ between its versions
        raise _download_error(name, error) from error
    shutil.rmtree(folder / ".cache", ignore_errors=True)


def _download_error(name: str, error: Exception) -> DomainAdaptError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return DomainAdaptError(
        "DA-MODEL-007",
        f"'{name}' could not be downloaded: {reason}.",
        hint="Check name, revision and network, or name a local folder instead.",
    )
