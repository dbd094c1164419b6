"""Lines over training steps, with one step marked."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from domain_adapt.audit.svg import WIDE, Box, Frame, Point, drawing, element, label, line, number


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart; ``kind`` is its CSS class."""

    label: str
    kind: str
    points: tuple[Point, ...]
    dots: bool = False


def ticks(low: float, high: float, count: int = 5) -> tuple[float, ...]:
    """Return about ``count`` round values that span ``low`` to ``high``, both ends covered."""
    largest = max(abs(low), abs(high))
    if high - low <= 1e-9 * largest or high - low < 1e-12:
        pad = 0.1 * largest or 1.0
        low, high = low - pad, high + pad
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return tuple(index * step for index in range(first, last + 1))


def line_chart(
    lines: tuple[Line, ...],
    *,
    frame: Frame,
    height: int,
    tick_text: Callable[[float, float], str],
    marker: tuple[float, str] | None = None,
) -> str:
    """Draw lines over training steps, named at their ends, with one step marked.

    Args:
        lines: At least one with at least one point.
        frame: Id, words and width.
        height: Of the plotting area, user units.
        tick_text: Value and distance of ticks to the text on the vertical axis.
        marker: A step and what to say at it.
    """
    points = [point for each in lines for point in each.points]
    steps = [x for x, _ in points] + ([marker[0]] if marker else [])
    across = (min(steps), max(*steps, min(steps) + 1))
    levels = ticks(min(y for _, y in points), max(y for _, y in points), 4)
    box = Box(62, frame.width - (96 if frame.width >= WIDE else 74), 24, 24 + height)

    def place(point: Point) -> Point:
        right = (point[0] - across[0]) / (across[1] - across[0])
        up = (point[1] - levels[0]) / (levels[-1] - levels[0])
        return box.left + right * (box.right - box.left), box.bottom - up * (box.bottom - box.top)

    parts = [*_levels(levels, tick_text, box, place), *_steps(across, box, place)]
    if marker:
        parts.extend(_marker(place((marker[0], levels[0]))[0], marker[1], box))
    parts.extend(_stroke(each, place) for each in lines if each.points)
    parts.extend(_end_labels(lines, place, box, frame))
    return drawing(frame, box.bottom + 26, parts)


def _levels(
    levels: tuple[float, ...],
    tick_text: Callable[[float, float], str],
    box: Box,
    place: Callable[[Point], Point],
) -> list[str]:
    """Return grid lines and their values at the left."""
    parts = []
    for level in levels:
        y = place((0, level))[1]
        parts.append(line((box.left, y), (box.right, y), "grid"))
        shown = tick_text(level, levels[1] - levels[0])
        parts.append(label(shown, (box.left - 8, y + 4), kind="muted", anchor="end", room=54))
    return parts


def _steps(across: tuple[float, float], box: Box, place: Callable[[Point], Point]) -> list[str]:
    """Return the numbers of the steps along the bottom."""
    count = 6 if box.right - box.left > 400 else 3
    inside = [tick for tick in ticks(*across, count) if across[0] <= tick <= across[1]]
    at = [(place((tick, 0))[0], box.bottom + 17) for tick in inside]
    return [
        label(f"{tick:,.0f}", spot, kind="muted", anchor="middle", room=70)
        for tick, spot in zip(inside, at, strict=True)
        if tick == int(tick)
    ]


def _marker(x: float, text: str, box: Box) -> list[str]:
    """Return a dashed line over a step, with its words on the roomier side."""
    near_right = x > (box.left + box.right) / 2
    room = x - box.left if near_right else box.right - x
    at, anchor = (x - 5, "end") if near_right else (x + 5, "start")
    words = label(text, (at, box.top - 8), kind="chosen-text", anchor=anchor, room=room)
    return [line((x, box.top - 16), (x, box.bottom), "chosen"), words]


def _stroke(each: Line, place: Callable[[Point], Point]) -> str:
    """Return one line, with dots at its points where asked for."""
    placed = [place(point) for point in each.points]
    path = " ".join(f"{number(x)},{number(y)}" for x, y in placed)
    dots = [
        element("circle", kind=f"point {each.kind}", cx=x, cy=y, r=3)
        for x, y in placed
        if each.dots or len(placed) == 1
    ]
    return element("polyline", kind=f"line {each.kind}", points=path) + "".join(dots)


def _end_labels(
    lines: tuple[Line, ...], place: Callable[[Point], Point], box: Box, frame: Frame
) -> list[str]:
    """Return each line's name beside its end, pushed apart where they would touch."""
    ends = [(place(each.points[-1])[1], each) for each in lines if each.points]
    floor = box.top - 4.0
    parts = []
    for y, each in sorted(ends, key=lambda end: end[0]):
        floor = max(y + 4, floor + 15)
        at = (box.right + 8, min(floor, box.bottom + 4))
        parts.append(label(each.label, at, kind=each.kind, room=frame.width - box.right - 10))
    return parts
