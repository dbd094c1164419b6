"""Loading a base model in the precision that the hardware is fast in."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import torch

from domain_adapt.base.errors import ConfigError, UsageError, VerificationError
from domain_adapt.engine.convert_quiet import quiet_transformers


def choose_dtype(requested: str, device: torch.device) -> torch.dtype:
    """Return the compute precision.

    ``auto`` is bf16 on accelerators that have it and on CPUs with AVX512-BF16 or AMX, float32
    elsewhere: without those instructions bf16 matrix products are 150 times slower (measured).

    Raises:
        ConfigError: ``requested`` is none of auto, bf16, fp32.
    """
    known = {"bf16": torch.bfloat16, "fp32": torch.float32}
    if requested in known:
        return known[requested]
    if requested != "auto":
        raise ConfigError(
            "DA-MODEL-020",
            f"'{requested}' is no precision.",
            hint="Use auto, bf16 or fp32 for model.dtype.",
        )
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    capabilities = torch.cpu.get_capabilities()
    fast = capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")
    return torch.bfloat16 if fast else torch.float32


def dtype_name(dtype: torch.dtype) -> str:
    """Return the recipe's name for a precision."""
    return {torch.bfloat16: "bf16", torch.float32: "fp32"}[dtype]


def choose_device() -> torch.device:
    """Return the accelerator where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load_model(folder: Path, *, dtype: torch.dtype, device: torch.device) -> Any:
    """Load a causal language model from a local folder of safetensors; nothing is downloaded.

    Raises:
        UsageError: The folder holds no model that transformers can load.
        VerificationError: Weights are missing.
    """
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM

    with quiet_transformers():
        try:
            model, report = AutoModelForCausalLM.from_pretrained(
                folder,
                dtype=dtype,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise UsageError(
                "DA-MODEL-021",
                f"'{folder}' holds no causal language model that can be loaded: {error}",
                hint="Name a folder with config.json, safetensors weights and a tokenizer.",
            ) from error
    _check_whole(folder, report["missing_keys"])
    model.requires_grad_(False)
    return model.to(device).eval()


def _check_whole(folder: Path, missing: Collection[str]) -> None:
    """Refuse a model with missing weights: transformers would fill them with random numbers."""
    if missing:
        raise VerificationError(
            "DA-MODEL-027",
            f"The model in '{folder}' lacks {len(missing)} weights, such as {min(missing)}.",
            hint="Copy or download the whole model again.",
        )


def load_tokenizer(folder: Path) -> Any:
    """Load the tokenizer that belongs to the model in ``folder``."""
    from transformers import AutoTokenizer

    with quiet_transformers():
        try:
            return AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
        except (OSError, ValueError, KeyError) as error:
            raise UsageError(
                "DA-MODEL-022",
                f"'{folder}' holds no tokenizer that can be loaded: {error}",
                hint="Name a folder with tokenizer.json and tokenizer_config.json.",
            ) from error


def context_length(folder: Path) -> int:
    """Return how many tokens the model in ``folder`` was made for; 2048 where it does not say."""
    configuration = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return int(
        configuration.get("max_position_embeddings") or configuration.get("n_positions", 2048)
    )
