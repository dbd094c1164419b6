"""What a run trains on and asks, as it is made from a plan."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any

import pytest
from pipeline_helpers import Workplace

from domain_adapt.base.errors import DataError
from domain_adapt.data.sources import SOURCE_BUILDER
from domain_adapt.pipeline.plan import RunPlan
from domain_adapt.pipeline.prepare import Prepared, longest_sequence, prepare, write_prepared

TARN = {"question": "What is a tarn?", "answer": "A small mountain lake."}


def _learned(prepared: Prepared) -> dict[str, str]:
    return {each.id: each.answer for each in prepared.examples if each.builder == SOURCE_BUILDER}


def _rules(prepared: Prepared) -> list[tuple[str, str, str]]:
    return [(each.source, each.where, each.rule) for each in prepared.rejects]


def _name(plan: RunPlan, concept: str) -> str:
    return plan.ontology.concepts[concept].preferred()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_held_out_is_in_no_example(workplace: Workplace, seed: int) -> None:
    plan = workplace.plan(f"seed={seed}")
    prepared = prepare(plan)
    assert len(prepared.split.seen) == len(prepared.split.unseen) == 12
    assert not set(prepared.split.seen) & set(prepared.split.unseen)
    text = "\n".join(f"{each.prompt}\n{each.answer}" for each in prepared.examples)
    for concept in prepared.split.unseen:
        name = re.escape(_name(plan, concept))
        assert not re.search(rf"(?<!\w){name}(?!\w)", text, re.IGNORECASE), concept
    asked = {probe.concept: probe.split for probe in prepared.questions.headline}
    assert {asked[name] for name in asked if name in prepared.split.unseen} == {"unseen"}
    assert set(asked) <= {*prepared.split.seen, *prepared.split.unseen}


@pytest.mark.parametrize("part", ["question", "answer"])
def test_a_concept_that_a_source_speaks_of_no_longer_counts_as_unseen(
    workplace: Workplace, part: str
) -> None:
    plan = workplace.plan()
    concept = prepare(plan).split.unseen[0]
    row = TARN | {part: f"We often speak of {_name(plan, concept).upper()}s here."}
    prepared = prepare(workplace.plan(sources=[workplace.source("mine.jsonl", row)]))

    assert concept not in prepared.split.unseen
    assert len(prepared.split.unseen) == 11
    assert concept not in {probe.concept for probe in prepared.questions.headline}
    assert _rules(prepared) == [("suite", concept, "C12-spoken-of")]
    assert prepared.facts.unseen_concepts == 11
    assert _learned(prepared) == {"mine.jsonl:1": row["answer"]}


def test_a_source_that_speaks_of_other_things_changes_no_side(workplace: Workplace) -> None:
    expected = prepare(workplace.plan()).split
    prepared = prepare(workplace.plan(sources=[workplace.source("mine.jsonl", TARN)]))
    assert prepared.split == expected
    assert prepared.rejects == ()


def test_a_row_that_is_a_question_of_the_suites_is_refused(workplace: Workplace) -> None:
    questions = prepare(workplace.plan()).questions
    asked = [part[0].prompt for part in (questions.headline, questions.abstention)]
    asked.append(questions.retention[0].prompt.upper())
    rows = [TARN, *({"question": prompt, "answer": "It is told."} for prompt in asked)]
    prepared = prepare(workplace.plan(sources=[workplace.source("mine.jsonl", *rows)]))

    assert _learned(prepared) == {"mine.jsonl:1": TARN["answer"]}
    refused = [each for each in prepared.rejects if each.rule == "C12-suite"]
    assert [(each.source, each.where) for each in refused] == [
        ("mine.jsonl", f"mine.jsonl:{line}") for line in (2, 3, 4)
    ]
    assert prepared.facts.refused_by_rule["C12-suite"] == 3


def test_a_row_longer_than_the_models_context_is_refused_and_never_cut(
    workplace: Workplace, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = [TARN, TARN | {"answer": "Water. " * 400}, {"text": "Stone. " * 400}]
    prepared = prepare(workplace.plan(sources=[workplace.source("mine.jsonl", *rows)]))
    assert _learned(prepared) == {"mine.jsonl:1": TARN["answer"]}
    assert _rules(prepared) == [
        ("mine.jsonl", "mine.jsonl:2", "too-long"),
        ("mine.jsonl", "mine.jsonl:3", "too-long"),
    ]
    assert longest_sequence(prepared) <= prepared.encoder.max_length == 512
    assert capfd.readouterr().err == ""  # the tokenizer's own warning would frighten for nothing


def test_a_row_with_control_tokens_of_the_model_is_refused(workplace: Workplace) -> None:
    rows = [TARN, TARN | {"answer": "Lake.<|im_end|>"}]
    prepared = prepare(workplace.plan(sources=[workplace.source("mine.jsonl", *rows)]))
    assert _rules(prepared) == [("mine.jsonl", "mine.jsonl:2", "control-token")]


def test_every_example_is_in_training_or_in_dev_and_ends_where_the_model_stops(
    workplace: Workplace,
) -> None:
    prepared = prepare(workplace.plan(sources=[workplace.source("mine.jsonl", TARN)]))
    training = prepared.training
    ids = [each.id for each in (*training.examples, *training.dev)]
    assert sorted(ids) == sorted(each.id for each in prepared.examples)
    assert len(set(ids)) == len(ids)
    assert training.dev
    for each in training.examples:
        assert each.body[-1] == prepared.encoder.stop_id
        assert 0 < each.target_start < len(each.body)
    drawn = [index for batch in training.batches for index in batch]
    assert len(drawn) == len(set(drawn)) == round(len(training.examples) / 2)


def test_rows_of_files_of_the_same_name_are_all_learned(workplace: Workplace) -> None:
    first = workplace.source("a/mine.jsonl", TARN)
    second = workplace.source("b/mine.jsonl", TARN | {"question": "And a fell?", "answer": "Hill."})
    prepared = prepare(workplace.plan(sources=[first, second]))
    assert _learned(prepared) == {"mine.jsonl:1": TARN["answer"], "2.mine.jsonl:1": "Hill."}
    encoded = {e.id: e for e in (*prepared.training.examples, *prepared.training.dev)}
    assert encoded["mine.jsonl:1"].body != encoded["2.mine.jsonl:1"].body


def test_the_counts_of_each_source_add_up(workplace: Workplace) -> None:
    """Refused while reading, as a suite's question, and while encoding: all are counted."""
    asked = prepare(workplace.plan()).questions.retention[0].prompt
    rows: list[dict[str, Any]] = [{"question": f"Fell {n}?", "answer": "Hill."} for n in range(40)]
    rows += [TARN | {"answer": " "}, TARN | {"answer": "Water. " * 400}]
    rows += [{"question": asked, "answer": "Two."}]
    prepared = prepare(
        workplace.plan(
            sources=[workplace.source("mine.jsonl", *rows), workplace.source("b.jsonl", TARN)]
        )
    )
    facts = prepared.facts
    ontology, mine, other = facts.sources
    assert (mine.documents, mine.examples, mine.refused) == (43, 40, 3)
    assert (other.documents, other.examples, other.refused) == (1, 1, 0)
    assert ontology.name == f"ontology finance {workplace.plan().ontology.version}"
    assert sum(source.examples for source in facts.sources) == len(prepared.examples)
    assert sum(facts.examples_by_builder.values()) == len(prepared.examples)
    assert sum(facts.examples_by_split.values()) == len(prepared.examples)
    assert facts.refused_by_rule == {"C12-suite": 1, "empty": 1, "too-long": 1}
    assert facts.examples_by_builder[SOURCE_BUILDER] == 41


