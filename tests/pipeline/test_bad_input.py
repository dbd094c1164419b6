"""Bad input through the command line: a coded answer, and nothing in the state is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pipeline_helpers import SMALL, Workplace, contents, enter, make_workplace, one_thread

from domain_adapt.base.files import storage_error
from domain_adapt.cli.main import main
from domain_adapt.engine.base_models import BaseModel
from domain_adapt.pipeline.locking import state_lock


@pytest.fixture(scope="module")
def kept(tiny_model: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A workplace whose state holds one finished version."""
    workplace = make_workplace(tmp_path_factory.mktemp("kept"), tiny_model)
    with pytest.MonkeyPatch.context() as patch, one_thread():
        enter(workplace, patch)
        workplace.run(workplace.plan())
    return workplace


@pytest.fixture
def place(kept: Workplace, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    enter(kept, monkeypatch)
    return kept


def _versions(place: Workplace) -> dict[str, bytes]:
    return contents(place.state / "versions")


def _refused(
    place: Workplace, capsys: pytest.CaptureFixture[str], *arguments: str, state: str = "state"
) -> tuple[int, str]:
    """Run the command; return its exit code and what it said, having lost nothing."""
    before = _versions(place)
    code = main([*arguments, "--state", state, "--yes", "--format", "json"])
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert _versions(place) == before
    assert before
    return code, said.err


def _run(*overrides: str) -> tuple[str, ...]:
    return ("run", "finance", *SMALL, *overrides)


def test_a_misspelt_pack(place, capsys):
    code, said = _refused(place, capsys, "run", "finanse")

    assert code == 2
    assert "DA-PACK-001" in said
    assert "'finance'" in said


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("train.lerning_rate=1", "train.learning_rate"),
        ("train.learning_rate=minus", "minus"),
        ("train.batch_size=0", "batch_size"),
    ],
)
def test_a_recipe_key_or_value(place, capsys, override, named):
    code, said = _refused(place, capsys, *_run(override))

    assert code == 3
    assert named in said


def test_a_line_that_does_not_parse(place, capsys):
    rows = ['{"question": "a", "answer": "b"}', "{broken", '{"question": "c", "answer": "d"}', "["]
    (place.folder / "bad.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")

    code, said = _refused(place, capsys, *_run(), "--source", "bad.jsonl")

    assert code == 4
    assert "bad.jsonl" in said
    assert "line 2 (" in said
    assert "line 4 (" in said


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_data_set(place, capsys, text):
    (place.folder / "empty.jsonl").write_text(text, encoding="utf-8")

    code, said = _refused(place, capsys, *_run(), "--source", "empty.jsonl")

    assert code == 4
    assert "empty.jsonl" in said


def test_a_row_with_nothing_to_learn(place, capsys):
    row = {"question": "What is it?", "answer": "  "}
    (place.folder / "blank.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")

    code, said = _refused(place, capsys, *_run(), "--source", "blank.jsonl")

    assert code == 4
    assert "blank.jsonl" in said


def test_a_row_longer_than_the_models_context_is_refused_and_never_cut(place):
    long = {"question": "What is it?", "answer": "word " * 5000}
    short = {"question": "And this?", "answer": "A word."}
    source = place.source("long.jsonl", long, short)

    with one_thread():
        result = place.elsewhere("state-long").run(
            place.elsewhere("state-long").plan(sources=[source])
        )

    rejects = (result.folder / "data" / "rejects.jsonl").read_text(encoding="utf-8")
    assert "too-long" in rejects
    assert result.record.data.refused_by_rule["too-long"] == 1


def test_a_folder_that_is_no_model(place, capsys):
    (place.folder / "nothing").mkdir(exist_ok=True)

    code, said = _refused(place, capsys, *_run("model.base=./nothing"))

    assert code == 2
    assert "DA-MODEL" in said
    assert "nothing" in said


def test_a_full_disk(place, capsys, monkeypatch):
    def full(path: Path, _text: str) -> None:
        raise storage_error(OSError(28, "No space left on device"), path)

    monkeypatch.setattr("domain_adapt.pipeline.prepare.write_text", full)

    code, said = _refused(place, capsys, *_run("seed=99"))

    assert code == 1
    assert "DA-DISK-001" in said


def test_a_state_in_use(place, capsys):
    with state_lock(place.state):
        code, said = _refused(place, capsys, *_run("seed=98"))

    assert code == 8
    assert "DA-STATE" in said


def test_a_state_that_cannot_be_written(place, capsys):
    (place.folder / "a-file").write_text("", encoding="utf-8")

    code, said = _refused(place, capsys, *_run(), state="a-file/state")

    assert code == 1
    assert "DA-DISK-" in said


def test_a_private_source(place, capsys):
    (place.folder / "notes.jsonl").write_text('{"text": "Private."}\n', encoding="utf-8")
    private = 'data.sources=[{"path": "notes.jsonl", "sensitivity": "private", "unit": "client"}]'

    code, said = _refused(place, capsys, *_run(private))

    assert code == 3
    assert "DA-PRIV-001" in said
