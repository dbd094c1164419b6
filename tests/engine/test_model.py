from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from engine_helpers import ARCHITECTURES, alone, random_tokens, tiny
from safetensors.torch import load_file, save_file

from domain_adapt.base.errors import ConfigError, UsageError, VerificationError
from domain_adapt.engine.base_models import BaseModel
from domain_adapt.engine.convert_quiet import quiet_transformers
from domain_adapt.engine.model import (
    choose_device,
    choose_dtype,
    context_length,
    dtype_name,
    load_model,
    load_tokenizer,
)

CPU = torch.device("cpu")


def _load(folder: Path, dtype: torch.dtype = torch.float32) -> Any:
    return load_model(folder, dtype=dtype, device=CPU)


@pytest.fixture
def copy(tiny_model: BaseModel, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model.path, tmp_path / "copy"))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_loaded_model_is_frozen_and_ready_to_answer(
    tiny_model: BaseModel, dtype: torch.dtype
) -> None:
    model = _load(tiny_model.path, dtype)
    assert model.dtype == dtype
    assert not model.training
    assert not any(each.requires_grad for each in model.parameters())
    assert model.device == CPU


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_comes_back_as_it_was_saved(tmp_path: Path, architecture: str) -> None:
    model = tiny(architecture)
    with quiet_transformers():
        model.save_pretrained(tmp_path)

    loaded = _load(tmp_path)

    tokens = random_tokens(10, 1)
    torch.testing.assert_close(alone(loaded, tokens), alone(model, tokens), atol=1e-5, rtol=1e-5)


def test_loading_is_silent_and_draws_no_chance(
    tiny_model: BaseModel, capfd: pytest.CaptureFixture[str]
) -> None:
    before = torch.get_rng_state()
    _load(tiny_model.path)
    load_tokenizer(tiny_model.path)
    assert capfd.readouterr() == ("", "")
    assert torch.equal(before, torch.get_rng_state())


def _without_a_weight(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.self_attn.q_proj.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def test_missing_weights_are_not_filled_with_chance(copy: Path) -> None:
    _without_a_weight(copy)
    with pytest.raises(VerificationError, match=r"DA-MODEL-027.*layers\.1\.self_attn\.q_proj"):
        _load(copy)


def _with_another_shape(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    name = "model.layers.1.self_attn.q_proj.weight"
    weights[name] = weights[name][:3].clone()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def _as_pickle(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def _with_config(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


BREAKS: dict[str, Callable[[Path], object]] = {
    "gone": shutil.rmtree,
    "no config": lambda folder: (folder / "config.json").unlink(),
    "config is no JSON": lambda folder: (folder / "config.json").write_text("{no"),
    "unknown kind": lambda folder: _with_config(folder, model_type="unheard_of"),
    "no weights": lambda folder: (folder / "model.safetensors").unlink(),
    "empty weights": lambda folder: (folder / "model.safetensors").write_bytes(b""),
    "damaged weights": lambda folder: (folder / "model.safetensors").write_bytes(b"x" * 900),
    "another shape": _with_another_shape,
    "pickled weights": _as_pickle,
}


@pytest.mark.parametrize("broken", BREAKS)
def test_folders_without_a_usable_model_are_refused(copy: Path, broken: str) -> None:
    BREAKS[broken](copy)
    with pytest.raises(UsageError, match="DA-MODEL-021") as caught:
        _load(copy)
    assert str(copy) in caught.value.message


def test_code_that_comes_with_a_model_is_not_run(copy: Path, tmp_path: Path) -> None:
    trap = tmp_path / "was here"
    _with_config(
        copy,
        model_type="unheard_of",
        auto_map={"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"},
    )
    (copy / "own.py").write_text(f"open({str(trap)!r}, 'w').close()\n")
    with pytest.raises(UsageError, match="DA-MODEL-021"):
        _load(copy)
    assert not trap.exists()


def test_a_folder_without_a_tokenizer_is_refused(copy: Path) -> None:
    for file in copy.glob("tokenizer*"):
        file.unlink()
    with pytest.raises(UsageError, match="DA-MODEL-022"):
        load_tokenizer(copy)


def test_a_damaged_tokenizer_is_refused(copy: Path) -> None:
    (copy / "tokenizer.json").write_text("{no")
    with pytest.raises(UsageError, match="DA-MODEL-022"):
        load_tokenizer(copy)


@pytest.mark.parametrize(
    ("requested", "expected"), [("bf16", torch.bfloat16), ("fp32", torch.float32)]
)
def test_a_named_precision_is_taken(requested: str, expected: torch.dtype) -> None:
    assert choose_dtype(requested, CPU) == expected
    assert dtype_name(expected) == requested


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx2": True}, torch.float32),
        ({"avx512_bf16": False, "amx_bf16": False}, torch.float32),
        ({"avx512_bf16": True, "amx_bf16": False}, torch.bfloat16),
        ({"avx512_bf16": False, "amx_bf16": True}, torch.bfloat16),
    ],
)
def test_auto_is_bf16_where_the_processor_is_fast_at_it(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], expected: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert choose_dtype("auto", CPU) == expected


@pytest.mark.parametrize("supported", [True, False])
def test_auto_asks_an_accelerator(monkeypatch: pytest.MonkeyPatch, supported: bool) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: supported)
    expected = torch.bfloat16 if supported else torch.float32
    assert choose_dtype("auto", torch.device("cuda")) == expected


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(ConfigError, match="DA-MODEL-020: 'fp8'"):
        choose_dtype("fp8", CPU)


@pytest.mark.parametrize(("available", "kind"), [(True, "cuda"), (False, "cpu")])
def test_the_accelerator_is_taken_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, available: bool, kind: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    assert choose_device().type == kind


@pytest.mark.parametrize(
    ("config", "length"),
    [({"max_position_embeddings": 512}, 512), ({"n_positions": 1024}, 1024), ({}, 2048)],
)
def test_context_length(tmp_path: Path, config: dict[str, int], length: int) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert context_length(tmp_path) == length
