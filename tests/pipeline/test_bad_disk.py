"""Disks that fail under a run: a coded answer, nothing in the state lost, and the run goes on."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pipeline_helpers import CHECKOUT, SMALL, Workplace, contents, enter, make_workplace, one_thread

from domain_adapt.cli.main import main
from domain_adapt.engine.base_models import BaseModel
from domain_adapt.pipeline.state import State

RUN = ["run", "finance", *SMALL, "seed=7", "--yes", "--format", "json", "--state"]

SMALL_DISK = """
mount -t tmpfs -o size="$1" tmpfs small
cp -a state small/state
shift
"$@" small/state
code=$?
diff -r state/versions small/state/versions >&2 || echo "A FINISHED VERSION CHANGED" >&2
exit $code
"""
"""Runs the command on a disk of a given size that holds the state already; in a namespace of its
own, which ends with the process."""


@pytest.fixture
def kept(tiny_model: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """A workplace whose state holds one finished version."""
    workplace = make_workplace(tmp_path, tiny_model)
    enter(workplace, monkeypatch)
    with one_thread():
        workplace.run(workplace.plan())
    return workplace


def _lost(before: dict[str, bytes], place: Workplace) -> list[str]:
    """Return the names of files that are no longer what they were."""
    after = contents(place.state)
    return [name for name, content in before.items() if after.get(name) != content]


@pytest.mark.parametrize("written", [0, 3, 9, 14])
def test_a_disk_that_fills_up_at_any_file(
    kept: Workplace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    written: int,
) -> None:
    """The operating system refuses one flush; before it, that many had gone well."""
    before = contents(kept.state)
    flush, flushed = os.fsync, 0

    def full(handle: int) -> None:
        nonlocal flushed
        if flushed == written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flushed += 1
        flush(handle)

    with monkeypatch.context() as patch, one_thread():
        patch.setattr(os, "fsync", full)
        assert main([*RUN, "state"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[-2].startswith("DA-DISK-001: The disk is full")
    assert "Traceback" not in said.err
    assert _lost(before, kept) == []
    assert len(State.open(kept.state).versions()) == 1

    with one_thread():
        assert main([*RUN, "state"]) == 0  # there is room again
    version = json.loads(capsys.readouterr().out)["version"]
    assert State.open(kept.state).latest("finance") == version
    assert list((kept.state / "runs").iterdir()) == []


def _command(place: Workplace, prefix: list[str], state: str | None) -> tuple[int, str, str]:
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT), "OMP_NUM_THREADS": "1"}
    command = [*prefix, sys.executable, "-m", "domain_adapt", *RUN, *filter(None, [state])]
    done = subprocess.run(
        command,
        cwd=place.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def _works(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.slow
def test_a_disk_that_is_really_full(kept: Workplace) -> None:
    if not _works("unshare", "--mount", "--"):
        pytest.skip("mounting a small disk needs unshare and the right to use it")
    (kept.folder / "small").mkdir()
    used = sum(len(content) for content in contents(kept.state).values())
    prefix = ["unshare", "--mount", "--", "sh", "-c", SMALL_DISK, "sh", str(used + 300_000)]
    code, out, said = _command(kept, prefix, None)
    assert (code, out) == (1, ""), said
    assert "DA-DISK-001: The disk is full" in said
    assert "Traceback" not in said
    assert "A FINISHED VERSION CHANGED" not in said


@pytest.mark.slow
def test_a_state_without_permission_to_write(kept: Workplace) -> None:
    prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]
    if os.geteuid() != 0:
        prefix = []
    elif not _works(*prefix):
        pytest.skip("root may write everywhere, and there is no setpriv to take that away")
    before = contents(kept.state)
    folders = [kept.state, *(path for path in kept.state.rglob("*") if path.is_dir())]
    files = [path for path in kept.state.rglob("*") if path.is_file()]
    for path in (*files, *folders):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        code, out, said = _command(kept, prefix, "state")
    finally:
        for path in (*folders, *files):
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert (code, out) == (1, ""), said
    assert said.startswith("DA-DISK-002: ")
    assert "cannot be written" in said
    assert "--state" in said
    assert "Traceback" not in said
    assert contents(kept.state) == before


@pytest.mark.slow
def test_a_state_in_a_folder_that_may_not_be_entered(kept: Workplace) -> None:
    prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]
    if os.geteuid() != 0:
        prefix = []
    elif not _works(*prefix):
        pytest.skip("root may look everywhere, and there is no setpriv to take that away")
    closed = kept.folder / "closed"
    closed.mkdir(mode=0o000)
    try:
        code, out, said = _command(kept, prefix, "closed/state")
    finally:
        closed.chmod(0o755)
    assert (code, out) == (1, ""), said
    assert "DA-DISK-002: " in said
    assert list(closed.iterdir()) == []
