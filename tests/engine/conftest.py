"""The tiny model as a GGUF file; one thread for tiny models."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from domain_adapt.engine.base_models import BaseModel

_BLOCK_PARTS = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """On a busy machine, waiting for a second thread takes most of a tiny model's time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def write_gguf(tiny_model: BaseModel, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the tiny model as GGUF, with a pre-tokenizer rule to name."""

    def write(*, pre: str = "smollm") -> Path:
        path = tmp_path / f"tiny-{pre}.gguf"
        _write(tiny_model.path, path, pre)
        return path

    return write


def _write(model: Path, path: Path, pre: str) -> None:
    import gguf

    writer = gguf.GGUFWriter(path, "llama")
    config = json.loads((model / "config.json").read_text())
    writer.add_license("apache-2.0")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_rope_freq_base(10_000.0)
    _add_tokenizer(writer, model, pre)
    _add_tensors(writer, model, config["num_attention_heads"], config["num_key_value_heads"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: object, model: Path, pre: str) -> None:
    import gguf

    assert isinstance(writer, gguf.GGUFWriter)
    tokenizer = json.loads((model / "tokenizer.json").read_text())
    tokens = sorted(tokenizer["model"]["vocab"], key=tokenizer["model"]["vocab"].__getitem__)
    merges = [" ".join(pair) for pair in tokenizer["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types([3] * 3 + [1] * (len(tokens) - 3))  # 3: control, 1: normal
    writer.add_token_merges(merges)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(2)
    writer.add_chat_template((model / "chat_template.jinja").read_text())


def _add_tensors(writer: object, model: Path, heads: int, kv_heads: int) -> None:
    import gguf
    from safetensors.numpy import load_file

    assert isinstance(writer, gguf.GGUFWriter)
    for name, value in load_file(model / "model.safetensors").items():
        part = name.removeprefix("model.").removesuffix(".weight")
        rotary = {"q_proj": heads, "k_proj": kv_heads}.get(part.rpartition(".")[2])
        stored = value if rotary is None else _interleave(value, rotary)
        writer.add_tensor(f"{_gguf_name(part)}.weight", stored)


def _gguf_name(part: str) -> str:
    if part.startswith("layers."):
        _, block, inner = part.split(".", 2)
        return f"blk.{block}.{_BLOCK_PARTS[inner]}"
    return {"embed_tokens": "token_embd", "norm": "output_norm"}[part]


def _interleave(weight: np.ndarray, heads: int) -> np.ndarray:
    """Order the rows of a rotary projection as GGUF does: halves of a head interleaved."""
    rows, columns = weight.shape
    halves = weight.reshape(heads, 2, rows // heads // 2, columns)
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(rows, columns))
