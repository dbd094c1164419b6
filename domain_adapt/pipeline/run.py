"""``run``: one function a stage, each named for what it returns."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain_adapt.audit.record import SCHEMA, ModelFacts, RunRecord
from domain_adapt.audit.report import record_from_json, write_report
from domain_adapt.base.files import write_text
from domain_adapt.base.progress import Progress
from domain_adapt.base.stopping import stop_on_signals
from domain_adapt.engine.adapters import (
    adapted_modules,
    add_lora,
    automatic_targets,
    interpolate_adapter,
    save_adapter,
    trainable_parameters,
)
from domain_adapt.engine.fit import FitResult, fit
from domain_adapt.engine.model import choose_device, choose_dtype, load_model
from domain_adapt.engine.packing_support import check_packable
from domain_adapt.engine.preflight import preflight
from domain_adapt.evaluation.gates import check_gates
from domain_adapt.evaluation.questions import Answers
from domain_adapt.pipeline.facts import (
    environment_facts,
    evaluation_facts,
    file_facts,
    gate_facts,
    ontology_facts,
    retention_facts,
    training_facts,
)
from domain_adapt.pipeline.locking import state_lock
from domain_adapt.pipeline.measure import answered_before, base_answers_path, measure
from domain_adapt.pipeline.plan import RunPlan
from domain_adapt.pipeline.prepare import (
    Prepared,
    longest_sequence,
    prepare,
    write_prepared,
)
from domain_adapt.pipeline.result import RunResult
from domain_adapt.pipeline.state import State

_FILES = (
    "adapter/adapter_model.safetensors",
    "adapter/adapter_config.json",
    "answers_base.jsonl",
    "answers_adapted.jsonl",
    "data/examples.jsonl",
    "data/rejects.jsonl",
    "data_manifest.json",
    "recipe.lock.yaml",
)


@dataclass(slots=True)
class _Sitting:
    """One sitting at a run: where it writes, whom it tells, how long it has taken."""

    plan: RunPlan
    folder: Path
    progress: Progress
    check_stop: Callable[[], None]
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the block's time to the stage, over all sittings."""
        began = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - began
            self.seconds[stage] = round(self.seconds.get(stage, 0.0) + spent, 2)
            write_text(self.folder / "seconds.json", json.dumps(self.seconds) + "\n")


def execute(plan: RunPlan, *, progress: Progress, fresh: bool) -> RunResult:
    """Do what the plan says, or nothing where it has been done.

    Args:
        plan: From ``plan_run``.
        progress: Who is told.
        fresh: Throw away what an interrupted run of the same plan left, instead of going on.

    Raises:
        Interrupted: SIGINT or SIGTERM; the same command goes on from there.
        DomainAdaptError: Anything else that a user can meet; finished versions stay as they are.
    """
    with state_lock(plan.state):
        state = State.open(plan.state)
        finished = state.completed(plan.version)
        if finished:
            return _finished(finished)
        if fresh:
            shutil.rmtree(state.run_dir(plan.version))
        folder = state.run_dir(plan.version)
        with stop_on_signals() as flag:
            sitting = _Sitting(plan, folder, progress, flag.check, _earlier_seconds(folder))
            record = _run_stages(sitting)
            return _publish(state, sitting, record)


def _run_stages(sitting: _Sitting) -> RunRecord:
    """Build, measure, train, measure again: the whole line."""
    plan = sitting.plan
    with sitting.timed("data"), sitting.progress.stage("data", None):
        prepared = prepare(plan)
        write_prepared(prepared, sitting.folder)
        write_text(sitting.folder / "recipe.lock.yaml", plan.locked_recipe())
    with sitting.timed("load"), sitting.progress.stage("loading the base model", None):
        device = choose_device()
        dtype = choose_dtype(plan.recipe.model.dtype, device)
        model = load_model(plan.base.path, dtype=dtype, device=device)
        check_packable(model, length=longest_sequence(prepared))
    with sitting.timed("evaluate_base"):
        base = _base_answers(sitting, model, prepared)
    with sitting.timed("train"):
        parameters = sum(each.numel() for each in model.parameters())
        architecture = type(model).__name__
        adapted_model = _adapter_on(plan, model)
        fitted = _fitted(sitting, adapted_model, prepared)
    with sitting.timed("evaluate_adapted"):
        adapted = answered_before(
            sitting.folder / "answers_adapted.jsonl",
            prepared.questions,
            lambda: _ask(sitting, adapted_model, prepared, "evaluating the adapted model"),
        )
    facts = ModelFacts(
        name=plan.base.name,
        digest=plan.base.digest,
        licence=plan.base.licence,
        architecture=architecture,
        parameters=parameters,
        trainable=sum(each.numel() for each in trainable_parameters(adapted_model).values()),
        dtype=plan.dtype,
        method=plan.recipe.adapter.method,
        adapted_modules=adapted_modules(adapted_model),
    )
    return _record(sitting, prepared, facts, (base, adapted), fitted)


