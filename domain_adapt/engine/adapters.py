"""Adapters on a base model; the only file that imports peft."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from domain_adapt.base.errors import ConfigError, UsageError
from domain_adapt.base.files import storage_errors

_MULTI_LATENT = ("q_proj", "q_a_proj", "q_b_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj")
"""The projections of DeepSeek's attention, which peft has no default for."""


def automatic_targets(model: Any) -> tuple[str, ...]:
    """Return the names of the linear layers that an adapter should sit on.

    All linear layers but the vocabulary layer; with multi-latent attention (DeepSeek V2/V3) its
    projections alone, since adapting routers and routed experts unbalances them.
    """
    from transformers.pytorch_utils import Conv1D  # GPT-2's linear layer

    output = model.get_output_embeddings()
    names = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear | Conv1D) and module is not output
    }
    if "kv_b_proj" in names:
        return tuple(name for name in _MULTI_LATENT if name in names)
    return tuple(sorted(names))


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

    present = {name.rpartition(".")[2] for name, _ in model.named_modules()}
    missing = [name for name in targets if name not in present]
    if missing or not targets:
        raise ConfigError(
            "DA-MODEL-023",
            f"The model has no layer named {', '.join(missing) or 'anything to adapt'}.",
            hint=f"Use adapter.target_modules=auto, or of: {', '.join(automatic_targets(model))}.",
        )
    config = LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=list(targets),
        task_type="CAUSAL_LM",
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        adapted = get_peft_model(model, config, autocast_adapter_dtype=False)
    _check_adapted(adapted, targets)
    return adapted


def adapted_modules(model: Any) -> tuple[str, ...]:
    """Return the last name parts of the layers that carry an adapter."""
    names = (name for name, _ in model.named_modules() if name.endswith(".lora_A"))
    return tuple(sorted({name.rpartition(".lora_A")[0].rpartition(".")[2] for name in names}))


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


@contextlib.contextmanager
def adapter_off(model: Any) -> Iterator[None]:
    """Let the base model answer inside the block."""
    with model.disable_adapter():
        yield


def save_adapter(model: Any, folder: Path) -> None:
    """Write the adapter in peft's own form (safetensors and a JSON configuration)."""
    with storage_errors(folder):
        model.save_pretrained(folder, safe_serialization=True)
        _forget_machine_paths(folder)


def _forget_machine_paths(folder: Path) -> None:
    """Remove the local path of the base model that peft writes down, and its template card."""
    configuration = folder / "adapter_config.json"
    text = configuration.read_text(encoding="utf-8")
    text = re.sub(r'("base_model_name_or_path":\s*)"[^"]*"', r"\1null", text)
    configuration.write_text(text, encoding="utf-8")
    (folder / "README.md").unlink(missing_ok=True)


def load_adapter(model: Any, folder: Path) -> Any:
    """Put a saved adapter on its base model, for evaluation.

    Raises:
        UsageError: ``folder`` holds no adapter, or one of another model.
    """
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(model, str(folder), is_trainable=False)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise UsageError(
            "DA-MODEL-025",
            f"'{folder}' holds no adapter that fits this base model: {error}",
            hint="Name a version of this state, or a folder with adapter_model.safetensors.",
        ) from error
