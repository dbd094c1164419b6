"""The state on disk: runs in progress, finished versions, and the registry of both.

``runs/<version>/`` is work in progress, ``versions/<version>/`` is finished and never written
again. A run becomes a version by one rename; the registry row follows, and a crash between the
two is healed the next time the state is opened.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from domain_adapt.base.errors import DomainAdaptError, UsageError, VerificationError
from domain_adapt.base.files import storage_errors, write_text
from domain_adapt.base.hashing import canonical_json, digest_file
from domain_adapt.base.suggest import did_you_mean
from domain_adapt.pipeline.locking import refuse_file
from domain_adapt.pipeline.state_registry import create_or_check, transaction

SEAL = "version.json"
"""File in a version's folder that says what it is; the registry row can be made from it."""

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def default_state() -> Path:
    """Return ``$DOMAIN_ADAPT_STATE``, else ``adapt_state/`` in the working directory."""
    return Path(os.environ.get("DOMAIN_ADAPT_STATE") or "adapt_state")


@dataclass(frozen=True, slots=True)
class Seal:
    """What a finished version says about itself."""

    version: str
    pack: str
    preset: str
    created: str


@dataclass(frozen=True, slots=True)
class State:
    """An opened state folder. It holds no connection, so threads and forks may share it."""

    path: Path

    @classmethod
    def open(cls, path: Path) -> State:
        """Open the state at ``path``, creating it where absent and healing it after a crash.

        Raises:
            UsageError: ``path`` is a file.
            VerificationError: The registry is damaged; it is left as it is.
            DomainAdaptError: It cannot be written, or a newer release made it.
        """
        refuse_file(path)
        with storage_errors(path):
            for folder in (path, path / "runs", path / "versions"):
                folder.mkdir(parents=True, exist_ok=True)
        state = cls(path.resolve())
        create_or_check(state.registry)
        state._heal()
        return state

    @property
    def registry(self) -> Path:
        """The SQLite file with versions, events and aliases."""
        return self.path / "registry.db"

    def run_dir(self, version: str) -> Path:
        """Return the folder of a run in progress; created where absent."""
        folder = self.path / "runs" / _checked(version)
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def version_dir(self, version: str) -> Path:
        """Return where the finished version lies or will lie."""
        return self.path / "versions" / _checked(version)

    def publish(self, version: str, *, pack: str, preset: str) -> Path:
        """Make the run ``version`` a finished version, and the pack's latest.

        Everything is on the disk before the rename, so what is under ``versions/`` is whole.

        Returns:
            The version's folder.

        Raises:
            DomainAdaptError: There is no such run, the version exists already, or the disk
                is full; the run and all versions stay as they were.
        """
        source, target = self.path / "runs" / _checked(version), self.version_dir(version)
        if not source.is_dir() or target.exists():
            raise _publish_error(version, source, target)
        seal = Seal(version, pack, preset, datetime.now(UTC).isoformat(timespec="microseconds"))
        write_text(source / SEAL, json.dumps(asdict(seal), indent=2) + "\n")
        with storage_errors(target):
            _sync_tree(source)
            source.rename(target)
            _sync(target.parent)
            _sync(source.parent)
        self._register(seal, kind="published")
        return target

    def completed(self, version: str) -> Path | None:
        """Return the folder of the finished version, or None where it has yet to be made."""
        with transaction(self.registry) as database:
            row = database.execute("SELECT 1 FROM versions WHERE id = ?", (version,)).fetchone()
        return self.version_dir(version) if row and self.version_dir(version).is_dir() else None

    def latest(self, pack: str) -> str | None:
        """Return the id of the pack's newest finished version, or None where there is none."""
        return self._aliases().get(f"{pack}@latest")

    def resolve_version(self, name: str) -> Path:
        """Return the folder of the version that ``name`` means.

        Args:
            name: A version id, the beginning of one, or an alias such as ``finance@latest``.

        Raises:
            UsageError: Nothing or more than one thing has that name.
            VerificationError: The version is known but its folder is gone.
        """
        aliases, known = self._aliases(), self.versions()
        version = aliases.get(name, name)
        matches = [version] if version in known else [v for v in known if v.startswith(version)]
        if len(matches) != 1 or not name:
            raise _name_error(name, matches, [*known, *aliases])
        folder = self.version_dir(matches[0])
        if folder.is_dir():
            return folder
        raise VerificationError(
            "DA-STATE-009",
            f"Version '{matches[0]}' is in the registry, but '{folder}' is gone.",
            hint="Bring the folder back from a backup, or run the same recipe again.",
        )

    def versions(self) -> tuple[str, ...]:
        """Return the ids of all finished versions, oldest first."""
        with transaction(self.registry) as database:
            rows = database.execute("SELECT id FROM versions ORDER BY created, rowid").fetchall()
        return tuple(row[0] for row in rows)

    def record(self, kind: str, version: str | None, **detail: str | int | float | None) -> None:
        """Append an event; events are never changed or removed."""
        with transaction(self.registry) as database:
            _append_event(database, kind, version, detail)

    def _aliases(self) -> dict[str, str]:
        with transaction(self.registry) as database:
            return dict(database.execute("SELECT name, version FROM aliases").fetchall())

    def _register(self, seal: Seal, *, kind: str) -> None:
        """Write row, alias and event of a version that lies in place, in one transaction."""
        digests = _digests(self.version_dir(seal.version))
        row = (*asdict(seal).values(), "completed", canonical_json(digests))
        with transaction(self.registry) as database:
            database.execute(
                "INSERT INTO versions (id, pack, preset, created, status, digests)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                " pack = excluded.pack, preset = excluded.preset, created = excluded.created,"
                " status = excluded.status, digests = excluded.digests",
                row,
            )
            # The newest by date, not by this call: healing may come after a later version.
            database.execute(
                "INSERT OR REPLACE INTO aliases (name, version) SELECT pack || '@latest', id"
                " FROM versions WHERE pack = ? ORDER BY created DESC, rowid DESC LIMIT 1",
                (seal.pack,),
            )
            _append_event(database, kind, seal.version, {"pack": seal.pack, "preset": seal.preset})

    def _heal(self) -> None:
        """Register finished versions whose process died before it could do so."""
        known = set(self.versions())
        for folder in sorted((self.path / "versions").iterdir()):
            seal = _read_seal(folder)
            if seal is not None and seal.version not in known:
                self._register(seal, kind="healed")


