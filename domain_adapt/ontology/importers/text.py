"""What the readers of text formats share: UTF-8 with a line number, errors, languages, licences."""

from __future__ import annotations

import re
from pathlib import Path

from domain_adapt.base.errors import DataError

_HAN = re.compile(r"[\u3400-\u9fff]")
_LICENCES = (
    (re.compile(r"publicdomain/zero/1\.0|\bCC0\b", re.IGNORECASE), "CC0-1.0"),
    (re.compile(r"licenses/by/(\d\.\d)"), r"CC-BY-{}"),
    (re.compile(r"licenses/by-sa/(\d\.\d)"), r"CC-BY-SA-{}"),
    (re.compile(r"licenses/by-nc/(\d\.\d)"), r"CC-BY-NC-{}"),
    (re.compile(r"licenses/by-nd/(\d\.\d)"), r"CC-BY-ND-{}"),
    (re.compile(r"apache\.org/licenses/LICENSE-2\.0"), "Apache-2.0"),
    (re.compile(r"opensource\.org/licen[sc]es?/MIT", re.IGNORECASE), "MIT"),
)


def malformed(code: str, file: str, line: int, reason: str, *, hint: str = "") -> DataError:
    """Return the error for a malformed file; nothing of it has been kept."""
    return DataError(
        code,
        f"{file}:{line}: {reason}",
        hint=hint or "Correct the file and import it again; nothing was imported.",
    )


def read_utf8(path: Path) -> str:
    """Return a file's text, a byte order mark taken off.

    Raises:
        DataError: It cannot be read, or is not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(
            "DA-ONTO-069",
            f"'{path}' cannot be read: {error.strerror}.",
            hint="Check the path and its permissions.",
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        reason = f"the byte {raw[error.start]:#04x} is not UTF-8 text."
        raise malformed(
            "DA-ONTO-052", path.name, line, reason, hint="Save the file as UTF-8."
        ) from error


def language_of(text: str) -> str:
    """Return ``zh`` for a name with Chinese characters, else ``en``."""
    return "en" if text.isascii() or not _HAN.search(text) else "zh"


def spdx(words: str) -> str:
    """Return the SPDX id of a licence that is known by its address, else the words themselves."""
    for pattern, name in _LICENCES:
        if found := pattern.search(words):
            return name.format(*found.groups())
    return words
