from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from domain_adapt.base.errors import DomainAdaptError, StateLockedError, UsageError
from domain_adapt.pipeline.locking import LOCK_FILE, state_lock

HOLDER = """
import sys, pathlib
from domain_adapt.pipeline.locking import state_lock
with state_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def start_holder(state: Path) -> subprocess.Popen[bytes]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    return holder


def end(holder: subprocess.Popen[bytes]) -> None:
    holder.communicate(timeout=20)


def test_a_state_in_use_names_the_process(tmp_path: Path) -> None:
    holder = start_holder(tmp_path)
    try:
        with pytest.raises(StateLockedError) as caught, state_lock(tmp_path):
            pass
    finally:
        end(holder)
    assert (caught.value.code, caught.value.exit_code) == ("DA-STATE-001", 8)
    assert f"process {holder.pid}," in caught.value.message
    assert str(tmp_path) in caught.value.message


def test_refusal_does_not_disturb_the_holder(tmp_path: Path) -> None:
    holder = start_holder(tmp_path)
    try:
        for _ in range(2):
            with pytest.raises(StateLockedError, match=str(holder.pid)), state_lock(tmp_path):
                pass
    finally:
        end(holder)
    assert holder.returncode == 0


def test_a_killed_process_frees_the_lock(tmp_path: Path) -> None:
    holder = start_holder(tmp_path)
    os.kill(holder.pid, signal.SIGKILL)
    end(holder)
    with state_lock(tmp_path):
        assert str(os.getpid()) in (tmp_path / LOCK_FILE).read_text()


def test_the_lock_is_free_after_the_block_and_after_an_error(tmp_path: Path) -> None:
    with state_lock(tmp_path):
        pass
    with pytest.raises(RuntimeError), state_lock(tmp_path):
        raise RuntimeError
    with state_lock(tmp_path):
        pass


def test_a_holder_that_has_not_written_its_name_yet(tmp_path: Path) -> None:
    with state_lock(tmp_path):
        (tmp_path / LOCK_FILE).write_text("")
        with pytest.raises(StateLockedError, match="another process"), state_lock(tmp_path):
            pass


def test_a_state_below_a_file_cannot_be_locked(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DomainAdaptError) as caught, state_lock(tmp_path / "file" / "state"):
        pass
    assert caught.value.code.startswith("DA-DISK-")


def test_a_state_that_is_a_file_cannot_be_locked(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError) as caught, state_lock(tmp_path / "file"):
        pass
    assert caught.value.code == "DA-STATE-002"
    assert (tmp_path / "file").read_text() == "mine"
