"""From a mention to ids: the strictest comparison that finds a name decides.

As written, by spelling, by synonyms of single words, as two names joined by "and", by character
n-grams where they are close, by the longest ending of the mention that is a name ("sporadic colon
cancer" is a colon cancer), and last by n-grams however far.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain_adapt.base.errors import DataError
from domain_adapt.ontology.link.composite import readings
from domain_adapt.ontology.link.names import LinkName
from domain_adapt.ontology.link.ngrams import NgramIndex, build_ngram_index
from domain_adapt.ontology.link.normal import canonical, key, spelled
from domain_adapt.ontology.link.short_forms import Span, expand, short_forms

CLOSE = 0.65
"""Cosine from which n-grams are trusted more than the ending; chosen on NCBI Disease train."""


class Step(StrEnum):
    """The comparison that found the ids, from the strictest to the loosest."""

    WRITTEN = "written"
    SPELLING = "spelling"
    WORDS = "words"
    COMPOSITE = "composite"
    CLOSE = "close"
    ENDING = "ending"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class Link:
    """What a mention is linked to.

    Attributes:
        ids: Sorted; several where the mention names several things.
        step: The comparison that found them.
        similarity: Cosine with the name, in (0, 1]; 1 where the comparison is not by n-grams.
    """

    ids: tuple[str, ...]
    step: Step
    similarity: float = 1.0


@dataclass(frozen=True, slots=True)
class Linker:
    """Names by their normal forms. Build it with :func:`build_linker`.

    Attributes:
        written: Lower-case name to ids.
        spelling: Key of the spelled words to ids.
        words: Key of the canonical words to ids.
        ngrams: Index of the canonical names.
        targets: The ids of each name in the index.
    """

    written: Mapping[str, tuple[str, ...]]
    spelling: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]]
    ngrams: NgramIndex
    targets: Sequence[tuple[str, ...]]

    def link(self, mention: str, forms: Mapping[str, str] | None = None) -> Link | None:
        """Return what a mention is linked to; None where it shares no n-gram with any name.

        Args:
            mention: The words in the text.
            forms: Short form to long form in this document.
        """
        text = expand(mention, forms or {})
        words = canonical(spelled(text))
        return self._alike(text) or self._joined(text) or self._loosely(words)

    def link_document(self, text: str, mentions: Sequence[Span]) -> tuple[Link | None, ...]:
        """Link the mentions of one document; its short forms are read first.

        Args:
            text: The document.
            mentions: Spans in it, in characters.
        """
        forms = short_forms(text, mentions)
        return tuple(self.link(text[start:end], forms) for start, end in mentions)

    def _alike(self, text: str) -> Link | None:
        if found := self.written.get(text.lower()):
            return Link(found, Step.WRITTEN)
        words = spelled(text)
        if found := self.spelling.get(key(words)):
            return Link(found, Step.SPELLING)
        found = self.words.get(key(canonical(words)))
        return Link(found, Step.WORDS) if found else None

    def _joined(self, text: str) -> Link | None:
        for parts in readings(text):
            links = [self._alike(part) for part in parts]
            if all(links):
                ids = {each for link in links if link for each in link.ids}
                return Link(tuple(sorted(ids)), Step.COMPOSITE)
        return None

    def _loosely(self, words: tuple[str, ...]) -> Link | None:
        scores = self.ngrams.scores(" ".join(words))
        best = int(scores.argmax())
        similarity = float(scores[best])
        if similarity >= CLOSE:
            return Link(self.targets[best], Step.CLOSE, similarity)
        for at in range(1, len(words)):
            if found := self.words.get(key(words[at:])):
                return Link(found, Step.ENDING)
        return Link(self.targets[best], Step.NEAREST, similarity) if similarity > 0 else None


def build_linker(names: Iterable[LinkName]) -> Linker:
    """Index names.

    Raises:
        DataError: DA-ONTO-081, there is none.
    """
    ordered = sorted(names, key=lambda name: name.rank)
    if not ordered:
        raise DataError(
            "DA-ONTO-081",
            "There are 0 names to link mentions to.",
            hint="Check that the ontology's concepts have mappings to the vocabulary of the ids.",
        )
    written: dict[str, tuple[str, ...]] = {}
    spelling: dict[str, tuple[str, ...]] = {}
    words: dict[str, tuple[str, ...]] = {}
    phrases: dict[str, tuple[str, ...]] = {}
    for name in ordered:
        ids, normal = tuple(sorted(name.ids)), spelled(name.text)
        written.setdefault(name.text.lower(), ids)
        spelling.setdefault(key(normal), ids)
        words.setdefault(key(canonical(normal)), ids)
        phrases.setdefault(" ".join(canonical(normal)), ids)
    for keyed in (spelling, words, phrases):
        keyed.pop("", None)  # names of nothing but stop words and signs
    index = build_ngram_index(tuple(phrases))
    return Linker(written, spelling, words, index, tuple(phrases.values()))
