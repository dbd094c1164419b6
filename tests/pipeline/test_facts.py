"""From answers to the report's numbers, with answers whose outcome is known."""

from __future__ import annotations

import getpass
import hashlib
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pipeline_helpers import enter, make_workplace

from domain_adapt.base.records import Outcome, Probe
from domain_adapt.engine.base_models import BaseModel
from domain_adapt.engine.checkpoint import StepReport
from domain_adapt.engine.fit import FitResult
from domain_adapt.evaluation.gates import Gate
from domain_adapt.evaluation.probes import INVENTED, REAL
from domain_adapt.evaluation.questions import Answers, Questions
from domain_adapt.pipeline.facts import (
    SHOWN,
    environment_facts,
    evaluation_facts,
    file_facts,
    gate_facts,
    ontology_facts,
    retention_facts,
    training_facts,
)
from domain_adapt.pipeline.plan import RunPlan
from domain_adapt.pipeline.prepare import Prepared, prepare


@pytest.fixture(scope="module")
def plan(tiny_model: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> RunPlan:
    workplace = make_workplace(tmp_path_factory.mktemp("facts"), tiny_model)
    with pytest.MonkeyPatch.context() as patch:
        enter(workplace, patch)
        return workplace.plan("evaluation.probes=60")


@pytest.fixture(scope="module")
def prepared(plan: RunPlan) -> Prepared:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(plan.state.parent)
        return prepare(plan)


def _answers(questions: Questions, right: Callable[[Probe], bool]) -> Answers:
    """Return answers that are right where ``right`` says so."""

    def outcome(probe: Probe) -> Outcome:
        correct = right(probe)
        chosen = probe.answer if correct else (probe.answer + 1) % len(probe.choices)
        return Outcome(probe.id, tuple(float(i == chosen) for i in range(4)), chosen, correct)

    return Answers(
        *(
            tuple(map(outcome, part))
            for part in (
                questions.headline,
                questions.abstention,
                questions.free,
                questions.retention,
            )
        )
    )


def _never(_: Probe) -> bool:
    return False


def _always(_: Probe) -> bool:
    return True


def test_each_probe_is_counted_once_on_its_side_and_in_its_family(
    plan: RunPlan, prepared: Prepared
) -> None:
    questions = prepared.questions
    facts = evaluation_facts(
        plan,
        prepared,
        _answers(questions, _never),
        _answers(questions, lambda probe: probe.split == "seen"),
    )
    assert facts.headline.n == len(questions.headline) == 60
    assert facts.seen.n + facts.unseen.n == 60
    assert (facts.seen.base.value, facts.seen.adapted.value, facts.seen.delta) == (0, 1, 1)
    assert (facts.unseen.base.value, facts.unseen.adapted.value, facts.unseen.delta) == (0, 0, 0)
    assert facts.headline.delta == pytest.approx(facts.seen.n / 60)
    assert sum(each.n for each in facts.families.values()) == 60
    assert tuple(facts.families) == facts.headline_families == ("P1", "P2", "P3", "P4", "P5", "P6")
    for name, sides in facts.matrix.items():
        assert sum(side.n for side in sides.values()) == facts.families[name].n
    assert facts.family_titles["P1"] == "Short form to name"
    assert all(each.p_holm is not None for each in facts.families.values())
    assert facts.headline.p_value < 0.001
    assert sum(side.n for side in facts.generation.values()) == len(questions.free) == 2
    for split, side in facts.generation.items():
        assert side.n == sum(probe.split == split for probe in questions.free)


def test_answers_that_changed_are_shown_from_each_family_in_turn(
    plan: RunPlan, prepared: Prepared
) -> None:
    questions = prepared.questions
    first = _answers(questions, lambda probe: probe.split == "unseen")
    second = _answers(questions, lambda probe: probe.split == "seen")
    facts = evaluation_facts(plan, prepared, first, second)
    assert len(facts.fixed) == len(facts.broken) == SHOWN
    assert {each.split for each in facts.fixed} == {"seen"}
    assert {each.split for each in facts.broken} == {"unseen"}
    families = sorted({probe.family for probe in questions.headline if probe.split == "seen"})
    assert [each.family for each in facts.fixed[: len(families)]] == families
    assert len(families) >= 5
    for each in facts.fixed:
        assert each.adapted_answer == each.right != each.base_answer
    for each in facts.broken:
        assert each.base_answer == each.right != each.adapted_answer
    unchanged = evaluation_facts(plan, prepared, first, first)
    assert unchanged.fixed == unchanged.broken == ()
    assert unchanged.headline.delta == 0


def test_invented_terms_and_real_ones_are_two_measurements(
    plan: RunPlan, prepared: Prepared
) -> None:
    """A model that says "unknown" to everything is right about all that does not exist."""
    questions = prepared.questions
    abstain = plan.suite.families[INVENTED].abstain

    def unknown(probe: Probe) -> Outcome:
        chosen = probe.choices.index(str(abstain))
        return Outcome(probe.id, (0.0,) * len(probe.choices), chosen, chosen == probe.answer)

    base = _answers(questions, _always)
    adapted = replace(base, abstention=tuple(map(unknown, questions.abstention)))
    facts = evaluation_facts(plan, prepared, base, adapted)
    assert facts.abstention is not None
    assert facts.false_abstention is not None
    families = [probe.family for probe in questions.abstention]
    assert facts.abstention.n == families.count(INVENTED)
    assert facts.false_abstention.n == families.count(REAL) > 0
    assert (facts.abstention.base.value, facts.abstention.adapted.value) == (1, 1)
    assert (facts.false_abstention.base.value, facts.false_abstention.adapted.value) == (0, 1)
    assert facts.headline.n == len(questions.headline)


def test_retention_is_measured_apart(plan: RunPlan, prepared: Prepared) -> None:
    questions = prepared.questions
    base, adapted = _answers(questions, _always), _answers(questions, _never)
    facts = retention_facts(plan, prepared, base, adapted)
    assert facts.suite == "general"
    assert (facts.comparison.n, facts.comparison.delta) == (8, -1)
    other = replace(questions, retention=questions.retention[:4])
    fewer = retention_facts(
        plan,
        replace(prepared, questions=other),
        replace(base, retention=base.retention[:4]),
        replace(adapted, retention=adapted.retention[:4]),
    )
    assert fewer.suite_digest != facts.suite_digest


def test_training_that_stopped_early_is_told_as_it_went(plan: RunPlan, prepared: Prepared) -> None:
    planned = len(prepared.training.batches)
    reports = tuple(
        StepReport(step, 2.0 / step, 1.0 if step == 2 else None, 1e-3, 0.5, 100) for step in (1, 2)
    )
    facts = training_facts(plan, prepared, FitResult(reports, 2, True, 4.0))
    assert (facts.steps, facts.planned_steps, facts.stopped_early) == (2, planned, True)
    assert facts.best_step == 2
    assert (facts.tokens, facts.tokens_per_second) == (200, 50.0)
    assert facts.epochs == round(0.5 * 2 / planned, 2)
    assert [(point.step, point.dev_loss) for point in facts.curve] == [(1, None), (2, 1.0)]
    assert facts.hyperparameters["rank"] == 4
    assert facts.hyperparameters["learning_rate"] == plan.recipe.train.learning_rate


def test_the_ontology_is_named_with_its_licence_and_digest(plan: RunPlan) -> None:
    facts = ontology_facts(plan)
    assert (facts.name, facts.licence) == ("finance", "Apache-2.0")
    assert facts.digest == plan.ontology.digest
    assert facts.concepts == len(plan.ontology.concepts) >= 200
    assert facts.labels > facts.concepts


def test_gates_keep_their_verdict() -> None:
    low = Gate("term_delta", "Gain", 0.01, 0.08, "at_least", "points")
    high = Gate("p_value", "p", 0.0005, 0.001, "at_most", "p")
    facts = gate_facts([low, high])
    assert [(each.name, each.holds, each.unit) for each in facts] == [
        ("term_delta", False, "points"),
        ("p_value", True, "p"),
    ]


def test_files_are_named_with_size_and_digest(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.jsonl").write_bytes(b"some bytes")
    (facts,) = file_facts(tmp_path, ["data/a.jsonl"])
    assert (facts.name, facts.bytes) == ("data/a.jsonl", 10)
    assert facts.sha256 == hashlib.sha256(b"some bytes").hexdigest()


def test_the_environment_names_versions_and_nobody(plan: RunPlan) -> None:
    facts = environment_facts(plan)
    assert set(facts) >= {"domain-adapt", "python", "torch", "platform", "precision", "peak memory"}
    assert facts["precision"] == "fp32"
    words = " ".join(facts.values()).split()
    assert not {getpass.getuser(), socket.gethostname(), str(Path.home())} & set(words)
