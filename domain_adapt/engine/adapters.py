"""Adapters on a base model; the only file that imports peft."""

from __future__ import annotations

import contextlib
import json
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from domain_adapt.base.errors import ConfigError, UsageError
from domain_adapt.base.files import storage_errors
from domain_adapt.engine.serialisation import system_errors

_MULTI_LATENT = ("q_proj", "q_a_proj", "q_b_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj")
"""The projections of DeepSeek's attention, which peft has no default for."""


def automatic_targets(model: Any) -> tuple[str, ...]:
    """Return the names of the linear layers that an adapter should sit on.

    All linear layers but the vocabulary layer; with multi-latent attention (DeepSeek V2/V3) its
    projections alone, since adapting routers and routed experts unbalances them.
    """
    output = model.get_output_embeddings()
    names = {name for name, module in _linear_layers(model) if module is not output}
    if "kv_b_proj" in names:
        return tuple(name for name in _MULTI_LATENT if name in names)
    return tuple(sorted(names))


def _linear_layers(model: Any) -> list[tuple[str, torch.nn.Module]]:
    """Return the last name part of each linear layer, and the layer."""
    from transformers.pytorch_utils import Conv1D  # GPT-2's linear layer

    return [
        (name.rpartition(".")[2], module)
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear | Conv1D)
    ]


def add_lora(
    model: Any, *, rank: int, alpha: float, dropout: float, targets: Sequence[str], seed: int
) -> Any:
    """Put LoRA (Hu et al. 2021) on the named layers; only its matrices are trainable.

    Args:
        model: A causal language model whose own weights are frozen.
        rank: Rank of the update.
        alpha: Scale; the update is multiplied by ``alpha / rank``.
        dropout: Share of the adapter's inputs dropped in training.
        targets: Last name parts of the layers, as ``automatic_targets`` gives them.
        seed: Seed of the adapter's first weights; the global generator is left as it was.

    Raises:
        ConfigError: A named layer does not exist, or others than the named were adapted.
    """
    from peft import LoraConfig, get_peft_model

    present = dict(_linear_layers(model))
    missing = [name for name in targets if name not in present]
    if missing or not targets:
        raise ConfigError(
            "DA-MODEL-023",
            f"The model has no linear layer named {', '.join(missing) or '(none was named)'}.",
            hint=f"Use adapter.target_modules=auto, or of: {', '.join(automatic_targets(model))}.",
        )
    config = LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=list(targets),
        # GPT-2's layers hold their weights the other way round
        fan_in_fan_out=not any(isinstance(present[name], torch.nn.Linear) for name in targets),
        task_type="CAUSAL_LM",
    )
    with torch.random.fork_rng(devices=[]), _peft_notices_hidden():
        torch.manual_seed(seed)
        adapted = get_peft_model(model, config, autocast_adapter_dtype=False)
    _check_adapted(adapted, targets)
    return adapted


def adapted_modules(model: Any) -> tuple[str, ...]:
    """Return the last name parts of the layers that carry an adapter."""
    names = (name for name, _ in model.named_modules() if name.endswith(".lora_A"))
    return tuple(sorted({name.rpartition(".lora_A")[0].rpartition(".")[2] for name in names}))


@contextlib.contextmanager
def _peft_notices_hidden() -> Iterator[None]:
    """Hide what peft 0.21 provokes in transformers 5.23: it reads an attribute's old name."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
        warnings.filterwarnings("ignore", message="Found missing adapter keys")  # told as an error
        yield


def _check_adapted(model: Any, targets: Sequence[str]) -> None:
    found = adapted_modules(model)
    if set(found) != set(targets):
        raise ConfigError(
            "DA-MODEL-024",
            f"Asked to adapt {', '.join(targets)}, but {', '.join(found)} were adapted.",
            hint="Name the layers one by one in adapter.target_modules.",
        )


def trainable_parameters(model: Any) -> dict[str, torch.nn.Parameter]:
    """Return the trainable parameters by name, in a fixed order."""
    return {
        name: parameter
        for name, parameter in sorted(model.named_parameters())
        if parameter.requires_grad
    }


def interpolate_adapter(model: Any, share: float) -> None:
    """Move the adapted weights back towards the base model's, in place.

    The weights become ``base + share * (adapted - base)``. What was learned last costs most of what
    was known before, so a step back gives up little and regains much (Wortsman et al., Robust
    fine-tuning of zero-shot models, 2022).

    Args:
        model: A model with LoRA adapters.
        share: In (0, 1]; 1 leaves the adapter as it was trained.
    """
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".lora_B." in name:  # the update is B times A: scaling one of them scales it
                parameter.mul_(share)


def save_adapter(model: Any, folder: Path) -> None:
    """Write the adapter in peft's own form (safetensors and a JSON configuration)."""
    with storage_errors(folder), system_errors():
        folder.mkdir(parents=True, exist_ok=True)
        # peft would ask the Hub whether the vocabulary has grown; only adapters are trained here
        model.save_pretrained(folder, safe_serialization=True, save_embedding_layers=False)
        _forget_machine_paths(folder)


def _forget_machine_paths(folder: Path) -> None:
    """Remove the local path of the base model that peft writes down, and its template card."""
    configuration = folder / "adapter_config.json"
    values = json.loads(configuration.read_text(encoding="utf-8"))
    values["base_model_name_or_path"] = None
    configuration.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    (folder / "README.md").unlink(missing_ok=True)


def load_adapter(model: Any, folder: Path) -> Any:
    """Put a saved adapter on its base model, for evaluation.

    Raises:
        UsageError: ``folder`` holds no adapter, or one of another model.
    """
    from peft import PeftModel, get_peft_model_state_dict
    from safetensors import SafetensorError, safe_open

    weights = folder / "adapter_model.safetensors"
    # looked at first: peft would search the Hub for a missing folder, and unpickle older formats
    for file in (folder / "adapter_config.json", weights):
        if not file.is_file():
            raise _no_adapter(folder, f"'{file.name}' is missing")
    try:
        with _peft_notices_hidden(), safe_open(weights, framework="pt") as stream:
            saved = set(stream.keys())
            adapted = PeftModel.from_pretrained(
                model, str(folder), is_trainable=False, autocast_adapter_dtype=False
            )
    except (OSError, ValueError, TypeError, RuntimeError, KeyError, SafetensorError) as error:
        raise _no_adapter(folder, str(error)) from error
    wanted = set(get_peft_model_state_dict(adapted, save_embedding_layers=False))
    if saved != wanted:  # peft would leave those at zero, and evaluate the base model
        raise _no_adapter(folder, f"{len(saved ^ wanted)} weights do not match its layers")
    return adapted


def _no_adapter(folder: Path, reason: str) -> UsageError:
    return UsageError(
        "DA-MODEL-025",
        f"'{folder}' holds no adapter that fits this base model: {reason}.",
        hint="Name a version of this state, or a folder with adapter_model.safetensors.",
    )
