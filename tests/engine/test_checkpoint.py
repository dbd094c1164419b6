from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from domain_adapt.base.errors import DomainAdaptError, VerificationError
from domain_adapt.engine.checkpoint import (
    StepReport,
    TrainState,
    load_checkpoint,
    save_checkpoint,
)

REPORT = StepReport(1, 2.5, None, 1e-3, 0.7, 120)
TENSORS = {"now/weight:a": torch.arange(6.0).reshape(2, 3), "now/step:a": torch.tensor(4.0)}
floats = st.floats(allow_nan=False, allow_infinity=False)
reports = st.builds(
    StepReport,
    step=st.integers(1, 10**6),
    loss=floats,
    dev_loss=st.none() | floats,
    learning_rate=floats,
    gradient_norm=floats,
    tokens=st.integers(0, 10**9),
)
states = st.builds(
    TrainState,
    reports=st.lists(reports, max_size=4),
    best_step=st.integers(0, 10**6),
    best_loss=floats | st.just(float("inf")),
    stale_checks=st.integers(0, 100),
    seconds=st.floats(0, 1e9),
)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "checkpoint.safetensors"
    save_checkpoint(path, plan="plan-1", state=TrainState([REPORT]), tensors=TENSORS)
    return path


@given(state=states)
def test_every_state_comes_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, state: TrainState
) -> None:
    path = tmp_path_factory.mktemp("state") / "checkpoint.safetensors"
    save_checkpoint(path, plan="plan-1", state=state, tensors=TENSORS)

    loaded = load_checkpoint(path, plan="plan-1")

    assert loaded is not None
    assert loaded[0] == state
    assert loaded[1].keys() == TENSORS.keys()
    assert all(torch.equal(value, TENSORS[name]) for name, value in loaded[1].items())


def test_no_checkpoint_is_no_error(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path / "nothing", plan="plan-1") is None


def test_tensors_that_are_views_are_saved_as_they_look(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    turned = torch.arange(6.0).reshape(2, 3).T
    save_checkpoint(path, plan="plan-1", state=TrainState(), tensors={"turned": turned})
    loaded = load_checkpoint(path, plan="plan-1")
    assert loaded is not None
    assert torch.equal(loaded[1]["turned"], turned)


def test_a_checkpoint_of_another_plan_is_refused(saved: Path) -> None:
    with pytest.raises(VerificationError, match="DA-TRAIN-003"):
        load_checkpoint(saved, plan="plan-2")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def _described_as(text: str | None) -> Callable[[Path], None]:
    def rewrite(path: Path) -> None:
        save_file(TENSORS, path, metadata=None if text is None else {"state": text})

    return rewrite


WHOLE = {
    "plan": "plan-1",
    "reports": [],
    "best_loss": None,
    "best_step": 0,
    "stale_checks": 0,
    "seconds": 0.0,
}
DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut off": _cut,
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(500)),
    "text": lambda path: path.write_text("no checkpoint" * 50),
    "no description": _described_as(None),
    "no JSON": _described_as("{no"),
    "another JSON": _described_as("[1, 2]"),
    "no plan": _described_as("{}"),
    "a part is missing": _described_as(json.dumps(WHOLE | {"reports": [{"step": 1}]})),
    "an unknown part": _described_as(json.dumps(WHOLE | {"invented": 1})),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_refused(saved: Path, damage: str) -> None:
    DAMAGES[damage](saved)
    with pytest.raises(VerificationError, match="DA-TRAIN-002") as caught:
        load_checkpoint(saved, plan="plan-1")
    assert "--fresh" in caught.value.hint


def test_the_undamaged_description_is_read(saved: Path) -> None:
    _described_as(json.dumps(WHOLE))(saved)
    assert load_checkpoint(saved, plan="plan-1") is not None


@contextmanager
def _files_no_larger_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_the_system_refuses_leaves_the_old_checkpoint(saved: Path) -> None:
    before = saved.read_bytes()
    larger = {"now/weight:a": torch.zeros(5000)}
    with (
        _files_no_larger_than(2000),
        pytest.raises(DomainAdaptError, match=r"DA-DISK-003.*File too large"),
    ):
        save_checkpoint(saved, plan="plan-1", state=TrainState(), tensors=larger)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


_FILL_THE_DISK = """
import sys, torch
from pathlib import Path
from domain_adapt.base.errors import DomainAdaptError
from domain_adapt.engine.checkpoint import TrainState, load_checkpoint, save_checkpoint
path = Path(sys.argv[1]) / "checkpoint.safetensors"
save_checkpoint(path, plan="p", state=TrainState(best_step=7), tensors={"a": torch.zeros(100)})
before = path.read_bytes()
try:
    save_checkpoint(path, plan="p", state=TrainState(), tensors={"a": torch.zeros(10**6)})
except DomainAdaptError as error:
    print(error.code)
assert path.read_bytes() == before
assert [each.name for each in path.parent.iterdir()] == [path.name]
assert load_checkpoint(path, plan="p")[0].best_step == 7
print("intact")
"""


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """A file system of 256 KiB in a mount namespace of its own, where the system allows one."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("no unshare: cannot make a small disk")
    mount = 'mount -t tmpfs -o size=256k tmpfs "$0" 2>/dev/null || exit 77; exec "$@"'
    command = [unshare, "-Urm", "sh", "-c", mount, str(tmp_path)]
    ran = subprocess.run(
        [*command, sys.executable, "-c", _FILL_THE_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode == 77 or "unshare" in ran.stderr:
        pytest.skip("the system lets nobody make a small disk")
    assert ran.stdout.split() == ["DA-DISK-001", "intact"], ran.stderr
