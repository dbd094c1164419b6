from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from domain_adapt.base.errors import DomainAdaptError, UsageError, VerificationError
from domain_adapt.engine.base_models import (
    BaseModel,
    folder_digest,
    list_models,
    model_status,
    resolve,
)
from domain_adapt.engine.base_models_store import models_root, stored, write_record

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tiny_model: BaseModel, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model.path, tmp_path / "model"))


def store(folder: Path, slug: str, *, name: str, source: str = "built-in") -> Path:
    target = models_root() / slug
    shutil.copytree(folder, target)
    write_record(target, name=name, source=source, licence="Apache-2.0", origin=("test",))  # type: ignore[arg-type]
    return target


def test_importing_needs_no_torch() -> None:
    program = (
        "import sys, domain_adapt.engine.base_models, domain_adapt.engine.fetch;"
        "print(sorted({'torch', 'transformers', 'huggingface_hub', 'gguf'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert shown.stdout.strip() == b"[]"


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(UsageError, match="Did you mean 'smollm2-135m-instruct'") as caught:
        resolve("smollm2-135m-instrct")
    assert (caught.value.code, caught.value.exit_code) == ("DA-MODEL-001", 2)


def test_a_built_in_that_is_not_fetched_says_how_to_fetch_it() -> None:
    with pytest.raises(UsageError, match="domain-adapt models fetch smollm2-135m-instruct") as e:
        resolve("smollm2-135m-instruct")
    assert e.value.code == "DA-MODEL-004"


def test_a_folder_is_resolved_with_a_digest_of_its_content(folder: Path) -> None:
    model = resolve(str(folder))
    assert model.path == folder
    assert model.source == "folder"
    assert model.licence == "unknown"
    assert model.digest == folder_digest(folder)


def test_the_digest_follows_the_content_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    before = folder_digest(folder)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    moved = Path(shutil.copytree(folder, tmp_path / "elsewhere"))
    assert folder_digest(moved) == before
    assert resolve(str(moved)).licence == "mit"

    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "rope_theta": 5.0}))
    assert folder_digest(folder) != before


@pytest.mark.parametrize("damage", ["[", '{"digest": 3}', '[{"name": "a"}]', "null"])
def test_a_damaged_digest_memory_is_computed_anew(
    folder: Path, damage: str, tmp_path: Path
) -> None:
    before = folder_digest(folder)
    memories = list((models_root().parent / "digests").iterdir())
    assert len(memories) == 1
    memories[0].write_text(damage)
    assert folder_digest(folder) == before


@pytest.mark.parametrize(
    ("missing", "word"),
    [
        ("config.json", "config.json"),
        ("model.safetensors", "weights"),
        ("tokenizer.json", "tokenizer"),
    ],
)
def test_a_folder_that_is_no_model_says_what_it_lacks(
    folder: Path, missing: str, word: str
) -> None:
    (folder / missing).unlink()
    with pytest.raises(UsageError, match=word) as caught:
        resolve(str(folder))
    assert (caught.value.code, caught.value.exit_code) == ("DA-MODEL-002", 2)
    assert str(folder) in caught.value.message


