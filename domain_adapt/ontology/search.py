"""Finding concepts by what a person types: misspelt, half, in English or Chinese.

Exact names come before beginnings, beginnings before words, words before near misses (optimal
string alignment: a swap of neighbours counts once). Abbreviations are matched whole and by case:
two letters are near to everything.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain_adapt.base.memory import collection_paused
from domain_adapt.ontology.concept import Concept, Label, LabelType, Status
from domain_adapt.ontology.ontology import Ontology

_HAN = re.compile(r"[\u3400-\u9fff]")
_DEPRECATED_FACTOR = 0.9
_NEAR_WORD = 0.65
_NEAR_LABEL = 0.6
_WORTH_SHOWING = 0.7
"""Share of the best score below which a near miss only distracts."""
_FUZZY_LENGTH = 4
"""Letters. Shorter words are near to too many others."""


class Match(StrEnum):
    """How a label came to be found."""

    ID = "id"
    EXACT = "exact"
    PREFIX = "prefix"
    WORDS = "words"
    FUZZY = "fuzzy"


@dataclass(frozen=True, slots=True)
class Hit:
    """One concept found.

    Attributes:
        concept: Its id.
        label: The name that matched best.
        type: What kind of label that is.
        preferred: Its preferred label: English where there is one.
        branch: Its part of the ontology.
        score: From 0 to 1; exact names have at least 0.95.
        match: How the label was found.
        deprecated: Whether the concept is out of use.
    """

    concept: str
    label: str
    type: LabelType
    preferred: str
    branch: str
    score: float
    match: Match
    deprecated: bool = False


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """All labels of an ontology, ready to be searched; build it with :func:`build_search`.

    Attributes:
        concepts: Id to concept.
        labels: Every label with its concept's id.
        keys: What each label is compared as.
        exact: Key to places in ``labels``.
        words: Word to places in ``labels``, abbreviations left out.
    """

    concepts: Mapping[str, Concept] = field(repr=False)
    labels: Sequence[tuple[str, Label]] = field(repr=False)
    keys: Sequence[str] = field(repr=False)
    exact: Mapping[str, Sequence[int]] = field(repr=False)
    words: Mapping[str, Sequence[int]] = field(repr=False)

    def search(self, query: str, *, limit: int = 10) -> tuple[Hit, ...]:
        """Return the best concepts, at most ``limit``, best first."""
        key = search_key(query)
        if not key:
            return ()
        best: dict[str, Hit] = {}
        for hit in self._hits(query.strip(), key, wanted=limit):
            known = best.get(hit.concept)
            if known is None or _rank(hit) < _rank(known):
                best[hit.concept] = hit
        ranked = sorted(best.values(), key=_rank)
        return tuple(
            hit
            for hit in ranked[:limit]
            if hit.match is not Match.FUZZY or hit.score >= _WORTH_SHOWING * ranked[0].score
        )

    def named(self, text: str) -> tuple[Hit, ...]:
        """Return the concepts that have exactly this id or name, best first."""
        key = search_key(text)
        best: dict[str, Hit] = {}
        for hit in (*self._by_id(text.strip()), *self._exactly(text.strip(), key)):
            known = best.get(hit.concept)
            if known is None or _rank(hit) < _rank(known):
                best[hit.concept] = hit
        return tuple(sorted(best.values(), key=_rank))

    def _hits(self, query: str, key: str, *, wanted: int) -> Iterator[Hit]:
        found = [*self._by_id(query), *self._exactly(query, key), *self._beginning(key)]
        yield from found
        if len({hit.concept for hit in found}) < wanted:
            yield from self._by_words(key)
            yield from self._near(key)

    def _by_id(self, query: str) -> Iterator[Hit]:
        """Yield the concepts that have an id, with or without its prefix, in any case."""
        small = query.casefold()
        ending = f":{small}"
        for concept_id, concept in self.concepts.items():
            other = concept_id.casefold()
            if (other == small or other.endswith(ending)) and concept.labels:
                yield self._hit(concept_id, concept.labels[0], 1.0, Match.ID)

    def _exactly(self, query: str, key: str) -> Iterator[Hit]:
        for place in self.exact.get(key, ()):
            concept, label = self.labels[place]
            same_case = label.text == query
            if label.type is LabelType.ABBREVIATION:
                score = 1.0 if same_case else 0.95
            else:
                score = 0.99 if same_case else 0.98
            yield self._hit(concept, label, score, Match.EXACT)

    def _beginning(self, key: str) -> Iterator[Hit]:
        for place, other in enumerate(self.keys):
            if other.startswith(key) and len(other) > len(key):
                concept, label = self.labels[place]
                score = 0.82 + 0.1 * len(key) / len(other)
                yield self._hit(concept, label, score, Match.PREFIX)

    def _by_words(self, key: str) -> Iterator[Hit]:
        """Yield labels that have the query's words, each whole, begun or misspelt."""
        wanted = [word for word in key.split() if not _HAN.search(word)]
        if not wanted:
            return
        total: dict[int, float] = defaultdict(float)
        for word in wanted:
            weights: dict[int, float] = {}
            for other, weight in self._near_words(word):
                for place in self.words[other]:
                    if weight > weights.get(place, 0.0):
                        weights[place] = weight
            for place, weight in weights.items():
                total[place] += weight / len(wanted)
        for place, share in total.items():
            if share < _NEAR_LABEL:
                continue
            length = self.keys[place].count(" ") + 1
            covered = min(1.0, len(wanted) / length)
            concept, label = self.labels[place]
            kind = Match.WORDS if share > 0.995 else Match.FUZZY
            yield self._hit(concept, label, share * (0.6 + 0.2 * covered), kind)

    def _near_words(self, word: str) -> Iterator[tuple[str, float]]:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        if word in self.words:
            yield word, 1.0
        if len(word) < _FUZZY_LENGTH:
            return
        for other in self.words:
            if other.startswith(word) and other != word:
                yield other, 0.95
        near = process.extract(
            word,
            self.words.keys(),
            scorer=OSA.normalized_similarity,
            score_cutoff=_NEAR_WORD,
            limit=30,
        )
        for other, similarity, _ in near:
            yield other, 0.95 * similarity

    def _near(self, key: str) -> Iterator[Hit]:
        """Yield labels that are nearly the query, or hold it (Chinese: no spaces to go by)."""
        from rapidfuzz import fuzz, process
        from rapidfuzz.distance import OSA

        whole = process.extract(
            key, self.keys, scorer=OSA.normalized_similarity, score_cutoff=_NEAR_LABEL, limit=50
        )
        for _, similarity, place in whole:
            yield from self._near_hit(place, 0.8 * similarity, key)
        if not _HAN.search(key):
            return
        chinese = {place: text for place, text in enumerate(self.keys) if _HAN.search(text)}
        for place, text in chinese.items():
            if key in text:
                score = 0.7 + 0.1 * len(key) / len(text)
                yield self._hit(*self.labels[place], score, Match.WORDS)
        parts = process.extract(
            key, chinese, scorer=fuzz.partial_ratio, score_cutoff=100 * _NEAR_LABEL, limit=50
        )
        for text, ratio, place in parts:
            share = min(1.0, len(text) / len(key), len(key) / len(text))
            yield from self._near_hit(place, ratio / 100 * (0.5 + 0.25 * share), key)

    def _near_hit(self, place: int, score: float, key: str) -> Iterator[Hit]:
        concept, label = self.labels[place]
        if label.type is not LabelType.ABBREVIATION and self.keys[place] != key:
            yield self._hit(concept, label, score, Match.FUZZY)

    def _hit(self, concept_id: str, label: Label, score: float, match: Match) -> Hit:
        concept = self.concepts[concept_id]
        deprecated = concept.status is Status.DEPRECATED
        return Hit(
            concept=concept_id,
            label=label.text,
            type=label.type,
            preferred=preferred_label(concept),
            branch=concept.branch,
            score=round(score * (_DEPRECATED_FACTOR if deprecated else 1.0), 4),
            match=match,
            deprecated=deprecated,
        )


