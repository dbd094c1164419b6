from __future__ import annotations

import dataclasses
import json
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from audit_sample_record import comparison, sample_record
from audit_strategies import records
from hypothesis import HealthCheck, given, settings

from domain_adapt.audit.record import SCHEMA, DataFacts, RunRecord, ShownProbe
from domain_adapt.audit.report import (
    record_from_json,
    record_to_json,
    render_html,
    render_model_card,
    report_schema,
    write_report,
)
from domain_adapt.base.errors import DataError, DomainAdaptError

ANY_RECORD = settings(
    deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow,
                                                           HealthCheck.data_too_large]
)  # fmt: skip


def reordered(record: RunRecord) -> RunRecord:
    """Return the same record with every mapping filled in another order."""
    return replace(
        record,
        seconds=dict(reversed(record.seconds.items())),
        environment=dict(reversed(record.environment.items())),
        evaluation=replace(
            record.evaluation,
            families=dict(reversed(record.evaluation.families.items())),
            matrix=dict(reversed(record.evaluation.matrix.items())),
        ),
        data=replace(
            record.data, examples_by_builder=dict(reversed(record.data.examples_by_builder.items()))
        ),
        training=replace(
            record.training, hyperparameters=dict(reversed(record.training.hyperparameters.items()))
        ),
    )


def test_the_sample_comes_back_as_it_was() -> None:
    record = sample_record()
    assert record_from_json(record_to_json(record)) == record


@given(records())
@ANY_RECORD
def test_any_record_comes_back_and_its_text_is_stable(record: RunRecord) -> None:
    text = record_to_json(record)
    again = record_from_json(text)
    assert again == record
    assert record_to_json(again) == text


@given(records())
@ANY_RECORD
def test_any_record_renders_and_twice_the_same(record: RunRecord) -> None:
    assert render_html(record) == render_html(record)
    assert render_model_card(record) == render_model_card(record)


def test_json_is_for_people_and_canonical() -> None:
    text = record_to_json(sample_record())
    facts = json.loads(text)
    assert text == json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert "问答" in text


def test_the_order_of_a_mapping_changes_no_byte() -> None:
    record = sample_record()
    other = reordered(record)
    assert list(other.seconds) != list(record.seconds)
    assert record_to_json(other) == record_to_json(record)
    assert render_html(other) == render_html(record)
    assert render_model_card(other) == render_model_card(record)


def test_the_page_is_the_same_from_the_json_alone() -> None:
    record = sample_record()
    assert render_html(record_from_json(record_to_json(record))) == render_html(record)


def test_whole_numbers_in_float_fields_give_one_text() -> None:
    record = sample_record()
    whole = replace(record, training=replace(record.training, epochs=2))
    floating = replace(record, training=replace(record.training, epochs=2.0))
    assert record_to_json(whole) == record_to_json(floating)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused_by_name(value: float) -> None:
    record = sample_record()
    point = replace(record.training.curve[3], train_loss=value)
    curve = (*record.training.curve[:3], point)
    broken = replace(record, training=replace(record.training, curve=curve))
    for render in (record_to_json, render_html, render_model_card):
        with pytest.raises(DataError, match=r"training\.curve\.3\.train_loss") as caught:
            render(broken)
        assert caught.value.code == "DA-AUDIT-001"


def test_text_that_is_no_json() -> None:
    with pytest.raises(DataError) as caught:
        record_from_json("{")
    assert caught.value.code == "DA-AUDIT-002"


def changed(change: dict[str, Any], *, drop: str = "") -> str:
    facts = json.loads(record_to_json(sample_record())) | change
    facts.pop(drop, None)
    return json.dumps(facts)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (changed({}, drop="version"), "version"),
        (changed({"gates_enforced": "yes"}), "gates_enforced"),
        (changed({"privacy": {"epsilon": 1}}), "privacy"),
        (changed({"surprise": 1}), "surprise"),
        ("[]", "the whole text"),
    ],
)
def test_a_field_that_is_missing_wrong_or_unknown_is_named(text: str, named: str) -> None:
    with pytest.raises(DataError, match=named) as caught:
        record_from_json(text)
    assert caught.value.code == "DA-AUDIT-003"


def test_an_unknown_field_deep_inside_is_found() -> None:
    facts = json.loads(record_to_json(sample_record()))
    facts["data"]["sources"][1]["owner"] = "someone"
    with pytest.raises(DataError, match=r"data\.sources\.1\.owner"):
        record_from_json(json.dumps(facts))


def test_a_record_that_holds_a_stranger_is_refused() -> None:
    record: Any = replace(sample_record(), pack=object())
    with pytest.raises(DataError) as caught:
        record_to_json(record)
    assert caught.value.code == "DA-AUDIT-003"


def test_another_version_of_the_shape_is_refused() -> None:
    with pytest.raises(DataError, match=r"run-record\.v9") as caught:
        record_from_json(changed({"schema": "domain-adapt.run-record.v9"}))
    assert caught.value.code == "DA-AUDIT-004"


