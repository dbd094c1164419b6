"""Normal forms under which two spellings of one name are the same.

Three depths: ``spelling`` (case, accents, punctuation, British spelling, plurals, numerals),
``words`` (also synonyms of single words and adjectives of organs) and, of each, the words sorted,
so that "diabetes mellitus, type II" and "type 2 diabetes mellitus" meet.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from domain_adapt.ontology.link.words import ADJECTIVES, NOSOLOGY, STOP_WORDS

_POSSESSIVE = re.compile(r"(?<=\w)['’]s?\b")
_TOKEN = re.compile(r"[^\W_]+")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8"}
_ROMAN |= {"ix": "9", "xi": "11", "xii": "12", "xiii": "13", "xiv": "14", "xv": "15"}
_ROMAN_LETTER = re.compile(r"(i{1,3}|iv|vi{0,3}|ix)([a-d])")
_WORD_NUMBERS = {"one": "1", "two": "2", "three": "3", "four": "4", "first": "1", "second": "2"}
_BRITISH = (
    (re.compile(r"our(?=$|s$|al$)"), "or"),
    (re.compile(r"ae(?=m|n|c|s|t|d|r|o)"), "e"),
    (re.compile(r"oe(?=d|s|t|m|c|n|l)"), "e"),
    (re.compile(r"isation"), "ization"),
    (re.compile(r"leuk"), "leuc"),
    (re.compile(r"phth|pth"), "pht"),
)
_SINGULAR = (  # stems, not words: "diseas" is what disease and diseases share
    (re.compile(r"omata$"), "oma"),
    (re.compile(r"(?<=[a-z]{3})ies$"), "y"),
    (re.compile(r"(ch|sh|ss|x|z)es$"), r"\1"),
    (re.compile(r"s(?:es|is|e)$"), "s"),
    (re.compile(r"(?<=[a-z]{2}[^siu])s$"), ""),
)


def tokens(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, without accents, punctuation and possessives."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(char for char in plain if not unicodedata.combining(char)).lower()
    return tuple(_TOKEN.findall(_POSSESSIVE.sub("", plain)))


@lru_cache(maxsize=100_000)
def spelling(word: str) -> str:
    """Return the American singular of a lower-case word, with Arabic numerals."""
    if word in _ROMAN:
        return _ROMAN[word]
    if found := _ROMAN_LETTER.fullmatch(word):
        return f"{_ROMAN[found[1]]}{found[2]}"
    if word in _WORD_NUMBERS:
        return _WORD_NUMBERS[word]
    for pattern, replacement in _BRITISH:
        word = pattern.sub(replacement, word)
    for pattern, replacement in _SINGULAR:
        changed = pattern.sub(replacement, word)
        if changed != word:
            return changed
    return word


def spelled(text: str) -> tuple[str, ...]:
    """Return the words of a text in their normal spelling, in order, stop words left out."""
    return tuple(spelling(word) for word in tokens(text) if word not in STOP_WORDS)


def canonical(words: tuple[str, ...]) -> tuple[str, ...]:
    """Replace words by their canonical synonym; the order stays."""
    return tuple(_CANONICAL.get(word, word) for word in words)


def key(words: tuple[str, ...]) -> str:
    """Return the words sorted and without repetition: what names are compared by."""
    return " ".join(sorted(set(words)))


_CANONICAL = {
    spelling(word): spelling(line.split(":")[0])
    for line in (NOSOLOGY + ADJECTIVES).split("\n")
    if line
    for word in line.split(":")[1].split()
}
