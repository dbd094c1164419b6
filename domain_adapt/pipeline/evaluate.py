"""``eval run``: one model, one suite."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from domain_adapt.base.files import write_text
from domain_adapt.base.progress import Progress
from domain_adapt.base.records import Outcome, Probe
from domain_adapt.base.stopping import stop_on_signals
from domain_adapt.config.load import load_recipe
from domain_adapt.config.recipe import Recipe
from domain_adapt.data.encode import ChatEncoder
from domain_adapt.data.split import split_concepts
from domain_adapt.engine.adapters import load_adapter
from domain_adapt.engine.base_models import BaseModel, resolve
from domain_adapt.engine.base_models_catalogue import DEFAULT_MODEL
from domain_adapt.engine.model import (
    choose_device,
    choose_dtype,
    context_length,
    load_model,
    load_tokenizer,
)
from domain_adapt.evaluation.answer import answer_choices
from domain_adapt.evaluation.estimates import Estimate
from domain_adapt.evaluation.probes import build_probes
from domain_adapt.evaluation.questions import suite_items
from domain_adapt.evaluation.statistics import wilson
from domain_adapt.evaluation.suite import GeneratedSuite, LoadedSuite, load_suite
from domain_adapt.ontology.load import load_ontology
from domain_adapt.packs.pack import load_pack
from domain_adapt.pipeline.state import State

BASE = "base"
"""What ``--model`` calls the built-in base model."""


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """One model's accuracy on one suite."""

    suite: str
    model: str
    overall: Estimate
    families: Mapping[str, Estimate]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON of ``eval run --format json``."""
        return {
            "suite": self.suite,
            "model": self.model,
            **_shown(self.overall),
            "families": {name: _shown(each) for name, each in self.families.items()},
            "seconds": round(self.seconds, 2),
        }

    def table_rows(self) -> list[tuple[str, str, str, str]]:
        """Return family, n, accuracy and interval, the whole suite last."""
        rows = [*self.families.items(), ("all", self.overall)]
        return [
            (name, str(each.n), f"{each.value:.1%}", f"{each.ci95[0]:.1%} to {each.ci95[1]:.1%}")
            for name, each in rows
        ]


@dataclass(frozen=True, slots=True)
class _Target:
    """What ``--model`` means: a base model, and for a version its adapter and recipe."""

    name: str
    base: BaseModel
    adapter: Path | None = None
    recipe: Recipe | None = None


def run_evaluation(
    *,
    model: str,
    suite: str,
    state: Path,
    items: Path | None,
    limit: int | None,
    allow_download: bool,
    progress: Progress,
) -> EvaluationResult:
    """Ask a model every question of a suite.

    Args:
        model: A version of the state, ``base``, or what names a base model.
        suite: A bundled suite's name, or a YAML or JSONL file.
        state: Folder of the state, for versions.
        items: Where to write one JSON line an item with each choice's log-likelihood.
        limit: Ask only the first so many.
        allow_download: Whether a base model may be fetched.
        progress: Who is told.

    Raises:
        DomainAdaptError: Unknown model or suite, or items in the wrong form.
    """
    began = time.perf_counter()
    loaded = load_suite(suite)
    target = _find_model(model, state, allow_download=allow_download)
    probes = _probes(loaded, target, state)[:limit]
    with stop_on_signals() as flag, progress.stage("evaluating", float(len(probes))) as task:
        adapted, encoder = _load(target)
        outcomes = answer_choices(
            adapted,
            encoder,
            probes,
            scoring=loaded.suite.scoring,
            task=task,
            check_stop=flag.check,
        )
    if items is not None:
        write_text(items, _item_lines(probes, outcomes))
    families: dict[str, list[bool]] = defaultdict(list)
    for probe, outcome in zip(probes, outcomes, strict=True):
        families[probe.family].append(outcome.correct)
    right = [outcome.correct for outcome in outcomes]
    return EvaluationResult(
        suite=loaded.suite.name,
        model=target.name,
        overall=wilson(sum(right), len(right)),
        families={name: wilson(sum(each), len(each)) for name, each in sorted(families.items())},
        seconds=time.perf_counter() - began,
    )


def _find_model(name: str, state: Path, *, allow_download: bool) -> _Target:
    """Return what ``name`` means: a version if the state knows it, else a base model."""
    if name == BASE:
        return _Target(BASE, resolve(DEFAULT_MODEL, allow_download=allow_download))
    if state.is_dir():
        opened = State.open(state)
        if "@" in name or any(version.startswith(name) for version in opened.versions()):
            folder = opened.resolve_version(name)
            recipe = load_recipe(str(folder / "recipe.lock.yaml")).recipe
            base = resolve(
                recipe.model.base, revision=recipe.model.revision, allow_download=allow_download
            )
            return _Target(folder.name, base, folder / "adapter", recipe)
    return _Target(name, resolve(name, allow_download=allow_download))


def _load(target: _Target) -> tuple[Any, ChatEncoder]:
    """Load the model, its adapter and its encoder."""
    device = choose_device()
    wanted = target.recipe.model if target.recipe else None
    dtype = choose_dtype(wanted.dtype if wanted else "auto", device)
    model = load_model(target.base.path, dtype=dtype, device=device)
    if target.adapter is not None:
        model = load_adapter(model, target.adapter)
    encoder = ChatEncoder(
        load_tokenizer(target.base.path),
        system_prompt=wanted.system_prompt if wanted else None,
        max_length=context_length(target.base.path),
    )
    return model, encoder


def _probes(loaded: LoadedSuite, target: _Target, state: Path) -> tuple[Probe, ...]:
    """Return the suite's probes; a generated suite is split as the version's recipe says."""
    suite = loaded.suite
    if not isinstance(suite, GeneratedSuite):
        return suite_items(loaded)
    recipe = target.recipe or load_recipe(load_pack(suite.pack).recipe).recipe
    ontology = load_ontology(recipe.ontology, state=state)
    split = split_concepts(
        ontology, seen=recipe.data.concepts, held_out=recipe.data.held_out, seed=recipe.seed
    )
    return build_probes(suite, ontology, split, count=recipe.evaluation.probes)


def _item_lines(probes: Sequence[Probe], outcomes: Sequence[Outcome]) -> str:
    """Return one JSON line an item: question, choices and the log-likelihood of each."""
    lines = []
    for probe, outcome in zip(probes, outcomes, strict=True):
        row = asdict(probe) | {
            "scores": outcome.scores,
            "chosen": outcome.chosen,
            "correct": outcome.correct,
        }
        lines.append(json.dumps(row, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def _shown(estimate: Estimate) -> dict[str, Any]:
    return {"n": estimate.n, "accuracy": estimate.value, "ci95": list(estimate.ci95)}
