from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from engine_helpers import ARCHITECTURES, adapted, alone, random_tokens, tiny

from domain_adapt.base.errors import ConfigError, DomainAdaptError, UsageError
from domain_adapt.base.records import EncodedExample
from domain_adapt.engine import adapters
from domain_adapt.engine.adapters import (
    adapted_modules,
    add_lora,
    automatic_targets,
    interpolate_adapter,
    load_adapter,
    save_adapter,
    trainable_parameters,
)
from domain_adapt.engine.loop import accumulate_gradients

TOKENS = random_tokens(12, 3)
LLAMA = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
EXPECTED = {
    "llama": LLAMA,
    "qwen2": LLAMA,
    "qwen3": LLAMA,
    "mistral": LLAMA,
    "gemma2": LLAMA,
    "gpt2": {"c_attn", "c_proj", "c_fc"},
    # neither routers nor experts, neither the dense layers' MLP
    "deepseek_v3": {"q_a_proj", "q_b_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj"},
}


def _lora(model: Any, **changes: Any) -> Any:
    settings = {"rank": 4, "alpha": 8.0, "dropout": 0.0, "targets": ("q_proj",), "seed": 1}
    return add_lora(model, **(settings | changes))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_automatic_targets(architecture: str) -> None:
    targets = automatic_targets(tiny(architecture))
    assert set(targets) == EXPECTED[architecture]
    assert len(targets) == len(set(targets))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_all_automatic_targets_are_adapted_and_learn(architecture: str) -> None:
    model = tiny(architecture)
    targets = automatic_targets(model)

    model = _lora(model, targets=targets)

    assert set(adapted_modules(model)) == set(targets)
    accumulate_gradients(model, [EncodedExample("one", (1, 5), (*TOKENS, 2), 3)], 100)
    still = [
        name
        for name, each in trainable_parameters(model).items()
        if "lora_B" in name and float(each.grad.abs().sum()) == 0
    ]
    assert still == []


def test_a_new_adapter_changes_nothing_yet() -> None:
    torch.testing.assert_close(alone(_lora(tiny()), TOKENS), alone(tiny(), TOKENS))


def test_only_the_adapters_matrices_are_trainable() -> None:
    model = _lora(tiny(), targets=("q_proj", "up_proj"), rank=3)
    parameters = trainable_parameters(model)
    assert all("lora_A" in name or "lora_B" in name for name in parameters)
    assert list(parameters) == sorted(parameters)
    # two layers; q: 32 to 32, up: 32 to 48
    assert sum(each.numel() for each in parameters.values()) == 2 * 3 * ((32 + 32) + (32 + 48))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_adapter_computes_in_the_models_precision(dtype: torch.dtype) -> None:
    model = _lora(tiny(dtype=dtype))
    assert {each.dtype for each in trainable_parameters(model).values()} == {dtype}


def test_first_weights_come_from_the_seed_and_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    one, same, other = (trainable_parameters(_lora(tiny(), seed=seed)) for seed in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    ("targets", "named"),
    [
        (("q_proj", "nope"), "nope"),
        (("self_attn",), "self_attn"),  # exists, but is no linear layer
        (("layers",), "layers"),
        (("norm",), "norm"),
        ((), "none was named"),
    ],
)
def test_layers_that_cannot_be_adapted_are_refused(targets: tuple[str, ...], named: str) -> None:
    with pytest.raises(ConfigError, match="DA-MODEL-023") as caught:
        _lora(tiny(), targets=targets)
    assert named in caught.value.message
    assert "down_proj" in caught.value.hint


def test_another_choice_than_the_asked_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "adapted_modules", lambda _: ("k_proj",))
    with pytest.raises(ConfigError, match="DA-MODEL-024"):
        _lora(tiny())


