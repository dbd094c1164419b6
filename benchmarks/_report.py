"""The last line of every benchmark: its figures and whether its bars hold, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Bar:
    """One promise with its measured value.

    Attributes:
        name: What was measured, with its unit.
        value: The measurement.
        bar: What was promised.
        holds: Whether the measurement keeps it.
    """

    name: str
    value: float
    bar: float
    holds: bool


def bar(name: str, *, value: float, limit: float, direction: Literal["<=", "<", ">=", ">"]) -> Bar:
    """Return a bar whose ``value`` must be on the ``direction`` side of ``limit``; NaN fails."""
    holds = {
        "<=": value <= limit,
        "<": value < limit,
        ">=": value >= limit,
        ">": value > limit,
    }[direction]
    return Bar(f"{name} {direction} {limit:g}", value, limit, holds)


def finish(benchmark: str, *, figures: Mapping[str, object], bars: Sequence[Bar]) -> int:
    """Print the JSON line and return the exit code: 0 only where every bar holds."""
    holds = all(item.holds for item in bars)
    line = {
        "benchmark": benchmark,
        "figures": dict(figures),
        "bars": [asdict(item) for item in bars],
        "holds": holds,
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0 if holds else 1
