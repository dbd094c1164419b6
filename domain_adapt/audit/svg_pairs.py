"""Shares before and after with their intervals, as paired bars or dots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from domain_adapt.audit.svg import FONT, WIDE, Box, Frame, drawing, element, label, line, text_width

Mark = Literal["bar", "dot"]
VALUE_ROOM = 58
CHANGE_ROOM = 118


@dataclass(frozen=True, slots=True)
class Interval:
    """A share with its bounds, 0 to 1, and the text beside it."""

    value: float
    low: float
    high: float
    text: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """The same measure before and after."""

    label: str
    note: str
    before: Interval
    after: Interval
    change: str
    change_note: str


def paired_chart(
    rows: tuple[PairRow, ...],
    *,
    frame: Frame,
    mark: Mark,
    legend: tuple[str, str],
) -> str:
    """Draw a share before and after per row, with intervals, n and the change beside each.

    A wide drawing names rows at the left; a narrow one puts the name above its marks.
    """
    wide = frame.width >= WIDE
    row_height, head = 54.0 if wide else 78.0, 34.0
    bottom = head + row_height * len(rows)
    left = 0.29 * frame.width if wide else 8.0
    box = Box(left, frame.width - VALUE_ROOM - (CHANGE_ROOM if wide else 0), head, bottom)
    bands = [
        (head + index * row_height, head + (index + 1) * row_height) for index in range(len(rows))
    ]
    grid = [(head, bottom)] if wide else [(top + 40, end) for top, end in bands]
    parts = [*_legend(legend, mark, box, frame), *_share_axis(box, grid)]
    for row, (top, _) in zip(rows, bands, strict=True):
        parts.append(_pair(row, top, mark=mark, box=box, frame=frame))
    return drawing(frame, bottom + 26, parts)


def _legend(texts: tuple[str, str], mark: Mark, box: Box, frame: Frame) -> list[str]:
    """Return swatch and name of before and after, in one line at the top."""
    parts, x, room = [], box.left, (frame.width - box.left) / 2
    for text, kind in zip(texts, ("before", "after"), strict=True):
        if mark == "bar":
            parts.append(element("rect", kind=f"bar {kind}", x=x, y=6, width=14, height=10))
        else:
            parts.append(element("circle", kind=f"dot {kind}", cx=x + 7, cy=11, r=5))
        parts.append(label(text, (x + 20, 15), kind="muted", room=room - 26))
        x += min(room, text_width(text, FONT) + 40)
    return parts


def _share_axis(box: Box, bands: list[tuple[float, float]]) -> list[str]:
    """Return grid lines over each band and labels at 0, 25, 50, 75 and 100 %."""
    parts: list[str] = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = box.left + share * (box.right - box.left)
        anchor = "middle" if share else "start"
        parts.extend(line((x, top), (x, bottom), "grid") for top, bottom in bands)
        parts.append(
            label(
                f"{100 * share:.0f} %", (x, box.bottom + 17), kind="muted", anchor=anchor, room=40
            )
        )
    return parts


def _pair(row: PairRow, top: float, *, mark: Mark, box: Box, frame: Frame) -> str:
    """Return one row: its name and n, both marks, and the change."""
    wide = frame.width >= WIDE
    if wide:
        room, edge = box.left - 14, frame.width - 2
        change_room = CHANGE_ROOM - 2
        words = [
            label(row.label, (2, top + 23), kind="name", room=room),
            label(row.note, (2, top + 40), kind="muted", room=room),
            label(row.change, (edge, top + 23), kind="name", anchor="end", room=change_room),
            label(row.change_note, (edge, top + 40), kind="muted", anchor="end", room=change_room),
        ]
    else:
        room = frame.width / 2 - 6
        edge = frame.width - 2
        words = [
            label(row.label, (2, top + 16), kind="name", room=1.24 * room),
            label(row.change, (edge, top + 16), kind="name", anchor="end", room=0.76 * room),
            label(row.note, (2, top + 32), kind="muted", room=room),
            label(row.change_note, (edge, top + 32), kind="muted", anchor="end", room=room),
        ]
    middle = top + (27 if wide else 54)
    marks = [
        _mark(row.before, middle - 9, kind="before", mark=mark, box=box),
        _mark(row.after, middle + 9, kind="after", mark=mark, box=box),
    ]
    return element("g", *words, *marks)


def _mark(interval: Interval, y: float, *, kind: str, mark: Mark, box: Box) -> str:
    """Return a bar or a dot with its whisker and its value."""

    def x(share: float) -> float:
        return box.left + min(max(share, 0.0), 1.0) * (box.right - box.left)

    value, low, high = x(interval.value), x(interval.low), x(interval.high)
    if mark == "bar":
        whisker = line((low, y), (high, y), "whisker")
        width = value - box.left
        shape = element("rect", kind=f"bar {kind}", x=box.left, y=y - 6, width=width, height=12)
        parts = (shape, whisker, *(line((e, y - 3), (e, y + 3), "whisker") for e in (low, high)))
    else:
        span = line((low, y), (high, y), f"span {kind}")
        parts = (span, element("circle", kind=f"dot {kind}", cx=value, cy=y, r=5))
    end = max(high, value) + (6 if mark == "bar" else 8)
    return "".join(
        (*parts, label(interval.text, (end, y + 4), kind=f"value {kind}", room=VALUE_ROOM - 8))
    )
