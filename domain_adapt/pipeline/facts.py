"""From outcomes to the facts of the report."""

from __future__ import annotations

import platform
import resource
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from domain_adapt.audit.record import (
    CurvePoint,
    EvaluationFacts,
    FileFacts,
    GateFacts,
    OntologyFacts,
    RetentionFacts,
    ShownProbe,
    TrainingFacts,
)
from domain_adapt.base.hashing import digest_file, digest_json
from domain_adapt.base.records import Outcome, Probe
from domain_adapt.engine.fit import FitResult
from domain_adapt.evaluation.estimates import Comparison
from domain_adapt.evaluation.gates import Gate
from domain_adapt.evaluation.probes import INVENTED, REAL
from domain_adapt.evaluation.questions import Answers
from domain_adapt.evaluation.statistics import compare, holm
from domain_adapt.pipeline.plan import RunPlan
from domain_adapt.pipeline.prepare import Prepared

SHOWN = 12
"""How many changed answers of each kind the report shows."""

Answered = tuple[Probe, Outcome, Outcome]
"""A probe, the base model's outcome and the adapted model's."""


def evaluation_facts(
    plan: RunPlan, prepared: Prepared, base: Answers, adapted: Answers
) -> EvaluationFacts:
    """Compare both models' answers about terms."""
    questions = prepared.questions
    headline = _paired(questions.headline, base.headline, adapted.headline)
    abstention = _paired(questions.abstention, base.abstention, adapted.abstention)
    families = {
        name: _only(headline, lambda probe, name=name: probe.family == name)  # type: ignore[misc]
        for name in plan.suite.headline
    }
    families = {name: rows for name, rows in families.items() if rows}
    return EvaluationFacts(
        suite=plan.suite.name,
        suite_version=plan.suite.version,
        suite_digest=digest_json(plan.suite.model_dump(mode="json")),
        headline_families=tuple(families),
        headline=_compare(plan, headline),
        seen=_compare(plan, _only(headline, lambda probe: probe.split == "seen")),
        unseen=_compare(plan, _only(headline, lambda probe: probe.split == "unseen")),
        families=holm({name: _compare(plan, rows) for name, rows in families.items()}),
        family_titles={name: plan.suite.families[name].title for name in families},
        matrix={name: _by_split(plan, rows) for name, rows in families.items()},
        generation=_by_split(plan, _paired(questions.free, base.free, adapted.free)),
        abstention=_if_any(plan, _only(abstention, lambda probe: probe.family == INVENTED)),
        false_abstention=_if_any(plan, _wrongly_unknown(plan, abstention)),
        fixed=_shown(headline, plan, right_after=True),
        broken=_shown(headline, plan, right_after=False),
    )


def retention_facts(
    plan: RunPlan, prepared: Prepared, base: Answers, adapted: Answers
) -> RetentionFacts:
    """Compare both models' general knowledge."""
    rows = _paired(prepared.questions.retention, base.retention, adapted.retention)
    return RetentionFacts(
        suite=plan.retention.suite.name,
        suite_digest=digest_json([asdict(probe) for probe, _, _ in rows]),
        comparison=_compare(plan, rows),
    )


def training_facts(plan: RunPlan, prepared: Prepared, fitted: FitResult) -> TrainingFacts:
    """Tell how training went."""
    config, adapter = plan.recipe.train, plan.recipe.adapter
    tokens = sum(report.tokens for report in fitted.reports)
    steps = len(fitted.reports)
    planned = len(prepared.training.batches)
    return TrainingFacts(
        steps=steps,
        planned_steps=planned,
        epochs=round(config.epochs * steps / planned, 2),
        stopped_early=fitted.stopped_early,
        best_step=fitted.best_step,
        tokens=tokens,
        tokens_per_second=round(tokens / max(fitted.seconds, 1e-9), 1),
        hyperparameters={
            "method": adapter.method,
            "rank": adapter.rank,
            "alpha": adapter.alpha,
            "dropout": adapter.dropout,
            "interpolation": adapter.interpolation,
            **config.model_dump(mode="json"),
        },
        curve=tuple(
            CurvePoint(
                report.step,
                report.loss,
                report.dev_loss,
                report.learning_rate,
                report.gradient_norm,
            )
            for report in fitted.reports
        ),
    )


