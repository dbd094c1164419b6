"""The two normal forms of a text: one that decides what is equal, and one to search in.

The *canonical* form decides. It folds alike characters (:mod:`.characters`), writes one space for
a hyphen, for a white-space character, for a run of white space with at most one line break in it,
and for a hyphen at the end of a line; and it puts a space between Chinese and other words. A term
is found where its canonical form stands.

What separates keeps its length instead, so that no term reaches across it: a dash between
spaces, an empty line.

The *coarse* form is the canonical one with every character that is no letter or digit made a
space, and a space at each end. A word in it begins and ends at a space, so a term is searched for
with a space on each side, and the search itself keeps to word boundaries. What it finds too much
(``heart/attack`` for "heart attack") the canonical form takes out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from domain_adapt.ontology.match.automaton import Automaton
from domain_adapt.ontology.match.characters import HAN, Fold, fold_characters, has_han
from domain_adapt.ontology.match.offsets import Edits

_RUN = re.compile(r"[\s-]\s+", re.ASCII)
_BETWEEN_SCRIPTS = re.compile(rf"(?<=[{HAN}])(?=[^\W_{HAN}])|(?<=[^\W_{HAN}])(?=[{HAN}])")
_LINE_BREAKS = re.compile(r"\r\n|\r|\n")
_SPACES = str.maketrans(dict.fromkeys("\t\n\r\f\v-", " "))
_two_spaces = Automaton(["  "]).first_ones
_COARSE_BYTES = bytes(
    ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else ord(" ")
    for code in range(256)
)

# the same, with a line break for each white-space character that is no space
_MARKED_BYTES = _COARSE_BYTES[:9] + b"\n" * 5 + _COARSE_BYTES[14:]


class _CoarseTable(dict[int, str]):
    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character.lower() if character.isalnum() else " "
        return self[code]


_COARSE = _CoarseTable()


class Normalised(NamedTuple):
    """A text to search in (a tuple because one is made for every text).

    Attributes:
        text: The coarse form: one character longer than the canonical form at each end.
        layers: The rewritings between source and canonical form that changed a length, last
            first.
        plain: Whether place ``i`` of the source is place ``i + 1`` of an ASCII text.
    """

    text: str
    layers: tuple[Edits, ...]
    plain: bool

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the span in the source of a span in ``text``.

        None where there is none: a side lies inside one character of the source (the ``i`` of
        the ligature ﬁ).
        """
        found: tuple[int, int] | None = (start - 1, end - 1)
        for layer in self.layers:
            if found is None:
                return None
            found = layer.span(*found)
        return found


def normalise(text: str) -> Normalised:
    """Return the coarse form of a text, with the way back."""
    plain = plain_form(text)
    if plain is not None:
        return Normalised(plain, (), True)
    folded, layers = _folded(text, Fold.SEARCH)
    if folded.isascii():
        plain = folded.encode().translate(_COARSE_BYTES).decode()
        return Normalised(f" {plain} ", layers, not layers)
    return Normalised(f" {folded.translate(_COARSE)} ", layers, False)


def plain_form(text: str) -> str | None:
    """Return the coarse form of an ASCII text with no white space but single spaces; else None.

    Each character of it stays one, so that places stay. Most English texts are of this kind.
    """
    if not text.isascii() or _two_spaces(text):
        return None
    plain = text.encode().translate(_MARKED_BYTES).decode()
    return None if "\n" in plain else f" {plain} "


def canonical(text: str, *, case: bool = True) -> str:
    """Return the form in which equal names are equal.

    Args:
        text: A label, or a piece of text.
        case: Whether capitals and small letters are equal.
    """
    folded = text
    if not text.isascii() or _has_runs(text):
        folded, _ = _folded(text, Fold.CASE if case else Fold.NOTHING)
    folded = folded.translate(_SPACES)
    return folded.lower() if case else folded


def _folded(text: str, fold: Fold) -> tuple[str, tuple[Edits, ...]]:
    """Return the text with characters and spaces made equal, and how, the last first."""
    folded, characters = fold_characters(text, fold)
    scripts = not folded.isascii() and has_han(folded)
    spaces = Edits()
    if scripts or _has_runs(folded):
        folded, spaces = _spaced(folded, scripts=scripts)
    return folded, tuple(layer for layer in (spaces, characters) if layer)


def coarse(form: str) -> str:
    """Return the coarse form of a canonical one, without the spaces round it."""
    return form.translate(_COARSE)


def _has_runs(text: str) -> bool:
    return "  " in text or any(space in text for space in "\n\t\r\f\v")


def _spaced(text: str, *, scripts: bool) -> tuple[str, Edits]:
    """Write one space for each run of white space, and one between scripts."""
    runs = [(run.start(), run.end()) for run in _RUN.finditer(text) if _is_one_space(text, run)]
    if scripts:
        between = ((place.start(), place.end()) for place in _BETWEEN_SCRIPTS.finditer(text))
        runs = sorted((*runs, *between))
    parts: list[str] = []
    edits, done = Edits(), 0
    for start, end in runs:
        parts += (text[done:start], " ")
        edits.add(start, end, 1)
        done = end
    parts.append(text[done:])
    return "".join(parts), edits


def _is_one_space(text: str, run: re.Match[str]) -> bool:
    breaks = len(_LINE_BREAKS.findall(run[0]))
    if run[0][0] == "-":
        return breaks == 1 and run.start() > 0 and text[run.start() - 1].isalnum()
    # a dash after it: the run is one side of a dash between spaces
    return breaks < 2 and text[run.end() : run.end() + 1] != "-"
