from __future__ import annotations

import functools
from typing import Any

import pytest
import torch
from engine_helpers import ARCHITECTURES, VOCABULARY, alone, tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from domain_adapt.engine.loss import target_log_probabilities
from domain_adapt.engine.packing import ROOT, Segment, build_row

cached_model = functools.cache(tiny)


@st.composite
def forests(draw: st.DrawFn) -> list[Segment]:
    """Forests in which any segment may hang under any earlier one and own targets of its own."""
    segments: list[Segment] = []
    for owner in range(draw(st.integers(1, 6))):
        tokens = draw(st.lists(st.integers(0, VOCABULARY - 1), min_size=1, max_size=5))
        parent = draw(st.integers(ROOT, owner - 1))
        start = draw(st.integers(-1, len(tokens) - 1))
        segments.append(Segment(tuple(tokens), parent, owner, start))
    if all(_wanted(segment) == 0 for segment in segments):
        segments.append(Segment((3, 4), ROOT, len(segments), 1))
    return segments


def _wanted(segment: Segment) -> int:
    if segment.target_start < 0:
        return 0
    first = max(segment.target_start, 1 if segment.parent == ROOT else 0)
    return len(segment.tokens) - first


def _expected(model: Any, segments: list[Segment]) -> list[float]:
    """Log-probabilities of all targets, each sequence through the model by itself."""
    values: list[float] = []
    for segment in segments:
        above: tuple[int, ...] = ()
        parent = segment.parent
        while parent != ROOT:
            above = segments[parent].tokens + above
            parent = segments[parent].parent
        tokens = above + segment.tokens
        count = _wanted(segment)
        if count:
            log_probabilities = alone(model, tokens)
            begin = len(tokens) - count
            values += [
                float(log_probabilities[at - 1, tokens[at]]) for at in range(begin, len(tokens))
            ]
    return values


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@settings(max_examples=8, deadline=None)
@given(segments=forests())
def test_packed_sequences_get_the_values_they_get_alone(
    architecture: str, segments: list[Segment]
) -> None:
    model = cached_model(architecture)
    row = build_row(segments, model.dtype)

    with torch.no_grad():
        packed = target_log_probabilities(model, row)

    expected = torch.tensor(_expected(model, segments))
    torch.testing.assert_close(packed, expected, atol=1e-5, rtol=1e-5)
    wanted = [s.owner for s in segments for _ in range(_wanted(s))]
    assert row.owners.tolist() == wanted


def test_first_token_of_a_root_is_no_target() -> None:
    row = build_row([Segment((5, 6, 7), ROOT, 0, 0)], torch.float32)
    assert row.targets.tolist() == [6, 7]


def test_segments_do_not_see_their_siblings() -> None:
    segments = [Segment((1, 2)), Segment((3,), 0), Segment((4, 5), 0), Segment((6,), 2)]
    row = build_row(segments, torch.float32)

    seen = (row.attention_mask[0, 0] == 0).int().tolist()

    assert seen == [
        [1, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0],
        [1, 1, 0, 1, 0, 0],
        [1, 1, 0, 1, 1, 0],
        [1, 1, 0, 1, 1, 1],
    ]
    assert row.position_ids.tolist() == [[0, 1, 2, 2, 3, 4]]


def test_moving_a_row_keeps_all_its_tensors() -> None:
    row = build_row([Segment((1, 2, 3), ROOT, 4, 1)], torch.float32)
    moved = row.to(torch.device("meta"))
    for name in row.__slots__:
        assert getattr(moved, name).device.type == "meta"
        assert getattr(moved, name).shape == getattr(row, name).shape
