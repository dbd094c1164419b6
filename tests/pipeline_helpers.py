"""Small, real runs: a random two-layer model, few concepts, few questions."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch

from domain_adapt.base.progress import Progress, SilentProgress, Task
from domain_adapt.engine.base_models import BaseModel
from domain_adapt.pipeline.plan import RunPlan, plan_run
from domain_adapt.pipeline.result import RunResult
from domain_adapt.pipeline.run import execute

CHECKOUT = Path(__file__).resolve().parent.parent

TRAINING = "training"
ASKING_BASE = "evaluating the base model"
ASKING_ADAPTED = "evaluating the adapted model"

SMALL = (
    "model.base=tiny",
    "model.dtype=fp32",
    "adapter.rank=4",
    "adapter.alpha=8",
    "data.concepts=12",
    "data.held_out=12",
    "data.sources=[]",
    "train.epochs=0.5",
    "evaluation.probes=16",
    "evaluation.retention=general.jsonl",
    "evaluation.retention_items=8",
    "evaluation.generated=2",
    "evaluation.bootstrap=200",
    "evaluation.permutations=2000",
    "gates.enforced=false",
)
"""Overrides of the recipe; paths are relative to the workplace."""

LONG = (*SMALL, "train.epochs=2", "train.batch_size=4", "train.checkpoint_every=5")
"""Sixty steps: time to be stopped in."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """A working directory as a user has it: a base model, a suite and a state beside each other.

    Paths are given relative to it, so that any machine path in a version was written by the
    program and not by the user.
    """

    folder: Path
    state: Path
    cache: Path

    def plan(
        self,
        *overrides: str,
        preset: str = "default",
        sources: Sequence[Path] = (),
        small: Sequence[str] = SMALL,
    ) -> RunPlan:
        return self.plan_of("finance", *small, *overrides, preset=preset, sources=sources)

    def plan_of(
        self,
        pack_or_recipe: str,
        *overrides: str,
        preset: str = "default",
        sources: Sequence[Path] = (),
    ) -> RunPlan:
        """Plan with nothing but what is said."""
        return plan_run(
            pack_or_recipe,
            preset=preset,
            overrides=overrides,
            sources=sources,
            state=self.state,
            allow_download=False,
        )

    def run(
        self, plan: RunPlan, *, fresh: bool = False, progress: Progress | None = None
    ) -> RunResult:
        return execute(plan, progress=progress or SilentProgress(), fresh=fresh)

    def source(self, name: str, *rows: dict[str, str]) -> Path:
        """Write a JSONL source; return its path relative to the workplace."""
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")
        return Path(name)

    def elsewhere(self, state: str) -> Workplace:
        """Return the same workplace with another state."""
        return replace(self, state=self.folder / state)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command line here, as a process of its own."""
        environment = os.environ | {
            "DOMAIN_ADAPT_CACHE": str(self.cache),
            "PYTHONPATH": str(CHECKOUT),
            "OMP_NUM_THREADS": "1",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "domain_adapt", *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def make_workplace(folder: Path, model: BaseModel) -> Workplace:
    """Lay out a workplace in ``folder``."""
    (folder / "tiny").symlink_to(model.path, target_is_directory=True)
    rows = [
        {"question": f"What is {n} plus {n}?", "choices": [str(2 * n), str(2 * n + 1)], "answer": 0}
        for n in range(1, 9)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "general.jsonl").write_text(text, encoding="utf-8")
    return Workplace(folder, folder / "state", folder / "cache")


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below ``folder`` by its name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Recorder(SilentProgress):
    """Notes the stages that are opened and how far each came; may act on a step of training.

    Args:
        at_step: Called with the number of steps made, whenever that changes.
    """

    def __init__(self, at_step: Callable[[float], None] | None = None) -> None:
        self.stages: list[str] = []
        self.first: dict[str, float] = {}
        self.done: dict[str, float] = {}
        self._at_step = at_step

    @contextlib.contextmanager
    def stage(self, name: str, total: float | None) -> Iterator[Task]:
        self.stages.append(name)
        yield _RecordedTask(self, name)

    def advance(self, name: str, amount: float) -> None:
        self.first.setdefault(name, amount)
        self.done[name] = self.done.get(name, 0.0) + amount
        if name == TRAINING and self._at_step:
            self._at_step(self.done[name])


@dataclass(frozen=True, slots=True)
class _RecordedTask:
    recorder: Recorder
    name: str

    def advance(self, amount: float = 1.0, **_figures: float) -> None:
        self.recorder.advance(self.name, amount)


def enter(workplace: Workplace, patch: pytest.MonkeyPatch) -> None:
    """Work in ``workplace`` with its cache."""
    patch.chdir(workplace.folder)
    patch.setenv("DOMAIN_ADAPT_CACHE", str(workplace.cache))


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one thread: the same bits as a process that is told to."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
