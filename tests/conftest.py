"""Fixtures of all tests: real files, base models, and isolation from network and user folders."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any, NoReturn

import pytest

from domain_adapt.base.errors import DomainAdaptError
from domain_adapt.engine.base_models import BaseModel, resolve
from domain_adapt.engine.base_models_folder import folder_model

CHECKOUT = Path(__file__).resolve().parent.parent

CHAT_TEMPLATE = (
    "{%- if messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a small model for tests.<|im_end|>\n' }}"
    "{%- endif %}"
    "{%- for turn in messages %}"
    "{{ '<|im_start|>' + turn['role'] + '\n' + turn['content'] + '<|im_end|>\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""ChatML with a default system turn, as the built-in model has it."""

_SPECIAL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
_TOKENIZER_TEXT = [
    "What does the abbreviation CDS stand for? A credit default swap.",
    "Which term means the rate at which banks lend to one another overnight?",
    "A bond is a debt security; the issuer owes the holders interest and the principal.",
    "system user assistant You are a small model for tests.",
    "What is 12 plus 30? It is 42. I do not know that term.",
]


class NetworkUsedError(BaseException):
    """A test tried to reach the network; not an ``Exception``, so that nothing swallows it."""


@pytest.fixture(autouse=True)
def isolation(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any
) -> None:
    """Block sockets, and give each test a state and a cache of its own.

    Tests of the built-in model (marker ``model``) keep the user's cache, where it lies.
    """

    def refuse(*arguments: object, **_: object) -> NoReturn:
        raise NetworkUsedError(f"a test opened a socket: {arguments[1:]}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    own = tmp_path_factory.mktemp("own")
    monkeypatch.setenv("DOMAIN_ADAPT_STATE", str(own / "state"))
    if request.node.get_closest_marker("model") is None:
        monkeypatch.setenv("DOMAIN_ADAPT_CACHE", str(own / "cache"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with the real files; tests that need them are skipped without it."""
    named = os.environ.get("DOMAIN_ADAPT_REAL_DATA")
    folder = Path(named) if named else CHECKOUT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"real files not found: '{folder}' (set DOMAIN_ADAPT_REAL_DATA)")
    return folder


@pytest.fixture(scope="session")
def _built_in_model() -> BaseModel | str:
    """Resolve once, before any test has a cache of its own; a text says why it is not there."""
    try:
        return resolve("smollm2-135m-instruct")
    except DomainAdaptError as error:
        return str(error)


@pytest.fixture
def base_model(request: pytest.FixtureRequest, _built_in_model: BaseModel | str) -> BaseModel:
    """The built-in base model; skips where it is not fetched. Tests of it are marked ``model``."""
    if request.node.get_closest_marker("model") is None:
        pytest.fail("a test that uses base_model carries @pytest.mark.model")
    if isinstance(_built_in_model, str):
        pytest.skip(_built_in_model)
    return _built_in_model


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    """A random two-layer Llama (hidden size 64) with a byte-level tokenizer and ChatML."""
    folder = tmp_path_factory.mktemp("tiny-model")
    _save_tiny_weights(folder, vocabulary=_save_tiny_tokenizer(folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOMAIN_ADAPT_CACHE", str(tmp_path_factory.mktemp("tiny-cache")))
        return folder_model("tiny", folder)


def _save_tiny_tokenizer(folder: Path) -> int:
    """Train and save a tokenizer; return the number of its tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=_SPECIAL_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(_TOKENIZER_TEXT, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        unk_token=_SPECIAL_TOKENS[0],
        bos_token=_SPECIAL_TOKENS[1],
        eos_token=_SPECIAL_TOKENS[2],
        pad_token=_SPECIAL_TOKENS[2],
        model_max_length=512,
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)
    return len(tokenizer)


def _save_tiny_weights(folder: Path, *, vocabulary: int) -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from domain_adapt.engine.convert_quiet import quiet_transformers

    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    with quiet_transformers(), torch.random.fork_rng():
        torch.manual_seed(0)
        LlamaForCausalLM(config).save_pretrained(folder)
