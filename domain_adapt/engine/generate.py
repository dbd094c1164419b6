"""Greedy answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch


@torch.inference_mode()
def greedy_answers(
    model: Any,
    prompts: Sequence[Sequence[int]],
    *,
    stop_id: int,
    max_new_tokens: int,
    batch_size: int = 32,
) -> Iterator[list[tuple[int, ...]]]:
    """Yield, batch by batch and in order, the most likely continuation of each prompt.

    Args:
        model: A causal language model in evaluation mode.
        prompts: Token ids up to where the answer begins.
        stop_id: The token that ends an answer; it is not part of what is yielded.
        max_new_tokens: Where an answer is cut off.
        batch_size: Prompts that are answered together, padded on the left.
    """
    from transformers import GenerationConfig

    greedy = GenerationConfig(
        do_sample=False,
        # said outright, since what is not said is filled in from the model's own settings
        num_beams=1,
        repetition_penalty=1.0,
        no_repeat_ngram_size=0,
        max_new_tokens=max_new_tokens,
        eos_token_id=stop_id,
        pad_token_id=stop_id,
    )
    model.eval()
    for begin in range(0, len(prompts), batch_size):
        batch = prompts[begin : begin + batch_size]
        longest = max(map(len, batch))
        ids = torch.tensor([[stop_id] * (longest - len(each)) + list(each) for each in batch])
        seen = torch.tensor([[0] * (longest - len(each)) + [1] * len(each) for each in batch])
        answers = model.generate(
            input_ids=ids.to(model.device),
            attention_mask=seen.to(model.device),
            generation_config=greedy,
        )
        yield [_until(stop_id, row) for row in answers[:, longest:].tolist()]


def _until(stop_id: int, tokens: list[int]) -> tuple[int, ...]:
    return tuple(tokens[: tokens.index(stop_id)] if stop_id in tokens else tokens)
