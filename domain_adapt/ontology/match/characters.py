"""What counts as the same character: case, width, accents, apostrophes, hyphens and spaces."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from functools import lru_cache

from domain_adapt.ontology.match.offsets import Edits

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
"""Chinese characters, as the inside of a regular expression's set."""

_UNFOLDED = "\ue000"
# stands for characters that do not fold one to one; itself such a character, so never a result
_NO_WORD = "\x1f"
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")
_NON_ASCII_AND_BEFORE = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_HAN = re.compile(f"[{HAN}]")
_ALIKE = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u02bc\u02b9\u2032\u00b4", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\u02d7\u2043", "-")
    | dict.fromkeys("\u0085\u2028\u2029", "\n")
    | {"\u1680": " ", "\u2026": ".", "\u2122": "\u00ae", "\u2120": "\u00ae"}
)


def has_han(text: str) -> bool:
    """Say whether there is a Chinese character in it."""
    return _HAN.search(text) is not None


def is_han(character: str) -> bool:
    """Say whether it is a Chinese character: words of those are written without spaces."""
    return character > "\u3000" and _HAN.match(character) is not None


class Fold(Enum):
    """What :func:`fold_characters` makes equal beyond width, accents and the like."""

    CASE = "case"
    """Capitals and small letters (those of ASCII stay, for the caller)."""
    NOTHING = "nothing"
    SEARCH = "search"
    """Case, and all characters outside of ASCII that are no letter or digit."""


def fold_characters(text: str, fold: Fold) -> tuple[str, Edits]:
    """Return the text with alike characters made equal, and where its length changed.

    As NFKC_Casefold of the Unicode standard (UAX #44): compatibility forms (full width, ligatures)
    become the plain ones and invisible format characters go; beyond it, accents on Latin, Greek
    and Cyrillic letters go too, and apostrophes, hyphens and spaces of all kinds become ``'``,
    ``-`` and a space. The sign for a trade mark stays a sign.
    """
    if text.isascii():
        return text, Edits()
    table = _TABLES[fold]
    folded = _NON_ASCII.sub(lambda run: run[0].translate(table), text)
    if _UNFOLDED not in folded:
        return folded, Edits()
    return _fold_clusters(text, fold)


def _fold_clusters(text: str, fold: Fold) -> tuple[str, Edits]:
    parts: list[str] = []
    edits, done = Edits(), 0
    for run in _NON_ASCII_AND_BEFORE.finditer(text):
        parts.append(text[done : run.start()])
        place = run.start()
        for cluster in _clusters(run[0]):
            folded = cluster if cluster.isascii() else _fold(cluster, fold)
            if len(cluster) != 1 or len(folded) != 1:
                edits.add(place, place + len(cluster), len(folded))
            parts.append(folded)
            place += len(cluster)
        done = run.end()
    parts.append(text[done:])
    return "".join(parts), edits


def _clusters(run: str) -> list[str]:
    """Split a run into characters with the marks that follow them."""
    found: list[str] = []
    for character in run:
        if found and _joins(character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _joins(character: str) -> bool:
    """Say whether it may melt into the character before: marks, later parts of a Hangul block."""
    if character.isascii():
        return False
    return (
        "\u1160" <= character <= "\u11ff"
        or "\ud7b0" <= character <= "\ud7ff"
        or "\uff9e" <= character <= "\uff9f"
        or unicodedata.category(character).startswith("M")
    )


@lru_cache(maxsize=1 << 14)
def _fold(cluster: str, fold: Fold) -> str:
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", cluster.translate(_ALIKE)))
    visible = "".join(x for x in plain if unicodedata.category(x) != "Cf")
    folded = unicodedata.normalize("NFKC", visible)
    if fold is Fold.NOTHING:
        return folded
    folded = unicodedata.normalize("NFKC", _ACCENTS.sub("", folded.casefold()))
    return "".join(map(_searched, folded)) if fold is Fold.SEARCH else folded


def _searched(character: str) -> str:
    kept = character.isascii() or character.isalnum() or is_han(character)
    return character if kept else _NO_WORD


class _Table(dict[int, str]):
    """Code point to its folded character, filled as characters are met."""

    def __init__(self, fold: Fold) -> None:
        super().__init__()
        self._fold = fold

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = _UNFOLDED if _joins(character) else _fold(character, self._fold)
        self[code] = folded if len(folded) == 1 else _UNFOLDED
        return self[code]


_TABLES = {fold: _Table(fold) for fold in Fold}
