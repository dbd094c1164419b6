"""The parts of a chart as SVG text; ``svg_pairs`` and ``svg_lines`` draw with them.

Colours are classes that the page resolves through CSS variables, so that one drawing serves
light, dark and print. Coordinates are user units, shown as one CSS pixel at full width.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

Point = tuple[float, float]
WIDE = 560
FONT = 12
TITLE_FONT = 13


@dataclass(frozen=True, slots=True)
class Frame:
    """What any chart needs: a unique id, words for those who do not see it, its width."""

    id: str
    title: str
    description: str
    width: int


@dataclass(frozen=True, slots=True)
class Box:
    """The plotting area inside a drawing, in user units."""

    left: float
    right: float
    top: float
    bottom: float


def number(value: float) -> str:
    """Return a coordinate with at most two decimals.

    Raises:
        ValueError: The value is not finite, which would break the drawing in silence.
    """
    if not math.isfinite(value):
        raise ValueError(f"A coordinate must be finite, not {value}.")
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def element(name: str, *children: str, kind: str = "", **attributes: float | str) -> str:
    """Return one element; ``kind`` is its class, underscores in names become hyphens."""
    named = {"class": kind} if kind else {}
    texts = named | {
        key.replace("_", "-"): value if isinstance(value, str) else number(value)
        for key, value in attributes.items()
    }
    opening = name + "".join(f" {key}={quoteattr(value)}" for key, value in texts.items())
    return f"<{opening}>{''.join(children)}</{name}>" if children else f"<{opening}/>"


def printable(text: str) -> str:
    """Return ``text`` without the control characters that XML does not allow."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Cn") else c for c in text)


def text_width(text: str, font: float) -> float:
    """Return a generous estimate of a text's width: full-width characters count as one em."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return font * (wide + 0.6 * (len(text) - wide))


def fit(text: str, room: float, font: float) -> str:
    """Return ``text``, shortened with an ellipsis to fit ``room`` user units."""
    text = printable(text)
    if text_width(text, font) <= room:
        return text
    while text and text_width(text + "…", font) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def label(text: str, at: Point, *, kind: str = "", anchor: str = "start", room: float) -> str:
    """Return a text that stays within ``room``; the whole text is its tooltip if shortened."""
    font = TITLE_FONT if "name" in kind else FONT
    shown = fit(text, room, font)
    inner = escape(shown) + (element("title", escape(printable(text))) if shown != text else "")
    return element("text", inner, kind=kind, x=at[0], y=at[1], text_anchor=anchor)


def line(start: Point, end: Point, kind: str) -> str:
    """Return a straight line."""
    return element("line", kind=kind, x1=start[0], y1=start[1], x2=end[0], y2=end[1])


def drawing(frame: Frame, height: float, parts: Iterable[str]) -> str:
    """Return the whole ``<svg>`` with title and description."""
    head = (
        element("title", escape(printable(frame.title)) or " ", id=f"{frame.id}-t"),
        element("desc", escape(printable(frame.description)) or " ", id=f"{frame.id}-d"),
    )
    body = "\n".join((*head, *parts))
    named = f'role="img" aria-labelledby="{frame.id}-t" aria-describedby="{frame.id}-d"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {named} width="{frame.width}" '
        f'viewBox="0 0 {frame.width} {number(height)}">\n{body}\n</svg>'
    )
