from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from domain_adapt.base.errors import DomainAdaptError, UsageError, VerificationError
from domain_adapt.base.hashing import digest_tree
from domain_adapt.pipeline.state import SEAL, State

KILLED_BETWEEN_RENAME_AND_ROW = """
import os, signal, sys, pathlib
from domain_adapt.pipeline.state import State
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
state = State.open(pathlib.Path(sys.argv[1]))
(state.run_dir("bbb") / "adapter.safetensors").write_bytes(b"weights")
State._register = die
state.publish("bbb", pack="finance", preset="default")
"""

PUBLISH = """
import sys, pathlib
from domain_adapt.pipeline.state import State
for version in sys.argv[2:]:
    state = State.open(pathlib.Path(sys.argv[1]))
    (state.run_dir(version) / "adapter.safetensors").write_bytes(b"weights")
    state.publish(version, pack="finance", preset="default")
"""

FILES_CANNOT_GROW = """
import resource, signal, sys, pathlib
from domain_adapt.base.errors import DomainAdaptError
from domain_adapt.pipeline.state import State
state = State.open(pathlib.Path(sys.argv[1]))
run = state.run_dir("bbb")
(run / "adapter.safetensors").write_bytes(b"weights")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
try:
    state.publish("bbb", pack="finance", preset="default")
except DomainAdaptError as error:
    print(error.code)
try:
    state.record("kind", "bbb", words="x" * 100)
except DomainAdaptError as error:
    print(error.code)
"""

FULL_DISK = """
import contextlib, sys, pathlib
from domain_adapt.base.errors import DomainAdaptError
from domain_adapt.pipeline.state import State
state = State.open(pathlib.Path(sys.argv[1]))
run = state.run_dir("bbb")
with contextlib.suppress(OSError):
    (run / "filler").write_bytes(b"x" * 400_000)
for attempt in (
    lambda: [state.record("kind", "bbb", words="x" * 1000) for _ in range(200)],
    lambda: state.publish("bbb", pack="finance", preset="tiny"),
):
    try:
        attempt()
    except DomainAdaptError as error:
        print(error.code)
(run / "filler").unlink()
print(State.open(state.path).versions())
"""


def run_python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State.open(tmp_path / "state")
    (state.run_dir("aaa") / "adapter.safetensors").write_bytes(b"first")
    state.publish("aaa", pack="finance", preset="tiny")
    return state


def kinds(state: State) -> list[str]:
    with closing(sqlite3.connect(state.registry)) as database:
        return [row[0] for row in database.execute("SELECT kind FROM events ORDER BY seq")]


def test_a_process_killed_between_rename_and_row_is_healed(state: State) -> None:
    died = run_python(KILLED_BETWEEN_RENAME_AND_ROW, str(state.path))
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert state.version_dir("bbb").is_dir()
    assert state.completed("bbb") is None

    healed = State.open(state.path)

    assert healed.completed("bbb") == state.version_dir("bbb")
    assert healed.latest("finance") == "bbb"
    assert kinds(healed) == ["published", "healed"]
    assert State.open(state.path).versions() == ("aaa", "bbb")


def test_healing_an_old_version_does_not_make_it_the_latest(state: State) -> None:
    run_python(KILLED_BETWEEN_RENAME_AND_ROW, str(state.path))
    (state.run_dir("ccc") / "adapter.safetensors").write_bytes(b"third")
    state.publish("ccc", pack="finance", preset="tiny")
    assert State.open(state.path).latest("finance") == "ccc"


def test_a_process_killed_before_the_rename_leaves_a_run(state: State) -> None:
    program = KILLED_BETWEEN_RENAME_AND_ROW.replace("State._register", "pathlib.Path.rename")
    assert run_python(program, str(state.path)).returncode == -signal.SIGKILL
    opened = State.open(state.path)
    assert opened.versions() == ("aaa",)
    assert opened.publish("bbb", pack="finance", preset="tiny") == opened.completed("bbb")


def test_a_lost_registry_is_made_again_from_the_folders(state: State) -> None:
    for path in state.path.glob("registry.db*"):
        path.unlink()
    assert State.open(state.path).latest("finance") == "aaa"


