"""Log-probabilities of target tokens, with the vocabulary layer run on them alone."""

from __future__ import annotations

import torch
from torch.nn import functional

from domain_adapt.engine.packing import Row


def target_log_probabilities(model: torch.nn.Module, row: Row) -> torch.Tensor:
    """Return ``[N]`` float32 log-probabilities (nats) of the row's targets.

    Only the ``P`` predicting positions reach the vocabulary layer (``logits_to_keep``): with
    49,152 words it would otherwise cost a third of the step for logits that nobody reads.
    """
    logits: torch.Tensor = model(
        input_ids=row.input_ids,
        position_ids=row.position_ids,
        attention_mask=row.attention_mask,
        logits_to_keep=row.predictors,
        use_cache=False,
    ).logits[0]
    if row.targets.numel() == row.predictors.numel():
        # one target a predictor, but not always in the predictors' (ascending) order
        words = torch.empty_like(row.targets).index_copy(0, row.predictor_of, row.targets)
        losses = functional.cross_entropy(logits.float(), words, reduction="none")
        return -losses[row.predictor_of]
    log_probabilities = logits.float().log_softmax(dim=-1)
    return log_probabilities[row.predictor_of, row.targets]


def sequence_sums(values: torch.Tensor, owners: torch.Tensor, count: int) -> torch.Tensor:
    """Return ``[count]`` sums of ``values`` by owner."""
    return torch.zeros(count, dtype=values.dtype, device=values.device).index_add(0, owners, values)
