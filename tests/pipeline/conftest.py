"""Workplaces for whole runs of a model of a few kilobytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pipeline_helpers import Workplace, enter, make_workplace, one_thread

from domain_adapt.engine.base_models import BaseModel
from domain_adapt.pipeline.plan import RunPlan
from domain_adapt.pipeline.result import RunResult


@dataclass(frozen=True, slots=True)
class Made:
    """A finished version, shared by all tests, which leave it as it is."""

    workplace: Workplace
    plan: RunPlan
    result: RunResult

    @property
    def folder(self) -> Path:
        return self.result.folder


@pytest.fixture(scope="session")
def made(tiny_model: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> Made:
    workplace = make_workplace(tmp_path_factory.mktemp("made"), tiny_model)
    with pytest.MonkeyPatch.context() as patch, one_thread():
        enter(workplace, patch)
        plan = workplace.plan()
        return Made(workplace, plan, workplace.run(plan))


@pytest.fixture
def workplace(
    tiny_model: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workplace]:
    """A workplace of this test's own, entered."""
    workplace = make_workplace(tmp_path, tiny_model)
    enter(workplace, monkeypatch)
    with one_thread():
        yield workplace


@pytest.fixture
def in_made(made: Made, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """The shared version's workplace, entered."""
    enter(made.workplace, monkeypatch)
    with one_thread():
        yield made
