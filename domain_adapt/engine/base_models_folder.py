"""A base model that a user has as a local folder."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path

import yaml

from domain_adapt.base.assets import cache_root
from domain_adapt.base.errors import DomainAdaptError, UsageError
from domain_adapt.base.files import write_text
from domain_adapt.base.hashing import digest_json
from domain_adapt.engine.base_models_store import (
    BaseModel,
    FileRecord,
    content_digest,
    content_files,
    file_records,
)

_PICKLED = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt")
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "*.tiktoken")


def folder_model(name: str, folder: Path) -> BaseModel:
    """Return the model that lies in ``folder``, with its content digest.

    Raises:
        UsageError: The folder lacks configuration, safetensors or tokenizer, or holds
            pickled weights only.
    """
    check_is_model(folder)
    return BaseModel(name, folder, folder_digest(folder), folder_licence(folder), "folder")


def check_is_model(folder: Path) -> None:
    """Refuse a folder that is no model, and say what is missing."""
    missing = []
    if not _is_configuration(folder / "config.json"):
        missing.append("a readable config.json")
    if not any(folder.glob("*.safetensors")):
        if any(path for pattern in _PICKLED for path in folder.glob(pattern)):
            raise _pickled(folder)
        missing.append("weights (*.safetensors)")
    if not any(path for pattern in _TOKENIZERS for path in folder.glob(pattern)):
        missing.append("a tokenizer (tokenizer.json)")
    if missing:
        raise UsageError(
            "DA-MODEL-002",
            f"The folder '{folder}' is no base model: it lacks {', '.join(missing)}.",
            hint="Name the folder that `save_pretrained` wrote, for model and tokenizer both.",
        )


def _is_configuration(path: Path) -> bool:
    try:
        return "model_type" in json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def _pickled(folder: Path) -> UsageError:
    return UsageError(
        "DA-MODEL-003",
        f"The folder '{folder}' has pickled weights only, and unpickling can run code.",
        hint="Save the model again as safetensors (`save_pretrained` does by default).",
    )


def folder_digest(folder: Path) -> str:
    """Return the content digest of a model folder; hashed anew only when a file has changed.

    It is remembered in the cache, because the user's folder may be read-only.
    """
    stamp = [
        [path.name, path.stat().st_size, path.stat().st_mtime_ns] for path in content_files(folder)
    ]
    memory = cache_root() / "digests" / f"{digest_json([str(folder.resolve()), stamp])}.json"
    with contextlib.suppress(OSError, ValueError, TypeError):
        remembered = tuple(FileRecord(**file) for file in json.loads(memory.read_text("utf-8")))
        return content_digest(remembered)
    records = file_records(folder)
    with contextlib.suppress(DomainAdaptError):  # without the memory it is only slower
        write_text(memory, json.dumps([asdict(record) for record in records]))
    return content_digest(records)


def folder_licence(folder: Path) -> str:
    """Return the licence that the model card's front matter names, else ``unknown``."""
    try:
        text = (folder / "README.md").read_text(encoding="utf-8")
        front = yaml.safe_load(text.split("---")[1]) if text.startswith("---") else None
    except (OSError, ValueError, IndexError, yaml.YAMLError):
        return "unknown"
    licence = front.get("license") if isinstance(front, dict) else None
    return licence if isinstance(licence, str) else "unknown"