def test_without_builders_and_sources_there_is_nothing_to_train_on(workplace: Workplace) -> None:
    names = ("acronym", "definition", "hypernym", "synonym", "abstention")
    off = f"data.builders={{{', '.join(f'{name}.v1: 0' for name in names)}}}"
    with pytest.raises(DataError) as caught:
        prepare(workplace.plan(off))
    assert caught.value.code == "DA-DATA-060"
    prepared = prepare(workplace.plan(off, sources=[workplace.source("mine.jsonl", TARN)]))
    assert _learned(prepared) == {"mine.jsonl:1": TARN["answer"]}
    assert len(prepared.examples) == 1


def test_what_was_prepared_is_written_as_it_is(workplace: Workplace) -> None:
    rows = [TARN, TARN | {"question": "Why?\u2028", "answer": "é " * 600}]
    prepared = prepare(workplace.plan(sources=[workplace.source("mine.jsonl", *rows)]))
    folder = workplace.folder / "written"
    write_prepared(prepared, folder)

    lines = (folder / "data" / "examples.jsonl").read_text("utf-8").split("\n")[:-1]
    assert [json.loads(line) for line in lines] == [asdict(each) for each in prepared.examples]
    rejects = (folder / "data" / "rejects.jsonl").read_text("utf-8").split("\n")[:-1]
    assert [json.loads(line)["rule"] for line in rejects] == ["too-long"]
    manifest = json.loads((folder / "data_manifest.json").read_text("utf-8"))
    assert manifest["examples_by_split"] == prepared.facts.examples_by_split
    assert manifest["sources"][1]["refused"] == 1


def test_preparing_twice_gives_the_same(workplace: Workplace) -> None:
    first, second = prepare(workplace.plan()), prepare(workplace.plan())
    assert first.examples == second.examples
    assert first.training == second.training
    assert first.questions == second.questions
    assert first.facts == second.facts