def _ask(sitting: _Sitting, model: Any, prepared: Prepared, stage: str) -> Answers:
    return measure(
        model,
        prepared,
        stage=stage,
        progress=sitting.progress,
        check_stop=sitting.check_stop,
    )


def _base_answers(sitting: _Sitting, model: Any, prepared: Prepared) -> Answers:
    """Return the base model's answers, from the cache where it was asked the same before."""
    plan = sitting.plan
    path = base_answers_path(plan, prepared.questions)
    answers = answered_before(
        path,
        prepared.questions,
        lambda: _ask(sitting, model, prepared, "evaluating the base model"),
    )
    write_text(sitting.folder / "answers_base.jsonl", path.read_text(encoding="utf-8"))
    return answers


def _adapter_on(plan: RunPlan, model: Any) -> Any:
    """Return the model with a fresh adapter."""
    config = plan.recipe.adapter
    targets = automatic_targets(model) if config.target_modules == "auto" else config.target_modules
    return add_lora(
        model,
        rank=config.rank,
        alpha=config.alpha,
        dropout=config.dropout,
        targets=targets,
        seed=plan.recipe.seed,
    )


def _fitted(sitting: _Sitting, model: Any, prepared: Prepared) -> FitResult:
    """Train, and save the adapter."""
    preflight(model, prepared.training, stop_id=prepared.encoder.stop_id)
    result = fit(
        model,
        prepared.training,
        checkpoint=sitting.folder / "checkpoint.safetensors",
        progress=sitting.progress,
        check_stop=sitting.check_stop,
    )
    interpolate_adapter(model, sitting.plan.recipe.adapter.interpolation)
    save_adapter(model, sitting.folder / "adapter")
    return result


def _record(
    sitting: _Sitting,
    prepared: Prepared,
    model: ModelFacts,
    answers: tuple[Answers, Answers],
    fitted: FitResult,
) -> RunRecord:
    """Put everything that the report needs into one record."""
    plan = sitting.plan
    evaluation = evaluation_facts(plan, prepared, *answers)
    retention = retention_facts(plan, prepared, *answers)
    gates = check_gates(
        plan.recipe.gates,
        headline=evaluation.headline,
        seen=evaluation.seen,
        unseen=evaluation.unseen,
        retention=retention.comparison,
    )
    return RunRecord(
        schema=SCHEMA,
        version=plan.version,
        pack=plan.pack.name,
        title=plan.recipe.title,
        preset=plan.loaded.preset,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        model=model,
        ontology=ontology_facts(plan),
        data=prepared.facts,
        training=training_facts(plan, prepared, fitted),
        evaluation=evaluation,
        retention=retention,
        privacy=None,
        gates=gate_facts(gates),
        gates_enforced=plan.recipe.gates.enforced,
        files=file_facts(sitting.folder, _FILES),
        environment=environment_facts(plan),
        seconds=dict(sitting.seconds),
        overrides=plan.overrides,
    )


def _publish(state: State, sitting: _Sitting, record: RunRecord) -> RunResult:
    """Write the report and make the run a version."""
    with sitting.progress.stage("report", None):
        metrics = {"evaluation": asdict(record.evaluation), "retention": asdict(record.retention)}
        text = json.dumps(metrics, indent=2, ensure_ascii=False)
        write_text(sitting.folder / "metrics.json", text + "\n")
        write_report(record, sitting.folder)
        for leftover in ("checkpoint.safetensors", "seconds.json"):
            (sitting.folder / leftover).unlink(missing_ok=True)
        folder = state.publish(record.version, pack=record.pack, preset=record.preset)
    return RunResult(record, folder, already_done=False)


def _finished(folder: Path) -> RunResult:
    """Return the result of a version that was made before."""
    record = record_from_json((folder / "report.json").read_text(encoding="utf-8"))
    return RunResult(record, folder, already_done=True)


def _earlier_seconds(folder: Path) -> dict[str, float]:
    """Return what earlier sittings at this run took."""
    path = folder / "seconds.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