def ontology_facts(plan: RunPlan) -> OntologyFacts:
    """Tell what was taught."""
    ontology = plan.ontology
    return OntologyFacts(
        name=ontology.name,
        version=ontology.version,
        licence=ontology.licence,
        digest=ontology.digest,
        concepts=len(ontology.concepts),
        labels=ontology.label_count(),
    )


def gate_facts(gates: Iterable[Gate]) -> tuple[GateFacts, ...]:
    """Put gates into the record's form."""
    return tuple(
        GateFacts(
            gate.name, gate.title, gate.value, gate.bar, gate.direction, gate.holds, gate.unit
        )
        for gate in gates
    )


def file_facts(folder: Path, names: Iterable[str]) -> tuple[FileFacts, ...]:
    """Return size and digest of files of the version."""
    return tuple(
        FileFacts(name, (folder / name).stat().st_size, digest_file(folder / name))
        for name in names
    )


def environment_facts(plan: RunPlan) -> dict[str, str]:
    """Tell on what the run was made; no name of machine, user or folder."""
    packages = ("torch", "transformers", "peft", "numpy")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
        1 if sys.platform == "darwin" else 1024
    )
    return {
        "domain-adapt": metadata.version("domain-adapt"),
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in packages},
        "platform": f"{platform.system()} {platform.machine()}",
        "precision": plan.dtype,
        "peak memory": f"{peak / 2**30:.2f} GiB",
    }


def _paired(
    probes: Sequence[Probe], base: Sequence[Outcome], adapted: Sequence[Outcome]
) -> list[Answered]:
    return list(zip(probes, base, adapted, strict=True))


def _only(rows: Iterable[Answered], wanted: Callable[[Probe], bool]) -> list[Answered]:
    return [row for row in rows if wanted(row[0])]


def _compare(plan: RunPlan, rows: Sequence[Answered]) -> Comparison:
    return compare(
        [base.correct for _, base, _ in rows],
        [adapted.correct for _, _, adapted in rows],
        [probe.concept for probe, _, _ in rows],
        seed=plan.recipe.seed,
        bootstrap=plan.recipe.evaluation.bootstrap,
        permutations=plan.recipe.evaluation.permutations,
    )


def _if_any(plan: RunPlan, rows: Sequence[Answered]) -> Comparison | None:
    return _compare(plan, rows) if rows else None


def _by_split(plan: RunPlan, rows: Sequence[Answered]) -> dict[str, Comparison]:
    sides = {side: [row for row in rows if row[0].split == side] for side in ("seen", "unseen")}
    return {side: _compare(plan, chosen) for side, chosen in sides.items() if chosen}


def _wrongly_unknown(plan: RunPlan, rows: Iterable[Answered]) -> list[Answered]:
    """Return the real terms, each "correct" where the model says that it does not know it."""
    abstain = plan.suite.families[INVENTED].abstain if INVENTED in plan.suite.families else None

    def unknown(probe: Probe, outcome: Outcome) -> Outcome:
        said_so = probe.choices[outcome.chosen] == abstain
        return Outcome(outcome.probe, outcome.scores, outcome.chosen, said_so)

    return [
        (probe, unknown(probe, base), unknown(probe, adapted))
        for probe, base, adapted in rows
        if probe.family == REAL
    ]


def _shown(rows: Iterable[Answered], plan: RunPlan, *, right_after: bool) -> tuple[ShownProbe, ...]:
    """Return some of the probes whose answer changed, family by family in turn."""
    changed = [
        row for row in rows if row[1].correct != row[2].correct and row[2].correct is right_after
    ]
    place: dict[str, int] = {}
    turns = []
    for row in changed:
        family = row[0].family
        place[family] = place.get(family, -1) + 1
        turns.append((place[family], family, row))
    turns.sort(key=lambda turn: turn[:2])
    return tuple(_show(row, plan) for _, _, row in turns[:SHOWN])


def _show(row: Answered, plan: RunPlan) -> ShownProbe:
    probe, base, adapted = row
    return ShownProbe(
        family=probe.family,
        concept=plan.ontology.concepts[probe.concept].preferred(),
        split=probe.split or "",
        prompt=probe.prompt,
        right=probe.choices[probe.answer],
        base_answer=probe.choices[base.chosen],
        adapted_answer=probe.choices[adapted.chosen],
    )
