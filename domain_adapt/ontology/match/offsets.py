"""From places in a rewritten text back to places in the text that it was rewritten from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field


@dataclass(slots=True)
class Edits:
    """The pieces of a text that were replaced by pieces of another length, in order.

    Everything between them is there character for character. Build it with :meth:`add`.

    Attributes:
        starts: Where each piece begins in the rewritten text.
        ends: Where it ends there; equal to the start for a piece that was removed.
        source_starts: Where each piece began in the source.
        source_ends: Where it ended there; equal to the start for a piece that was put in.
    """

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    source_starts: list[int] = field(default_factory=list)
    source_ends: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.starts)

    def add(self, source_start: int, source_end: int, length: int) -> None:
        """Note that ``source[source_start:source_end]`` became ``length`` characters."""
        shift = self.ends[-1] - self.source_ends[-1] if self.ends else 0
        start = source_start + shift
        self.starts.append(start)
        self.ends.append(start + length)
        self.source_starts.append(source_start)
        self.source_ends.append(source_end)

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the source's span, or None where a side lies inside a replaced piece.

        The span is the shortest: removed pieces at its sides are not in it.
        """
        first, last = self._start(start), self._end(end)
        return None if first is None or last is None else (first, last)

    def _start(self, place: int) -> int | None:
        piece = bisect_right(self.starts, place) - 1
        if piece < 0:
            return place
        if place < self.ends[piece]:
            return self.source_starts[piece] if place == self.starts[piece] else None
        return self.source_ends[piece] + place - self.ends[piece]

    def _end(self, place: int) -> int | None:
        piece = bisect_left(self.starts, place) - 1
        if piece < 0:
            return place
        if place < self.ends[piece]:
            return None
        return self.source_ends[piece] + place - self.ends[piece]