def test_the_schema_names_every_field_and_allows_no_other() -> None:
    schema = report_schema()
    assert schema["properties"]["schema"]["const"] == SCHEMA
    assert set(schema["properties"]) == {field.name for field in dataclasses.fields(RunRecord)}
    data = schema["$defs"]["DataFacts"]
    assert set(data["required"]) == {field.name for field in dataclasses.fields(DataFacts)}
    shapes = [schema, *schema["$defs"].values()]
    assert all(shape["additionalProperties"] is False for shape in shapes)


def test_all_three_files_are_written(tmp_path: Path) -> None:
    record = sample_record()
    paths = write_report(record, tmp_path / "version")
    assert paths.html.read_text(encoding="utf-8") == render_html(record)
    assert paths.json.read_text(encoding="utf-8") == record_to_json(record)
    assert paths.card.read_text(encoding="utf-8") == render_model_card(record)
    assert sorted(path.name for path in (tmp_path / "version").iterdir()) == [
        "MODEL_CARD.md", "report.html", "report.json",
    ]  # fmt: skip


def test_nothing_is_written_of_an_unsound_record(tmp_path: Path) -> None:
    record = sample_record()
    broken = replace(record, seconds={"train": float("nan")})
    with pytest.raises(DataError):
        write_report(broken, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_coded_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DomainAdaptError) as caught:
        write_report(sample_record(), tmp_path / "file" / "version")
    assert caught.value.code.startswith("DA-DISK-")


def test_a_report_takes_less_than_a_second() -> None:
    record = sample_record()
    render_html(record)  # what is imported once is not counted
    start = time.perf_counter()
    page = render_html(record)
    assert time.perf_counter() - start < 1
    assert len(page.encode()) < 2_000_000


def test_the_first_lines_say_it_all() -> None:
    record = sample_record()
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", render_html(record), flags=re.DOTALL)
    text = " ".join(text.replace("&lt;", "<").split())
    first = text[: text.index("By kind of question")]
    for fact in (
        "Finance terms", "52 %", "81 %", "+29 points, 95 % CI 24 to 34, p < 0.001",
        "n = 480 questions on 192 concepts", "All 4 gates hold.", "Taught concepts",
        "Never-seen concepts", "General knowledge",
        "No difference shown; n = 520 could have shown a change of 3.5 points.",
        "No private data was used; nothing to account for.", "8 min 01 s",
    ):  # fmt: skip
        assert fact in first


def test_a_missed_gate_and_a_loss_are_said_as_plainly() -> None:
    record = sample_record()
    missed = replace(record.gates[3], holds=False)
    worse = replace(record.evaluation, headline=comparison(480, 300, 200))
    text = render_html(replace(record, gates=(*record.gates[:3], missed), evaluation=worse))
    assert "1 of 4 gates missed." in text
    assert '<p class="finding loss">Worse, beyond what chance would do.</p>' in text
    assert '<span class="from">62.5\N{NO-BREAK SPACE}%</span>' in text
    assert '<span class="after-loss">41.7\N{NO-BREAK SPACE}%</span>' in text


def test_a_run_with_little_to_show_says_so() -> None:
    record = sample_record()
    bare = replace(
        record,
        gates=(),
        gates_enforced=False,
        evaluation=replace(
            record.evaluation, generation={}, abstention=None, false_abstention=None,
            fixed=(), broken=(), families={}, matrix={},
        ),
        training=replace(record.training, curve=()),
        data=replace(record.data, refused_by_rule={}),
    )  # fmt: skip
    text = render_html(bare)
    for said in (
        "No gate was set",
        "Not measured in this run",
        "None to show.",
        "No family was asked.",
        "No curve was recorded.",
        "Nothing was refused.",
    ):
        assert said in text


def test_what_a_preset_does_not_enforce_is_said() -> None:
    text = render_html(replace(sample_record(), gates_enforced=False))
    assert "reports its gates without enforcing them" in text


def test_text_of_models_and_users_is_escaped() -> None:
    hostile = "</style><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
    record = sample_record()
    probe = ShownProbe("P1", hostile, hostile, hostile, hostile, hostile, hostile)
    source = replace(record.data.sources[0], name=hostile, licence=hostile, digest=hostile)
    page = render_html(
        replace(
            record,
            title=hostile, version=hostile, pack=hostile, preset=hostile, created=hostile,
            overrides=(hostile,),
            data=replace(record.data, sources=(source,), examples_by_builder={hostile: 1}),
            evaluation=replace(
                record.evaluation, fixed=(probe,), broken=(probe,),
                family_titles=dict.fromkeys(record.evaluation.families, hostile),
            ),
            environment={hostile: hostile},
            gates=(replace(record.gates[0], title=hostile, direction=hostile, unit=hostile),),
        )
    )  # fmt: skip
    assert "<script" not in page
    assert "<img" not in page
    assert 'onerror=alert(1)>"' not in page
    assert page.count("</style>") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_command_can_be_pasted() -> None:
    record = replace(sample_record(), overrides=("train.seed=9", "name=a b"))
    page = render_html(record)
    assert "domain-adapt run finance --preset default train.seed=9 &#39;name=a b&#39;" in page
