"""Digests of content: the identity of plans, models, suites and reports."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def canonical_json(value: Any) -> str:
    """Return one fixed JSON text for ``value``: sorted keys, no spaces, no NaN."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest_json(value: Any) -> str:
    """Return the SHA-256 (hex) of the canonical JSON of ``value``."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def digest_file(path: Path) -> str:
    """Return the SHA-256 (hex) of a file's bytes, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest_tree(root: Path, pattern: str) -> str:
    """Return one digest over all files below ``root`` that match ``pattern`` (names included)."""
    names = sorted(path for path in root.rglob(pattern) if path.is_file())
    return digest_json([[path.relative_to(root).as_posix(), digest_file(path)] for path in names])
