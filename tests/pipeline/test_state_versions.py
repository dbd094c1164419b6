from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain_adapt.base.errors import DomainAdaptError, UsageError, VerificationError
from domain_adapt.base.hashing import digest_file, digest_tree
from domain_adapt.pipeline.state import State, default_state


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.open(tmp_path / "state")


def finish(state: State, version: str, *, pack: str = "finance") -> Path:
    run = state.run_dir(version)
    (run / "parts").mkdir(exist_ok=True)
    (run / "parts" / "adapter.safetensors").write_bytes(version.encode() * 100)
    return state.publish(version, pack=pack, preset="tiny")


def rows(state: State, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(state.registry)) as database:
        return database.execute(query).fetchall()


def test_default_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOMAIN_ADAPT_STATE", str(tmp_path))
    assert default_state() == tmp_path
    monkeypatch.delenv("DOMAIN_ADAPT_STATE")
    assert default_state() == Path("adapt_state")


def test_a_finished_run_becomes_a_version(state: State) -> None:
    assert state.completed("abc123") is None
    folder = finish(state, "abc123")

    assert folder == state.version_dir("abc123") == state.completed("abc123")
    assert not (state.path / "runs" / "abc123").exists()
    assert state.latest("finance") == "abc123"
    assert state.latest("medical") is None
    assert (folder / "parts" / "adapter.safetensors").read_bytes() == b"abc123" * 100


def test_the_registry_keeps_row_digests_and_event(state: State) -> None:
    folder = finish(state, "abc123")
    ((identifier, pack, preset, status, digests),) = rows(
        state, "SELECT id, pack, preset, status, digests FROM versions"
    )
    assert (identifier, pack, preset, status) == ("abc123", "finance", "tiny", "completed")
    assert json.loads(digests)["parts/adapter.safetensors"] == digest_file(
        folder / "parts" / "adapter.safetensors"
    )
    assert rows(state, "SELECT kind, version FROM events") == [("published", "abc123")]


def test_the_registry_survives_a_power_cut(state: State) -> None:
    assert rows(state, "PRAGMA journal_mode") == [("wal",)]


def test_events_are_appended_in_order(state: State) -> None:
    state.record("run.started", "abc123", preset="tiny", steps=3)
    state.record("run.interrupted", None)
    assert rows(state, "SELECT seq, kind, version, detail FROM events") == [
        (1, "run.started", "abc123", '{"preset":"tiny","steps":3}'),
        (2, "run.interrupted", None, "{}"),
    ]


def test_names_of_versions(state: State) -> None:
    first, second = finish(state, "abc123"), finish(state, "abd456")
    assert state.resolve_version("abc123") == first
    assert state.resolve_version("abd") == second
    assert state.resolve_version("finance@latest") == second
    assert state.versions() == ("abc123", "abd456")


def test_a_whole_id_is_never_ambiguous(state: State) -> None:
    short = finish(state, "abc")
    finish(state, "abcd")
    assert state.resolve_version("abc") == short


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("ab", "DA-STATE-008", "2 versions"),
        ("abc124", "DA-STATE-007", "Did you mean 'abc123'?"),
        ("finance@lates", "DA-STATE-007", "Did you mean 'finance@latest'?"),
        ("", "DA-STATE-008", "2 versions"),
        ("../abc123", "DA-STATE-007", "abc123"),
    ],
)
def test_a_name_that_means_no_one_version(state: State, name: str, code: str, words: str) -> None:
    finish(state, "abc123")
    finish(state, "abd456")
    with pytest.raises(UsageError) as caught:
        state.resolve_version(name)
    assert (caught.value.code, caught.value.exit_code) == (code, 2)
    assert words in str(caught.value)


def test_an_empty_name_is_no_version_even_of_one(state: State) -> None:
    finish(state, "abc123")
    with pytest.raises(UsageError):
        state.resolve_version("")


def test_a_version_whose_folder_is_gone(state: State) -> None:
    finish(state, "abc123").rename(state.path / "elsewhere")
    assert state.completed("abc123") is None
    with pytest.raises(VerificationError) as caught:
        state.resolve_version("abc123")
    assert caught.value.code == "DA-STATE-009"
    assert finish(state, "abc123") == state.completed("abc123")


def test_a_version_is_never_overwritten(state: State) -> None:
    before = digest_tree(finish(state, "abc123"), "*")
    (state.run_dir("abc123") / "adapter.safetensors").write_bytes(b"other")
    with pytest.raises(DomainAdaptError) as caught:
        state.publish("abc123", pack="finance", preset="tiny")
    assert caught.value.code == "DA-STATE-006"
    assert digest_tree(state.version_dir("abc123"), "*") == before
    assert (state.run_dir("abc123") / "adapter.safetensors").read_bytes() == b"other"


def test_a_run_that_never_began_cannot_be_finished(state: State) -> None:
    with pytest.raises(DomainAdaptError) as caught:
        state.publish("abc123", pack="finance", preset="tiny")
    assert caught.value.code == "DA-STATE-005"


@pytest.mark.parametrize("version", ["", "..", "../x", "a/b", ".hidden", "a b", "\n"])
def test_an_id_that_would_leave_the_folder(state: State, version: str) -> None:
    with pytest.raises(ValueError, match="not a version id"):
        state.run_dir(version)


def test_opening_again_changes_nothing(state: State) -> None:
    finish(state, "abc123")
    before = rows(state, "SELECT * FROM versions"), rows(state, "SELECT * FROM events")
    assert State.open(state.path) == state
    assert (rows(state, "SELECT * FROM versions"), rows(state, "SELECT * FROM events")) == before


@settings(max_examples=8, deadline=None)
@given(versions=st.lists(st.from_regex(r"[0-9a-f]{4,12}", fullmatch=True), unique=True, max_size=3))
def test_every_published_version_is_found_by_its_shortest_unique_prefix(
    versions: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    state = State.open(tmp_path_factory.mktemp("state"))
    for version in versions:
        finish(state, version)
    assert state.latest("finance") == (versions[-1] if versions else None)
    for version in versions:
        for length in range(1, len(version) + 1):
            prefix = version[:length]
            owners = [other for other in versions if other.startswith(prefix)]
            if owners == [version] or prefix == version:
                assert state.resolve_version(prefix).name == version