def _append_event(
    database: sqlite3.Connection,
    kind: str,
    version: str | None,
    detail: Mapping[str, str | int | float | None],
) -> None:
    database.execute(
        "INSERT INTO events (time, kind, version, detail) VALUES (?, ?, ?, ?)",
        (
            datetime.now(UTC).isoformat(timespec="seconds"),
            kind,
            version,
            canonical_json(dict(detail)),
        ),
    )


def _checked(version: str) -> str:
    if not _VERSION.fullmatch(version):
        raise ValueError(f"not a version id: {version!r}")
    return version


def _read_seal(folder: Path) -> Seal | None:
    """Return the seal of a version folder; None for anything else that lies there."""
    try:
        seal = Seal(**json.loads((folder / SEAL).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return seal if seal.version == folder.name else None


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): digest_file(path) for path in files}


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _publish_error(version: str, source: Path, target: Path) -> DomainAdaptError:
    if target.exists():
        return DomainAdaptError(
            "DA-STATE-006",
            f"Version '{version}' is finished already: '{target}' is never overwritten.",
            hint="Use it as it is, or change the recipe to make another version.",
        )
    return DomainAdaptError(
        "DA-STATE-005",
        f"There is no run '{version}' to finish: '{source}' does not exist.",
        hint="Run the recipe again from its beginning.",
    )


def _name_error(name: str, matches: list[str], known: list[str]) -> UsageError:
    if len(matches) > 1:
        return UsageError(
            "DA-STATE-008",
            f"'{name}' is the beginning of {len(matches)} versions: {', '.join(matches[:4])}.",
            hint="Give more characters of the version id.",
        )
    return UsageError(
        "DA-STATE-007",
        f"No version or alias is called '{name}'.",
        hint=did_you_mean(name, known),
    )
