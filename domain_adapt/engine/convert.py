"""From one GGUF file to a folder of safetensors, tokenizer and chat template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain_adapt.base.errors import DomainAdaptError, UsageError
from domain_adapt.base.files import storage_error
from domain_adapt.engine.convert_quiet import quiet_transformers

_PLAIN_BYTE_LEVEL = ("", "default", "gpt-2", "gpt2")
_DIGIT_BY_DIGIT = ("smollm",)
_VOLATILE_KEYS = ("transformers_version", "_name_or_path", "_model_name_or_path")


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """What a GGUF file says about itself.

    Attributes:
        licence: Its ``general.license``, or ``unknown``.
        tokenizer: Kind of vocabulary (``gpt2`` is byte-level BPE).
        pre_tokenizer: Name of the rule that splits text before the merges.
    """

    licence: str
    tokenizer: str
    pre_tokenizer: str


def convert_gguf(gguf: Path, folder: Path) -> GgufFacts:
    """Write the model in ``gguf`` to ``folder`` as safetensors with tokenizer and chat template.

    The dequantised values are kept exactly. They are stored in float32, because a 4-bit block's
    scale times its step is not in general a bfloat16 number (in the built-in model, 61 of 272
    tensors would survive bfloat16 unchanged). The same file gives the same bytes each time.

    Raises:
        UsageError: The file is no GGUF file.
        DomainAdaptError: It cannot be converted, or the disk is full.
    """
    check_is_gguf(gguf)
    try:
        facts = gguf_facts(gguf)
        with quiet_transformers():
            _save_weights(gguf, folder)
            _save_tokenizer(gguf, folder, facts)
        _drop_volatile_keys(folder)
    except DomainAdaptError:
        raise
    except Exception as error:  # whatever a broken file provokes in three parsers
        raise _conversion_error(error, gguf, folder) from error
    return facts


def check_is_gguf(path: Path) -> None:
    """Refuse a file that cannot be read or does not begin like a GGUF file."""
    try:
        with path.open("rb") as stream:
            if stream.read(4) == b"GGUF":
                return
    except OSError as error:
        raise UsageError(
            "DA-MODEL-017",
            f"'{path}' cannot be read: {error.strerror}.",
            hint="Check the path and its permissions.",
        ) from error
    raise UsageError(
        "DA-MODEL-014",
        f"'{path}' is no GGUF file: it does not begin with 'GGUF'.",
        hint="Name a GGUF file that is complete, or a folder with safetensors.",
    )


def gguf_facts(path: Path) -> GgufFacts:
    """Read licence and tokenizer kind from the header of a GGUF file."""
    import gguf

    fields = gguf.GGUFReader(path).fields

    def text(key: str, default: str) -> str:
        field = fields.get(key)
        return default if field is None else str(field.contents())

    return GgufFacts(
        text("general.license", "unknown"),
        text("tokenizer.ggml.model", ""),
        text("tokenizer.ggml.pre", ""),
    )


def _save_weights(gguf: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32, local_files_only=True
    )
    # It is dequantised, but still says that it is quantised, and then it cannot be saved.
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)


def _save_tokenizer(gguf: Path, folder: Path, facts: GgufFacts) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(
        gguf.parent, gguf_file=gguf.name, local_files_only=True
    )
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tokenizer.model_max_length = config["max_position_embeddings"]
    if facts.tokenizer == "gpt2":
        _fix_pre_tokenizer(tokenizer.backend_tokenizer, facts.pre_tokenizer)
    tokenizer.save_pretrained(folder)


def _fix_pre_tokenizer(backend: Any, rule: str) -> None:
    """Split text as the vocabulary was trained, or refuse: wrong token ids would go unnoticed.

    transformers falls back to the plain GPT-2 rule where it does not know ``rule``.
    """
    from tokenizers import pre_tokenizers

    fell_back = type(backend.pre_tokenizer).__name__ == "ByteLevel"
    if rule in _DIGIT_BY_DIGIT:
        backend.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Digits(individual_digits=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False),
            ]
        )
    elif fell_back and rule not in _PLAIN_BYTE_LEVEL:
        raise UsageError(
            "DA-MODEL-015",
            f"The GGUF file splits text by the rule '{rule}', which cannot be reproduced exactly.",
            hint="Use the same model as a folder of safetensors with its tokenizer.json.",
        )


def _drop_volatile_keys(folder: Path) -> None:
    """Take out what differs between machines and library versions but not between models."""
    for name in ("config.json", "generation_config.json"):
        path = folder / name
        if path.is_file():
            value: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            kept = {key: item for key, item in value.items() if key not in _VOLATILE_KEYS}
            path.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _conversion_error(error: Exception, gguf: Path, folder: Path) -> DomainAdaptError:
    if "No space left" in str(error):
        return storage_error(OSError(28, "No space left on device"), folder)
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return DomainAdaptError(
        "DA-MODEL-011",
        f"'{gguf.name}' could not be converted: {type(error).__name__}: {reason}.",
        hint="Check that the file is complete and of an architecture that transformers knows.",
    )
