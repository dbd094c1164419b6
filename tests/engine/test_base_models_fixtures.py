from __future__ import annotations

import socket

import pytest

from domain_adapt.base.assets import cache_root
from domain_adapt.engine.base_models import BaseModel
from domain_adapt.engine.model import load_model, load_tokenizer


def test_tiny_model_answers_through_its_chat_template(tiny_model: BaseModel) -> None:
    import torch

    tokenizer = load_tokenizer(tiny_model.path)
    model = load_model(tiny_model.path, dtype=torch.float32, device=torch.device("cpu"))

    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": "What is CDS?"}], add_generation_prompt=True, tokenize=False
    )
    ids = tokenizer(text, return_tensors="pt").input_ids
    generated = model.generate(ids, max_new_tokens=4, do_sample=False)

    assert text.startswith("<|im_start|>system\n")
    assert text.endswith("<|im_start|>assistant\n")
    assert tokenizer.decode(ids[0]) == text
    assert tokenizer.eos_token_id == tokenizer.convert_tokens_to_ids("<|im_end|>") == 2
    assert generated.shape[1] > ids.shape[1]


def test_no_test_reaches_the_network() -> None:
    with pytest.raises(BaseException, match="a test opened a socket"):
        socket.create_connection(("127.0.0.1", 9), timeout=1)


def test_each_test_has_a_cache_of_its_own() -> None:
    assert not cache_root().exists()