@pytest.mark.parametrize("text", ["", "[]", "3", "null", '{"model_type"', "\x00"])
def test_a_broken_configuration_is_no_model(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(UsageError, match=r"config\.json"):
        resolve(str(folder))


def test_pickled_weights_alone_are_refused(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UsageError, match="pickled") as caught:
        resolve(str(folder))
    assert caught.value.code == "DA-MODEL-003"


@pytest.mark.parametrize("name", ["/no/such/folder", "./nowhere/x", "missing.gguf", "a/b/c"])
def test_a_path_that_is_not_there(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(name)
    assert caught.value.code == "DA-MODEL-016"
    assert name in caught.value.message


def test_a_file_that_only_ends_like_gguf(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"PK\x03\x04 not a model")
    with pytest.raises(UsageError) as caught:
        resolve(str(path))
    assert caught.value.code == "DA-MODEL-014"


@pytest.mark.parametrize("revision", [None, "main", "v1.0", COMMIT[:12], COMMIT.upper()])
def test_a_hub_model_needs_a_pinned_commit(revision: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        resolve("org/name", revision=revision, allow_download=True)
    assert (caught.value.code, caught.value.exit_code) == ("DA-MODEL-005", 2)


def test_a_hub_model_is_not_downloaded_unless_allowed() -> None:
    with pytest.raises(UsageError, match="--allow-download") as caught:
        resolve("org/name", revision=COMMIT)
    assert caught.value.code == "DA-MODEL-006"


def test_a_hub_model_in_the_cache_needs_no_permission(folder: Path) -> None:
    store(folder, f"hub--org--name--{COMMIT}", name="org/name", source="hub")
    model = resolve("org/name", revision=COMMIT)
    assert (model.name, model.source) == ("org/name", "hub")


def test_a_hub_download_without_network_is_a_coded_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def unreachable(*_: object, **__: object) -> None:
        raise socket.gaierror("Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unreachable)
    monkeypatch.setattr("time.sleep", lambda _: None)  # the client waits between its tries
    for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
        monkeypatch.delenv(proxy.lower(), raising=False)
    with pytest.raises(DomainAdaptError) as caught:
        resolve("org/name", revision=COMMIT, allow_download=True)
    assert caught.value.code == "DA-MODEL-007"
    assert "org/name" in caught.value.message
    assert list_models()[0].fetched is False


def test_a_hub_download_takes_safetensors_and_never_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    asked: dict[str, object] = {}

    def snapshot(name: str, **options: object) -> None:
        asked.update(options)
        shutil.copytree(folder, str(options["local_dir"]))
        (Path(str(options["local_dir"])) / ".cache").mkdir()

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    model = resolve("org/name", revision=COMMIT, allow_download=True)

    assert asked["revision"] == COMMIT
    wanted = huggingface_hub.utils.filter_repo_objects(
        ["model.safetensors", "config.json", "tokenizer.json", "modeling.py", "x.bin", "o/a.json"],
        allow_patterns=asked["allow_patterns"],
        ignore_patterns=asked["ignore_patterns"],
    )
    assert list(wanted) == ["model.safetensors", "config.json", "tokenizer.json"]
    assert not (model.path / ".cache").exists()
    assert resolve("org/name", revision=COMMIT) == model


def test_an_incomplete_hub_model_never_counts_as_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    def snapshot(name: str, **options: object) -> None:
        target = Path(str(options["local_dir"]))
        target.mkdir(parents=True)
        shutil.copy(folder / "config.json", target)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    with pytest.raises(UsageError) as caught:
        resolve("org/name", revision=COMMIT, allow_download=True)
    assert caught.value.code == "DA-MODEL-002"
    with pytest.raises(UsageError, match="not in the cache"):
        resolve("org/name", revision=COMMIT)


def test_a_damaged_stored_model_is_noticed(folder: Path) -> None:
    target = store(folder, "smollm2-135m-instruct", name="smollm2-135m-instruct")
    assert resolve("smollm2-135m-instruct").path == target
    with (target / "model.safetensors").open("rb+") as stream:
        stream.truncate(100)
    with pytest.raises(VerificationError) as caught:
        resolve("smollm2-135m-instruct")
    assert (caught.value.code, caught.value.exit_code) == ("DA-MODEL-012", 7)
    assert list_models()[0].fetched is False


def test_a_folder_without_a_record_is_not_a_stored_model(folder: Path) -> None:
    shutil.copytree(folder, models_root() / "smollm2-135m-instruct")
    assert stored("smollm2-135m-instruct") is None


def test_listing_shows_built_ins_and_what_is_in_the_cache(folder: Path) -> None:
    assert [(status.name, status.fetched) for status in list_models()] == [
        ("smollm2-135m-instruct", False)
    ]
    store(folder, "smollm2-135m-instruct", name="smollm2-135m-instruct")
    store(folder, f"hub--org--name--{COMMIT}", name="org/name", source="hub")
    (models_root() / ".building-x").mkdir()

    listed = list_models()

    assert [(status.name, status.fetched) for status in listed] == [
        ("smollm2-135m-instruct", True),
        ("org/name", True),
    ]
    assert listed[0] == model_status(resolve("smollm2-135m-instruct"))
    assert listed[0].digest == folder_digest(folder)
