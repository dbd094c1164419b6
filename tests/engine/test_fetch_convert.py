from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from domain_adapt.base.errors import DomainAdaptError, UsageError
from domain_adapt.engine.base_models import BaseModel, list_models, resolve
from domain_adapt.engine.base_models_store import models_root
from domain_adapt.engine.convert import convert_gguf
from domain_adapt.engine.model import load_model, load_tokenizer

WriteGguf = Callable[..., Path]


def pieces(model: BaseModel, text: str) -> list[str]:
    splitter = load_tokenizer(model.path).backend_tokenizer.pre_tokenizer
    return [piece for piece, _ in splitter.pre_tokenize_str(text)]


def test_the_weights_are_kept_exactly(write_gguf: WriteGguf, tiny_model: BaseModel) -> None:
    import torch

    def weights(model: BaseModel) -> dict[str, np.ndarray]:
        loaded = load_model(model.path, dtype=torch.float32, device=torch.device("cpu"))
        return {name: tensor.numpy() for name, tensor in loaded.state_dict().items()}

    converted, expected = weights(resolve(str(write_gguf()))), weights(tiny_model)

    assert converted.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(converted[name], value, err_msg=name)


def test_tokenizer_and_chat_template_come_along(
    write_gguf: WriteGguf, tiny_model: BaseModel
) -> None:
    tokenizer = load_tokenizer(resolve(str(write_gguf())).path)
    original = load_tokenizer(tiny_model.path)
    turns = [{"role": "user", "content": "What is a bond?"}]
    assert tokenizer.apply_chat_template(turns, tokenize=True) == original.apply_chat_template(
        turns, tokenize=True
    )
    assert tokenizer.eos_token_id == original.eos_token_id == 2
    assert tokenizer.model_max_length == 512


def test_text_is_split_by_the_rule_that_the_file_names(write_gguf: WriteGguf) -> None:
    plain, digits = resolve(str(write_gguf(pre="gpt-2"))), resolve(str(write_gguf(pre="smollm")))
    assert pieces(plain, "a  12") == ["a", "Ġ", "Ġ12"]
    # Numbers are cut off first and digit by digit, so two blanks before them stay together.
    assert pieces(digits, "a  12") == ["a", "ĠĠ", "1", "2"]


def test_an_unknown_rule_is_refused(write_gguf: WriteGguf) -> None:
    with pytest.raises(UsageError, match="'riddle'") as caught:
        resolve(str(write_gguf(pre="riddle")))
    assert caught.value.code == "DA-MODEL-015"
    assert [status.fetched for status in list_models()] == [False]


def test_a_file_is_converted_once_and_known_by_its_content(
    write_gguf: WriteGguf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_gguf()
    first = resolve(str(path))
    moved = Path(shutil.copy(path, tmp_path / "elsewhere.gguf"))
    monkeypatch.setattr("domain_adapt.engine.base_models.convert_gguf", pytest.fail)
    assert resolve(str(moved)) == first
    assert (first.source, first.licence) == ("gguf", "apache-2.0")
    assert [status.source for status in list_models() if status.fetched] == ["gguf"]


def test_the_same_file_gives_the_same_digest(
    write_gguf: WriteGguf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_gguf()
    first = resolve(str(path))
    monkeypatch.setenv("DOMAIN_ADAPT_CACHE", str(tmp_path / "another"))
    second = resolve(str(path))
    assert first.path != second.path
    assert first.digest == second.digest


def test_nothing_that_changes_with_the_library_is_stored(write_gguf: WriteGguf) -> None:
    folder = resolve(str(write_gguf())).path
    for name in ("config.json", "generation_config.json"):
        assert "transformers_version" not in json.loads((folder / name).read_text())


@pytest.mark.parametrize("kept", [4, 100, 20_000])
def test_a_file_that_is_cut_off_leaves_nothing(
    write_gguf: WriteGguf, kept: int, tmp_path: Path
) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(write_gguf().read_bytes()[:kept])
    with pytest.raises(DomainAdaptError, match=r"'cut\.gguf' could not be converted") as caught:
        resolve(str(path))
    assert caught.value.code == "DA-MODEL-011"
    assert [entry.name for entry in models_root().iterdir()] == [".lock"]


def test_a_path_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read") as caught:
        convert_gguf(tmp_path, tmp_path / "out")
    assert caught.value.code == "DA-MODEL-017"


def test_converting_is_silent(
    write_gguf: WriteGguf, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    convert_gguf(write_gguf(), tmp_path / "out")
    assert capfd.readouterr() == ("", "")


def test_a_full_disk_while_converting(
    write_gguf: WriteGguf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr("domain_adapt.engine.convert._save_weights", full)
    with pytest.raises(DomainAdaptError) as caught:
        convert_gguf(write_gguf(), tmp_path / "out")
    assert caught.value.code == "DA-DISK-001"


@pytest.mark.model
def test_the_built_in_model_generates(base_model: BaseModel) -> None:
    import torch

    tokenizer = load_tokenizer(base_model.path)
    model = load_model(base_model.path, dtype=torch.float32, device=torch.device("cpu"))
    ids = tokenizer.apply_chat_template(
        [{"role": "user", "content": "What is the capital of France?"}],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    )
    answer = model.generate(**ids, max_new_tokens=20, do_sample=False)[0, ids.input_ids.shape[1] :]

    assert "Paris" in tokenizer.decode(answer)
    assert tokenizer.decode([tokenizer.eos_token_id]) == "<|im_end|>"
    assert tokenizer.convert_ids_to_tokens(tokenizer("1234").input_ids) == ["1", "2", "3", "4"]
    assert sum(parameter.numel() for parameter in model.parameters()) == 134_515_008


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_converts_to_the_same_digest(
    write_gguf: WriteGguf, tmp_path: Path, seed: str
) -> None:
    path = write_gguf()
    program = "import sys; from domain_adapt.engine.base_models import resolve; "
    program += "print(resolve(sys.argv[1]).digest)"
    shown = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "PYTHONHASHSEED": seed,
            "DOMAIN_ADAPT_CACHE": str(tmp_path / "another"),
        },
    )
    assert shown.stdout.strip() == resolve(str(path)).digest
