"""Whether a model gives a sequence in a shared row the values that it gives it alone."""

from __future__ import annotations

from typing import Any

import torch

from domain_adapt.base.errors import ConfigError
from domain_adapt.engine.packing import Row, Segment, build_row

_COMPARED = 8
"""Last tokens of each sequence that are compared: where a sliding window shows."""

_TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 0.2}
"""Largest difference that is rounding: 3e-6 and 0.04 were measured on the built-in model, and
1.2 and 0.6 on models that see past their window."""


def check_packable(model: Any, *, length: int) -> None:
    """Run two sequences in one row and each alone, and compare what the model makes of them.

    Models that carry a state from token to token (Mamba), count distances along the row (ALiBi)
    or see a window shorter than ``length`` (Mistral's first version) do not understand the mask
    of a row; trained in one, they would learn something else than what is asked of them later.

    Args:
        model: A causal language model, with or without an adapter.
        length: Tokens of the longest sequence that rows will hold.

    Raises:
        ConfigError: The model cannot be trained in shared rows.
    """
    try:
        difference = packing_difference(model, length=length)
    except torch.OutOfMemoryError:
        raise
    except (TypeError, ValueError, RuntimeError, IndexError, AttributeError) as error:
        raise _refusal(model, f"it does not take a row's mask and positions ({error})") from error
    if not difference <= _TOLERANCE[model.dtype]:
        raise _refusal(
            model, f"at {length} tokens its scores differ by {difference:.2g} from those alone"
        )


@torch.inference_mode()
def packing_difference(model: Any, *, length: int) -> float:
    """Return the relative difference of the scores in a row from those alone.

    For each of two sequences with a shared beginning, the median over its last tokens of
    ``‖row - alone‖ / ‖alone - mean‖`` over the vocabulary; the larger of the two. The median,
    since in bf16 a near tie between two experts may fall differently for one token.
    """
    model.eval()
    shared, first, second = _sequences(model.config.get_text_config().vocab_size, length)
    segments = [
        Segment(shared),
        *(
            Segment(each, 0, owner, max(1, len(each) - _COMPARED))
            for owner, each in enumerate((first, second))
        ),
    ]
    row = build_row(segments, model.dtype).to(model.device)
    packed = _row_scores(model, row)
    differences = []
    for owner, each in enumerate((first, second)):
        mine = packed[row.predictor_of[row.owners == owner]]
        single = _scores_alone(model, shared + each, count=len(mine))
        spread = single - single.mean(dim=-1, keepdim=True)
        differences.append((mine - single).norm(dim=-1) / spread.norm(dim=-1))
    return max(float(each.median()) for each in differences)


def _sequences(vocabulary: int, length: int) -> tuple[tuple[int, ...], ...]:
    """Return a shared beginning and two continuations that reach ``length``, of varied tokens."""
    generator = torch.Generator().manual_seed(0)
    shared = max(1, length // 4)
    rest = max(4, length - shared)
    sizes = (shared, rest, rest)
    tokens = torch.randint(vocabulary, (sum(sizes),), generator=generator).tolist()
    return tuple(tuple(tokens[sum(sizes[:i]) : sum(sizes[: i + 1])]) for i in range(3))


def _row_scores(model: Any, row: Row) -> torch.Tensor:
    logits: torch.Tensor = model(
        input_ids=row.input_ids,
        position_ids=row.position_ids,
        attention_mask=row.attention_mask,
        logits_to_keep=row.predictors,
        use_cache=False,
    ).logits[0]
    return logits.float()


def _scores_alone(model: Any, tokens: tuple[int, ...], *, count: int) -> torch.Tensor:
    """Return the scores of the ``count`` positions before the last, masked by the model itself."""
    logits: torch.Tensor = model(
        input_ids=torch.tensor([tokens], device=model.device),
        logits_to_keep=count + 1,
        use_cache=False,
    ).logits[0]
    return logits[:-1].float()


def _refusal(model: Any, reason: str) -> ConfigError:
    name = model.config.model_type
    return ConfigError(
        "DA-MODEL-026",
        f"Models of the kind '{name}' cannot learn several examples in one row: {reason}.",
        hint="Take a base model of another kind (such as Llama, Qwen, Mistral or DeepSeek), or "
        "shorter examples where the kind has a sliding window.",
    )
