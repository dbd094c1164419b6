"""The learning rate at a step."""

from __future__ import annotations

import math


def learning_rate(step: int, *, total: int, peak: float, warmup: float, schedule: str) -> float:
    """Return the learning rate of step ``step`` (counted from 0).

    Args:
        step: The step about to be made.
        total: How many steps are planned.
        peak: The highest rate.
        warmup: Share of the steps over which the rate rises linearly to ``peak``.
        schedule: What follows: ``cosine`` or ``linear`` down to a tenth of ``peak``, or
            ``constant``.
    """
    rising = max(1, round(total * warmup)) if warmup > 0 else 0
    if step < rising:
        return peak * (step + 1) / rising
    done = (step - rising) / max(1, total - rising)
    floor = 0.1
    if schedule == "cosine":
        return peak * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * done)))
    if schedule == "linear":
        return peak * (1 - (1 - floor) * done)
    return peak
