"""The version id: the same for the same plan, another for anything that changes the outcome."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pipeline_helpers import SMALL, Workplace, contents

from domain_adapt.base.assets import assets_root
from domain_adapt.base.errors import DomainAdaptError
from domain_adapt.config.load import load_recipe
from domain_adapt.pipeline.plan import RunPlan

ROW = {"question": "What is a tarn?", "answer": "A small mountain lake."}


def test_the_same_plan_has_the_same_id(workplace: Workplace) -> None:
    first = workplace.plan()
    assert first.version == workplace.plan().version
    assert first.version.startswith("finance-")
    assert len(first.version) == len("finance-") + 12


@pytest.mark.parametrize(
    "override",
    ["seed=7", "train.learning_rate=0.003", "data.concepts=13", "gates.term_delta=0.09"],
)
def test_another_value_of_the_recipe_gives_another_id(workplace: Workplace, override: str) -> None:
    assert workplace.plan(override).version != workplace.plan().version


def test_another_preset_gives_another_id(workplace: Workplace) -> None:
    versions = {workplace.plan(preset=name).version for name in ("default", "tiny", "full")}
    assert len(versions) == 3


def test_another_byte_of_a_source_gives_another_id(workplace: Workplace) -> None:
    path = workplace.source("mine.jsonl", ROW)
    first = workplace.plan(sources=[path])
    path.write_text(path.read_text().replace("lake", "Lake"))
    second = workplace.plan(sources=[path])
    assert len({workplace.plan().version, first.version, second.version}) == 3


def test_another_item_of_the_retention_suite_gives_another_id(workplace: Workplace) -> None:
    before = workplace.plan().version
    suite = workplace.folder / "general.jsonl"
    suite.write_text(suite.read_text().replace("What is 8", "How much is 8"))
    assert workplace.plan().version != before


def test_another_word_of_the_ontology_gives_another_id(workplace: Workplace) -> None:
    copy = workplace.folder / "mine"
    shutil.copytree(assets_root() / "ontologies" / "finance", copy)
    unchanged = workplace.plan("ontology=./mine")
    branch = copy / "capital.yaml"
    branch.write_text(branch.read_text("utf-8").replace("The body of rules", "The set of rules"))
    assert workplace.plan("ontology=./mine").version != unchanged.version


def test_another_weight_of_the_base_model_gives_another_id(workplace: Workplace) -> None:
    before = workplace.plan().version
    shutil.copytree(workplace.folder / "tiny", workplace.folder / "other")
    weights = workplace.folder / "other" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert workplace.plan("model.base=./other").version != before


def test_where_files_lie_changes_nothing(workplace: Workplace) -> None:
    """The id is that of another machine's, too."""
    expected = workplace.plan(sources=[workplace.source("mine.jsonl", ROW)]).version
    folder = workplace.folder
    shutil.copytree(assets_root() / "ontologies" / "finance", folder / "copied")
    shutil.copy(folder / "general.jsonl", folder / "copied")
    moved = workplace.elsewhere("another state").plan(
        f"model.base={folder / 'tiny'}",
        "ontology=copied/",
        "evaluation.retention=copied/general.jsonl",
        sources=[folder / workplace.source("copied/mine.jsonl", ROW)],
    )
    assert moved.version == expected


def test_planning_leaves_the_state_alone(workplace: Workplace) -> None:
    workplace.plan()
    assert not workplace.state.exists()
    before = contents(workplace.folder / "tiny")
    workplace.plan()
    assert contents(workplace.folder / "tiny") == before


def test_what_reports_show_names_no_folder_of_this_machine(workplace: Workplace) -> None:
    plan = workplace.plan(f"model.base={workplace.folder / 'tiny'}", "title=~/secret/Mine")
    assert plan.base.name == "tiny"
    assert plan.base.path == (workplace.folder / "tiny").resolve()
    assert plan.overrides == (*SMALL, "model.base=tiny", "title=Mine")


def test_files_of_the_same_name_are_told_apart(workplace: Workplace) -> None:
    first = workplace.source("a/mine.jsonl", ROW, ROW)
    second = workplace.source("b/mine.jsonl", ROW)
    plan = workplace.plan(sources=[first, second, first])
    assert [source.name for source in plan.sources] == [
        "mine.jsonl",
        "2.mine.jsonl",
        "3.mine.jsonl",
    ]
    assert _ids(plan) == [
        "mine.jsonl:1",
        "mine.jsonl:2",
        "2.mine.jsonl:1",
        "3.mine.jsonl:1",
        "3.mine.jsonl:2",
    ]


def _ids(plan: RunPlan) -> list[str]:
    return [each.id for source in plan.sources for each in source.content.documents]


def test_the_recipes_sources_come_before_those_of_the_command_line(workplace: Workplace) -> None:
    inside, given = workplace.source("inside.jsonl", ROW), workplace.source("given.jsonl", ROW)
    plan = workplace.plan(
        f"data.sources=[{{path: {inside}, sensitivity: public, licence: CC0-1.0}}]",
        sources=[given],
    )
    assert [(each.name, each.config.licence) for each in plan.sources] == [
        ("inside.jsonl", "CC0-1.0"),
        ("given.jsonl", "unknown"),
    ]


@pytest.mark.parametrize(
    ("overrides", "code", "exit_code"),
    [
        (["data.sources=[{path: mine.jsonl, sensitivity: private}]"], "DA-PRIV-001", 3),
        (["data.sources=[{path: absent.jsonl, sensitivity: public}]"], "DA-DATA-001", 2),
        (["evaluation.suite=general.jsonl"], "DA-EVAL-009", 4),
        (["evaluation.suite=finance/term"], "DA-EVAL-001", 2),
        (["evaluation.retention=absent.jsonl"], "DA-EVAL-001", 2),
        (["ontology=fiannce"], "DA-ONTO-020", 2),
        (["model.base=./absent"], "DA-MODEL-016", 2),
    ],
)
def test_what_cannot_be_planned_is_refused(
    workplace: Workplace, overrides: list[str], code: str, exit_code: int
) -> None:
    workplace.source("mine.jsonl", ROW)
    with pytest.raises(DomainAdaptError) as caught:
        workplace.plan(*overrides)
    assert (caught.value.code, caught.value.exit_code) == (code, exit_code)
    assert not workplace.state.exists()


def test_the_locked_recipe_leaves_nothing_open(workplace: Workplace) -> None:
    plan = workplace.plan("seed=7", preset="tiny", sources=[workplace.source("mine.jsonl", ROW)])
    Path("lock.yaml").write_text(plan.locked_recipe())
    locked = load_recipe("lock.yaml").recipe
    assert locked.model.dtype == plan.dtype != "auto"
    assert [source.path for source in locked.data.sources][-1] == "mine.jsonl"
    again = workplace.plan_of("./lock.yaml")
    assert again.recipe == locked
    assert [(each.name, each.digest) for each in again.sources] == [
        (each.name, each.digest) for each in plan.sources
    ]


def test_a_recipe_of_ones_own_runs_by_its_path(workplace: Workplace) -> None:
    Path("mine.yaml").write_text("extends: finance\ntitle: Mine\n")
    plan = workplace.plan_of("./mine.yaml", *SMALL)
    assert (plan.pack.name, plan.recipe.title) == ("finance", "Mine")
    Path("mine.yaml").write_text("extends: finance\npack: fiannce\n")
    with pytest.raises(DomainAdaptError) as caught:
        workplace.plan_of("./mine.yaml", *SMALL)
    assert (caught.value.code, caught.value.exit_code) == ("DA-PACK-001", 2)
