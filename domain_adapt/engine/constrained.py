"""Answers held to a closed set of labels: decoding along a trie, and the posterior over the set."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import LogitsProcessor

from domain_adapt.base.errors import DataError
from domain_adapt.ontology.trie import NONE, ROOT, LabelTrie


class LabelTrieProcessor(LogitsProcessor):  # type: ignore[misc]
    """Lets ``generate`` choose only tokens that continue a label.

    Works with greedy search, sampling and beams: the place in the trie is found from the tokens
    that came after the prompt, so beams may be reordered freely. After the stop token nothing is
    forbidden: ``generate`` pads by itself.

    Args:
        trie: Over the labels, in the tokens of the model that answers.
        prompt_tokens: Length of the (padded) prompt.
    """

    def __init__(self, trie: LabelTrie, *, prompt_tokens: int) -> None:
        self._trie = trie
        self._prompt_tokens = prompt_tokens

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return ``scores`` (rows, vocabulary) with minus infinity at what may not come."""
        held = torch.full_like(scores, -math.inf)
        for row, answer in enumerate(input_ids[:, self._prompt_tokens :].tolist()):
            node = self._trie.walk(answer) if self._trie.stop_id not in answer else NONE
            if node == NONE:
                held[row] = scores[row]
                continue
            tokens = torch.tensor(self._trie.allowed(node), device=scores.device)
            held[row, tokens] = scores[row, tokens]
        return held


@dataclass(frozen=True, slots=True)
class Choice:
    """One label of the closed set.

    Attributes:
        sequence: Its index in the list that the trie was built from.
        lower: The posterior is at least this.
        upper: The posterior is at most this.
    """

    sequence: int
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Posterior:
    """What the model believes, given that the answer is one of the labels.

    Attributes:
        choices: The labels found, most probable first.
        missing: Upper bound on the posterior of all labels that were not looked at.
        passes: Prefixes that went through the model.
    """

    choices: tuple[Choice, ...]
    missing: float
    passes: int


@dataclass(slots=True)
class _Search:
    """A best-first search: the frontier (by log-probability) and the labels found."""

    frontier: list[tuple[float, int, tuple[int, ...]]] = field(default_factory=list)
    found: list[tuple[float, int]] = field(default_factory=list)
    passes: int = 0

    def mass_open(self) -> float:
        return math.fsum(math.exp(-cost) for cost, _, _ in self.frontier)

    def mass_found(self) -> float:
        return math.fsum(math.exp(value) for value, _ in self.found)


@torch.inference_mode()
def closed_set_posterior(
    model: Any,
    prompt: Sequence[int],
    trie: LabelTrie,
    *,
    tolerance: float = 0.01,
    max_passes: int = 2000,
    batch_size: int = 32,
) -> Posterior:
    """Return the posterior of each label given the prompt and that the answer is a label.

    The posterior of label ``y`` is ``p(y | prompt) / sum over labels z of p(z | prompt)``, where
    ``p`` is the model's own probability of the label's tokens and the stop token. A prefix is at
    least as probable as all labels behind it together, so prefixes not opened yet bound what is
    missing: the search opens the most probable ones first and stops when that bound is below
    ``tolerance``. Bounds are exact, up to rounding of the model itself.

    Args:
        model: A causal language model in evaluation mode.
        prompt: Token ids up to where the answer begins.
        trie: Over the labels.
        tolerance: Largest posterior mass that may stay unseen.
        max_passes: Prefixes after which the search stops in any case; ``missing`` says how far.
        batch_size: Prefixes that go through the model together.

    Raises:
        DataError: The prompt is empty.
    """
    if not prompt:
        raise DataError(
            "DA-ONTO-093",
            "The prompt is empty.",
            hint="Ask something: the answer's first token is predicted from the prompt's last.",
        )
    search = _Search(frontier=[(0.0, ROOT, ())])
    while search.frontier and search.passes < max_passes:
        if _missing(search) <= tolerance:
            break
        count = min(batch_size, len(search.frontier), max_passes - search.passes)
        batch = [heapq.heappop(search.frontier) for _ in range(count)]
        _open(search, batch, _next_log_probabilities(model, prompt, batch), trie)
    return _posterior(search)


def _missing(search: _Search) -> float:
    rest = search.mass_open()
    total = rest + search.mass_found()
    return rest / total if total else 1.0


def _open(
    search: _Search,
    batch: Sequence[tuple[float, int, tuple[int, ...]]],
    log_probabilities: torch.Tensor,
    trie: LabelTrie,
) -> None:
    """Put the children of each prefix on the frontier, and labels that ended among the found."""
    search.passes += len(batch)
    for (cost, node, path), row in zip(batch, log_probabilities, strict=True):
        tokens, nodes = trie.edges(node)
        gains = row[torch.tensor(tokens, device=row.device)].tolist()
        for token, child, gain in zip(tokens, nodes, gains, strict=True):
            if token == trie.stop_id:
                search.found.append((gain - cost, trie.sequence(child)))
            elif gain > -math.inf:
                heapq.heappush(search.frontier, (cost - gain, child, (*path, token)))


def _next_log_probabilities(
    model: Any, prompt: Sequence[int], batch: Sequence[tuple[float, int, tuple[int, ...]]]
) -> torch.Tensor:
    """Return the log-probabilities (prefixes, vocabulary) of the token after each prefix."""
    rows = [[*prompt, *path] for _, _, path in batch]
    longest = max(map(len, rows))
    # padded on the right, where causal attention does not look back from
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows], device=model.device)
    ends = torch.tensor([len(row) - 1 for row in rows], device=model.device)
    kept, where = torch.unique(ends, return_inverse=True)
    logits: torch.Tensor = model(input_ids=ids, logits_to_keep=kept, use_cache=False).logits
    return logits[torch.arange(len(rows)), where].double().log_softmax(dim=-1)


def _posterior(search: _Search) -> Posterior:
    found, rest = search.mass_found(), search.mass_open()
    choices = [
        Choice(sequence, math.exp(value) / (found + rest), math.exp(value) / found)
        for value, sequence in sorted(search.found, reverse=True)
        if found > 0.0
    ]
    return Posterior(tuple(choices), _missing(search), search.passes)
