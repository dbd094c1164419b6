"""Where in an XML file an element stands: found only when there is something to complain about."""

from __future__ import annotations

from xml.parsers import expat


def element_line(text: str, tag: str, number: int) -> int:
    """Return the line of the ``number``-th element (from 1) called ``tag``; 1 if there is none."""
    parser = expat.ParserCreate()
    seen, line = 0, 1

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal seen, line
        if name == tag:
            seen += 1
            if seen == number:
                line = parser.CurrentLineNumber

    parser.StartElementHandler = start
    parser.Parse(text, True)
    return line