@pytest.mark.parametrize("architecture", ["llama", "gpt2", "deepseek_v3"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_saved_adapter_gives_the_same_outputs(
    tmp_path: Path, architecture: str, dtype: torch.dtype
) -> None:
    base = tiny(architecture, dtype=dtype)
    model = adapted(base, targets=automatic_targets(base))
    save_adapter(model, tmp_path / "adapter")

    loaded = load_adapter(tiny(architecture, dtype=dtype), tmp_path / "adapter")

    assert torch.equal(alone(loaded, TOKENS), alone(model, TOKENS))
    assert trainable_parameters(loaded) == {}
    assert not loaded.training


def test_saved_files_name_no_place_on_this_machine(tmp_path: Path) -> None:
    base = tiny()
    place = tmp_path / 'a "base" model'  # quotes are escaped in JSON
    base.name_or_path = base.config._name_or_path = str(place)
    model = adapted(base)
    assert model.peft_config["default"].base_model_name_or_path == str(place)
    place.mkdir()
    base.config.save_pretrained(place)

    save_adapter(model, tmp_path / "adapter")

    files = {each.name: each for each in (tmp_path / "adapter").iterdir()}
    assert set(files) == {"adapter_config.json", "adapter_model.safetensors"}
    for file in files.values():
        content = file.read_bytes()
        assert tmp_path.name.encode() not in content
        assert str(Path.home()).encode() not in content
    written = json.loads(files["adapter_config.json"].read_text())
    assert written["base_model_name_or_path"] is None
    assert (written["r"], written["lora_alpha"]) == (4, 8.0)
    load_adapter(tiny(), tmp_path / "adapter")


def test_saving_asks_no_hub_although_the_base_model_has_gone(tmp_path: Path) -> None:
    base = tiny()
    base.name_or_path = base.config._name_or_path = "somebody/something"
    save_adapter(adapted(base), tmp_path)  # a socket would fail the test
    assert (tmp_path / "adapter_model.safetensors").is_file()


@pytest.mark.parametrize("name", ["nowhere", "somebody/something"])
def test_a_missing_folder_is_told_and_not_searched_for_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"DA-MODEL-025.*adapter_config.json' is missing"):
        load_adapter(tiny(), Path(name))


def test_pickled_weights_are_not_read(tmp_path: Path) -> None:
    save_adapter(adapted(), tmp_path)
    (tmp_path / "adapter_model.safetensors").unlink()
    torch.save({}, tmp_path / "adapter_model.bin")
    with pytest.raises(UsageError, match=r"DA-MODEL-025.*safetensors' is missing"):
        load_adapter(tiny(), tmp_path)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("adapter_model.safetensors", b"no tensors"),
        ("adapter_model.safetensors", b""),
        ("adapter_config.json", b"{no json"),
        ("adapter_config.json", b'{"peft_type": "UNHEARD_OF"}'),
        ("adapter_config.json", b"{}"),
    ],
)
def test_damaged_adapters_are_refused(tmp_path: Path, file: str, content: bytes) -> None:
    save_adapter(adapted(), tmp_path)
    (tmp_path / file).write_bytes(content)
    with pytest.raises(UsageError, match="DA-MODEL-025"):
        load_adapter(tiny(), tmp_path)


@pytest.mark.parametrize("architecture", ["gpt2", "qwen3"])
def test_an_adapter_of_another_model_is_refused(tmp_path: Path, architecture: str) -> None:
    base = tiny("deepseek_v3")
    save_adapter(adapted(base, targets=automatic_targets(base)), tmp_path)
    with pytest.raises(UsageError, match="DA-MODEL-025"):
        load_adapter(tiny(architecture), tmp_path)


def test_an_adapter_of_a_model_with_fewer_layers_is_refused(tmp_path: Path) -> None:
    from transformers import LlamaForCausalLM

    save_adapter(adapted(), tmp_path)
    config = tiny().config
    config.num_hidden_layers = 3
    with torch.random.fork_rng():
        deeper = LlamaForCausalLM(config)
    with pytest.raises(UsageError, match=r"DA-MODEL-025.*do not match"):
        load_adapter(deeper, tmp_path)


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "adapter").write_text("in the way")
    with pytest.raises(DomainAdaptError, match="DA-DISK-003"):
        save_adapter(adapted(), tmp_path / "adapter")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_interpolation_scales_what_was_learned_and_nothing_else(architecture: str) -> None:
    model = _lora(tiny(architecture), targets=automatic_targets(tiny(architecture)))
    with torch.no_grad():
        for parameter in trainable_parameters(model).values():
            parameter.normal_(std=0.1, generator=torch.Generator().manual_seed(5))
    frozen = {n: p.clone() for n, p in model.named_parameters() if not p.requires_grad}
    layers = [m for m in model.modules() if hasattr(m, "get_delta_weight")]
    before = [layer.get_delta_weight("default").clone() for layer in layers]
    interpolate_adapter(model, 0.75)
    for layer, delta in zip(layers, before, strict=True):
        assert delta.abs().max() > 0
        torch.testing.assert_close(layer.get_delta_weight("default"), 0.75 * delta)
    for name, parameter in model.named_parameters():
        assert name not in frozen or torch.equal(parameter, frozen[name])
    interpolate_adapter(model, 1.0)
    torch.testing.assert_close(layers[0].get_delta_weight("default"), 0.75 * before[0])
