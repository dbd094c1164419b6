"""Many short sequences in one row, each token computed once and no padding.

A row is a forest of *segments*: a segment sees itself (causally) and the segments above it.
Training puts the system turn at the root and the examples under it; scoring puts a question
under the system turn and its choices under the question. Positions go on from the parent, so
every sequence gets exactly the values that it would get alone (tested to 1e-5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

ROOT = -1
"""The parent of a segment with nothing above it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of tokens in a row.

    Attributes:
        tokens: Token ids, at least one.
        parent: Index in the row of the segment above it, or ``ROOT``.
        owner: Which sequence its targets are counted to.
        target_start: Index of the first token whose probability is wanted; all after it are.
            ``len(tokens)`` (the default, -1) wants none. The first token of a root has no
            predecessor and cannot be a target.
    """

    tokens: tuple[int, ...]
    parent: int = ROOT
    owner: int = 0
    target_start: int = -1


@dataclass(frozen=True, slots=True)
class Row:
    """One forward pass.

    Attributes:
        input_ids: ``[1, T]`` int64.
        position_ids: ``[1, T]`` int64.
        attention_mask: ``[1, 1, T, T]`` additive, 0 where seen and the dtype's lowest elsewhere.
        predictors: ``[P]`` distinct row positions whose logits are needed.
        predictor_of: ``[N]`` index into ``predictors`` for each target.
        targets: ``[N]`` token ids.
        owners: ``[N]`` owner of each target.
    """

    input_ids: torch.Tensor
    position_ids: torch.Tensor
    attention_mask: torch.Tensor
    predictors: torch.Tensor
    predictor_of: torch.Tensor
    targets: torch.Tensor
    owners: torch.Tensor

    def to(self, device: torch.device) -> Row:
        """Return the row on ``device``."""
        return Row(*(getattr(self, name).to(device) for name in self.__slots__))


def build_row(segments: Sequence[Segment], dtype: torch.dtype) -> Row:
    """Lay segments out in one row; parents come before their children.

    Args:
        segments: The forest, in order.
        dtype: The model's dtype, for the mask.
    """
    starts, depths, total = _layout(segments)
    visible = torch.zeros(total, total, dtype=torch.bool)
    positions = torch.empty(total, dtype=torch.long)
    for index, segment in enumerate(segments):
        begin, end = starts[index], starts[index] + len(segment.tokens)
        positions[begin:end] = torch.arange(depths[index], depths[index] + len(segment.tokens))
        if segment.parent != ROOT:
            visible[begin:end, :begin] = visible[starts[segment.parent], :begin]
            parent = segments[segment.parent]
            above = starts[segment.parent]
            visible[begin:end, above : above + len(parent.tokens)] = True
        visible[begin:end, begin:end] = torch.ones(end - begin, end - begin).tril() > 0
    predicting, targets, owners = _targets(segments, starts)
    predictors, predictor_of = torch.unique(torch.tensor(predicting), return_inverse=True)
    mask = torch.zeros(total, total, dtype=dtype).masked_fill(~visible, torch.finfo(dtype).min)
    return Row(
        input_ids=torch.tensor([[token for segment in segments for token in segment.tokens]]),
        position_ids=positions[None],
        attention_mask=mask[None, None],
        predictors=predictors,
        predictor_of=predictor_of,
        targets=torch.tensor(targets),
        owners=torch.tensor(owners),
    )


def _layout(segments: Sequence[Segment]) -> tuple[list[int], list[int], int]:
    """Return each segment's first row index, its first position, and the row's length."""
    starts: list[int] = []
    depths: list[int] = []
    total = 0
    for segment in segments:
        starts.append(total)
        total += len(segment.tokens)
        above = segment.parent
        depths.append(0 if above == ROOT else depths[above] + len(segments[above].tokens))
    return starts, depths, total


def _targets(
    segments: Sequence[Segment], starts: Sequence[int]
) -> tuple[list[int], list[int], list[int]]:
    """Return, for each wanted token, the row index that predicts it, its id and its owner."""
    predicting: list[int] = []
    targets: list[int] = []
    owners: list[int] = []
    for index, segment in enumerate(segments):
        if segment.target_start < 0:
            continue
        for offset in range(segment.target_start, len(segment.tokens)):
            if offset > 0:
                before = starts[index] + offset - 1
            elif segment.parent != ROOT:
                before = starts[segment.parent] + len(segments[segment.parent].tokens) - 1
            else:
                continue
            predicting.append(before)
            targets.append(segment.tokens[offset])
            owners.append(segment.owner)
    return predicting, targets, owners