@pytest.mark.parametrize("seal", ["", "[]", "{}", '{"version": "other"}', None])
def test_folders_that_are_no_versions_are_left_alone(state: State, seal: str | None) -> None:
    stray = state.path / "versions" / "stray"
    stray.mkdir()
    if seal is not None:
        (stray / SEAL).write_text(seal)
    assert State.open(state.path).versions() == ("aaa",)
    assert stray.is_dir()


def test_two_processes_open_and_publish_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new"
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", PUBLISH, str(path), *(f"{letter}{i}" for i in range(5))],
            stderr=subprocess.PIPE,
        )
        for letter in "ab"
    ]
    for program in programs:
        _, errors = program.communicate(timeout=60)
        assert program.returncode == 0, errors
    expected = {f"{letter}{i}" for letter in "ab" for i in range(5)}
    assert set(State.open(path).versions()) == expected


@pytest.mark.parametrize("damage", ["text", "middle", "cut", "other"])
def test_a_damaged_registry_is_refused_and_left_as_it_is(state: State, damage: str) -> None:
    registry = state.registry
    with closing(sqlite3.connect(registry)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = registry.read_bytes()
    broken = {
        "text": b"this is no database at all, it only has its name " * 20,
        "middle": content[:4096] + b"\xff" * 4096 + content[8192:],
        "cut": content[: len(content) // 2 + 10],
        "other": content,
    }[damage]
    registry.write_bytes(broken)
    if damage == "other":
        with closing(sqlite3.connect(registry)) as database:
            database.execute("PRAGMA user_version = 0")
        broken = registry.read_bytes()
    versions = digest_tree(state.path / "versions", "*")

    with pytest.raises(VerificationError, match="backup") as caught:
        State.open(state.path)

    assert (caught.value.code, caught.value.exit_code) == ("DA-STATE-003", 7)
    assert str(registry) in caught.value.message
    assert registry.read_bytes() == broken
    assert digest_tree(state.path / "versions", "*") == versions


def test_a_registry_of_a_newer_release_is_refused(state: State) -> None:
    with closing(sqlite3.connect(state.registry)) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(DomainAdaptError, match="schema 99") as caught:
        State.open(state.path)
    assert caught.value.code == "DA-STATE-004"


def test_a_state_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("mine")
    with pytest.raises(UsageError) as caught:
        State.open(tmp_path / "state")
    assert caught.value.code == "DA-STATE-002"
    assert (tmp_path / "state").read_text() == "mine"


def test_a_state_below_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DomainAdaptError) as caught:
        State.open(tmp_path / "file" / "state")
    assert caught.value.code == "DA-DISK-003"


def test_a_state_without_write_permission(tmp_path: Path) -> None:
    program = (
        "import os, sys, pathlib\n"
        "from domain_adapt.base.errors import DomainAdaptError\n"
        "from domain_adapt.pipeline.state import State\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "try: State.open(pathlib.Path(sys.argv[1]))\n"
        "except DomainAdaptError as error: print(error.code)\n"
    )
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    shown = run_python(program, str(closed / "state"))
    assert shown.stdout.strip() == "DA-DISK-002", shown.stderr


def test_writing_that_fails_leaves_run_and_versions_as_they_were(state: State) -> None:
    versions = digest_tree(state.path / "versions", "*")
    shown = run_python(FILES_CANNOT_GROW, str(state.path))
    assert shown.stdout.split() == ["DA-DISK-003", "DA-DISK-003"], shown.stderr
    assert digest_tree(state.path / "versions", "*") == versions
    opened = State.open(state.path)
    assert opened.versions() == ("aaa",)
    assert (opened.run_dir("bbb") / "adapter.safetensors").read_bytes() == b"weights"


def test_a_full_disk(tmp_path: Path) -> None:
    # The small disk is mounted in a namespace of its own, which ends with the process.
    mount = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        'mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@"',
    ]
    if shutil.which("unshare") is None:
        pytest.skip("mounting a small disk needs unshare")
    probe = subprocess.run([*mount, str(tmp_path), "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"mounting is not permitted here: {probe.stderr.decode().strip()}")
    shown = subprocess.run(
        [*mount, str(tmp_path), sys.executable, "-c", FULL_DISK, str(tmp_path / "state")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert shown.stdout.split() == ["DA-DISK-001", "DA-DISK-001", "()"], shown.stderr
