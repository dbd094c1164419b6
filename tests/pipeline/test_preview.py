"""``--dry-run``: nothing is written, and what is said is what the run then does."""

from __future__ import annotations

import json

import pytest
from pipeline_helpers import TRAINING, Recorder, Workplace, contents

from domain_adapt.pipeline.preview import STAGES, preview

ROWS = [
    {"question": "What is a tarn?", "answer": "A small mountain lake."},
    {"question": "What is a long tarn?", "answer": "Water. " * 400},
]


def test_a_preview_writes_nothing(workplace: Workplace) -> None:
    source = workplace.source("mine.jsonl", *ROWS)
    plan = workplace.plan(sources=[source])
    before = contents(workplace.folder)
    preview(plan).to_json()
    assert contents(workplace.folder) == before
    assert not workplace.state.exists()


def test_its_counts_are_those_of_the_run(workplace: Workplace) -> None:
    plan = workplace.plan("evaluation.probes=20", sources=[workplace.source("mine.jsonl", *ROWS)])
    told = preview(plan).to_json()
    watched = Recorder()
    result = workplace.run(plan, progress=watched)
    record = result.record

    assert told["version"] == record.version
    assert told["examples"] == record.data.examples_by_builder
    assert told["examples"]["source.v1"] == 1
    assert told["refused"] == record.data.refused_by_rule == {"too-long": 1}
    assert told["concepts"] == {"seen": 12, "unseen": 12}
    assert told["steps"] == record.training.planned_steps == watched.done[TRAINING]
    assert told["questions"] == watched.done["evaluating the base model"]
    assert told["precision"] == record.model.dtype == "fp32"
    assert told["model"] == record.model.name == "tiny"
    assert told["writes"] == str(result.folder)
    # shared system turns are counted once a row in training, and not at all here
    assert told["tokens"] <= record.training.tokens < 2 * told["tokens"]


def test_it_is_a_json_document_of_documented_keys(workplace: Workplace) -> None:
    told = json.loads(json.dumps(preview(workplace.plan()).to_json(), allow_nan=False))
    assert set(told) == {
        "version",
        "pack",
        "preset",
        "stages",
        "model",
        "precision",
        "concepts",
        "examples",
        "refused",
        "steps",
        "tokens",
        "questions",
        "seconds",
        "memory_gib",
        "privacy",
        "gates",
        "writes",
    }
    assert told["stages"] == list(STAGES)
    assert told["privacy"] is None
    assert told["memory_gib"] >= 0
    assert told["gates"]["term_delta"] == 0.08


def test_a_person_reads_the_same(workplace: Workplace) -> None:
    shown = preview(workplace.plan())
    told, lines = shown.to_json(), dict(shown.lines())
    assert lines["version"] == told["version"]
    assert lines["concepts"] == "12 trained on, 12 held out"
    assert lines["refused"] == "none"
    assert lines["training"].startswith(f"{told['steps']} steps")
    assert lines["questions"].startswith(f"{told['questions']} to each")
    assert lines["writes"] == told["writes"]
    assert all(label and text for label, text in lines.items())


@pytest.mark.parametrize(
    ("override", "key"), [("train.epochs=2", "steps"), ("evaluation.probes=40", "questions")]
)
def test_more_work_is_estimated_as_more(workplace: Workplace, override: str, key: str) -> None:
    less = preview(workplace.plan()).to_json()
    more = preview(workplace.plan(override)).to_json()
    assert more[key] > less[key]