def build_search(ontology: Ontology) -> SearchIndex:
    """Return the index of an ontology's labels and ids."""
    with collection_paused():
        return _build(ontology)


def _build(ontology: Ontology) -> SearchIndex:
    labels = [(each.id, label) for each in ontology.concepts.values() for label in each.labels]
    keys = [search_key(label.text) for _, label in labels]
    exact: defaultdict[str, list[int]] = defaultdict(list)
    words: defaultdict[str, list[int]] = defaultdict(list)
    for place, (key, (_, label)) in enumerate(zip(keys, labels, strict=True)):
        exact[key].append(place)
        if label.type is not LabelType.ABBREVIATION:
            for word in key.split(" "):
                words[word].append(place)
    words.pop("", None)  # of labels without any letter
    return SearchIndex(ontology.concepts, labels, keys, dict(exact), dict(words))


def search_key(text: str) -> str:
    """Return what a name is compared as: small letters, hyphens as spaces, one form a sign."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = text.casefold().replace("-", " ").replace(",", " ").replace("/", " ").replace("_", " ")
    return " ".join(text.split())


def preferred_label(concept: Concept) -> str:
    """Return the preferred label: English where there is one, else any; else the id."""
    others = (label.text for label in concept.labels if label.type is LabelType.PREFERRED)
    return concept.preferred() or next(others, concept.id)


def _rank(hit: Hit) -> tuple[float, bool, int, str]:
    return (-hit.score, hit.type is not LabelType.PREFERRED, len(hit.label), hit.concept)
