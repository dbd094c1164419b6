"""Tiny random models of many architectures, and training plans on invented tokens."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import torch

from domain_adapt.base.records import EncodedExample
from domain_adapt.config.recipe import TrainConfig
from domain_adapt.engine.adapters import add_lora
from domain_adapt.engine.convert_quiet import quiet_transformers
from domain_adapt.engine.loop import TrainingPlan

VOCABULARY = 61
STOP = 2
SYSTEM = (1, 7, 8, 9)

_COMMON = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "initializer_range": 0.2,  # larger than usual, so that what a token sees shows in its logits
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": STOP,
}


def _llama() -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(LlamaConfig(**_COMMON))


def _qwen2() -> Any:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    return Qwen2ForCausalLM(Qwen2Config(**_COMMON))


def _qwen3() -> Any:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    return Qwen3ForCausalLM(Qwen3Config(**_COMMON, head_dim=8))


def _mistral(window: int | None = None) -> Any:
    from transformers import MistralConfig, MistralForCausalLM

    return MistralForCausalLM(MistralConfig(**_COMMON, head_dim=8, sliding_window=window))


def _gemma2(window: int = 64) -> Any:
    from transformers import Gemma2Config, Gemma2ForCausalLM

    return Gemma2ForCausalLM(
        Gemma2Config(**_COMMON, head_dim=8, query_pre_attn_scalar=8, sliding_window=window)
    )


def _gpt2() -> Any:
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=VOCABULARY,
            n_positions=128,
            n_embd=32,
            n_layer=2,
            n_head=4,
            initializer_range=0.2,
            bos_token_id=1,
            eos_token_id=STOP,
        )
    )


def _deepseek_v3() -> Any:
    from transformers import DeepseekV3Config, DeepseekV3ForCausalLM

    return DeepseekV3ForCausalLM(
        DeepseekV3Config(
            **{**_COMMON, "num_key_value_heads": 4},
            moe_intermediate_size=16,
            n_shared_experts=1,
            n_routed_experts=4,
            num_experts_per_tok=2,
            n_group=2,
            topk_group=1,
            first_k_dense_replace=1,
            q_lora_rank=16,
            kv_lora_rank=16,
            qk_rope_head_dim=4,
            qk_nope_head_dim=8,
            v_head_dim=8,
        )
    )


def _mamba() -> Any:
    from transformers import MambaConfig, MambaForCausalLM

    return MambaForCausalLM(
        MambaConfig(
            vocab_size=VOCABULARY,
            hidden_size=32,
            state_size=8,
            num_hidden_layers=2,
            initializer_range=0.2,
            bos_token_id=1,
            eos_token_id=STOP,
            pad_token_id=0,
        )
    )


def _bloom() -> Any:
    from transformers import BloomConfig, BloomForCausalLM

    return BloomForCausalLM(
        BloomConfig(
            vocab_size=VOCABULARY, hidden_size=32, n_layer=2, n_head=4, initializer_range=0.2
        )
    )


ARCHITECTURES: dict[str, Callable[[], Any]] = {
    "llama": _llama,
    "qwen2": _qwen2,
    "qwen3": _qwen3,
    "mistral": _mistral,
    "gpt2": _gpt2,
    "gemma2": _gemma2,
    "deepseek_v3": _deepseek_v3,
}
"""Those whose rows hold many sequences exactly."""

OTHERS: dict[str, Callable[[], Any]] = {
    "mamba": _mamba,
    "bloom": _bloom,
    "mistral with a window of 8": lambda: _mistral(8),
    "gemma2 with a window of 8": lambda: _gemma2(8),
}
"""Those that need every sequence in a row of its own."""


def tiny(architecture: str = "llama", *, seed: int = 0, dtype: torch.dtype = torch.float32) -> Any:
    """Return a random two-layer model, frozen and in evaluation mode."""
    with quiet_transformers(), torch.random.fork_rng():
        torch.manual_seed(seed)
        model = (ARCHITECTURES | OTHERS)[architecture]()
    return model.to(dtype).requires_grad_(False).eval()


def adapted(
    model: Any | None = None,
    *,
    dropout: float = 0.0,
    seed: int = 3,
    targets: Sequence[str] = ("q_proj", "v_proj"),
) -> Any:
    """Return a model with LoRA on the named layers, whose update is not zero."""
    model = add_lora(
        tiny() if model is None else model,
        rank=4,
        alpha=8.0,
        dropout=dropout,
        targets=targets,
        seed=seed,
    )
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.copy_(0.2 * torch.randn(parameter.shape, generator=generator))
    return model


def random_tokens(count: int, seed: int) -> tuple[int, ...]:
    """Return ``count`` token ids that are no special tokens."""
    chance = random.Random(seed)  # noqa: S311 - no secrets
    return tuple(chance.randrange(3, VOCABULARY) for _ in range(count))


def random_examples(
    count: int, *, seed: int = 0, prefixes: Sequence[tuple[int, ...]] = (SYSTEM,)
) -> tuple[EncodedExample, ...]:
    """Return examples of 3 to 14 tokens whose answers end with the stop token."""
    chance = random.Random(seed)  # noqa: S311 - no secrets
    examples = []
    for index in range(count):
        prompt = random_tokens(chance.randint(1, 8), seed * 1000 + index)
        answer = random_tokens(chance.randint(1, 5), seed * 1000 + index + 500)
        prefix = prefixes[index % len(prefixes)]
        body = (*prompt, *answer, STOP)
        examples.append(EncodedExample(f"example-{index}", prefix, body, len(prompt)))
    return tuple(examples)


def train_config(**changes: Any) -> TrainConfig:
    """Return a training section for tiny models."""
    values: dict[str, Any] = {
        "epochs": 1.0,
        "batch_size": 4,
        "micro_tokens": 64,
        "learning_rate": 0.02,
        "warmup": 0.1,
        "schedule": "cosine",
        "weight_decay": 0.01,
        "max_gradient_norm": 1.0,
        "check_every": 3,
        "patience": 50,
        "checkpoint_every": 4,
    }
    return TrainConfig(**(values | changes))


def training_plan(
    *, steps: int = 10, examples: int = 8, dev: int = 3, seed: int = 5, **changes: Any
) -> TrainingPlan:
    """Return a plan of ``steps`` batches of 4 over random examples."""
    config = train_config(**changes)
    chance = random.Random(seed)  # noqa: S311 - no secrets
    size = min(config.batch_size, examples)
    batches = tuple(tuple(chance.sample(range(examples), size)) for _ in range(steps))
    return TrainingPlan(
        examples=random_examples(examples, seed=1),
        dev=random_examples(dev, seed=2),
        batches=batches,
        config=config,
        seed=seed,
    )


def alone(model: Any, tokens: Sequence[int]) -> torch.Tensor:
    """Return ``[T, V]`` float32 log-probabilities of one sequence by itself."""
    with torch.no_grad():
        return model(torch.tensor([list(tokens)])).logits[0].float().log_softmax(dim=-1)
