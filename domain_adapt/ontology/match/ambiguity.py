"""Which concept a name means here, where several have it: what stands near it decides.

The words near the mention are held against those of each concept's definition, its names and the
names of its neighbours (the overlap of M. Lesk, "Automatic sense disambiguation using machine
readable dictionaries", SIGDOC 1986). A concept that the same text names in an unambiguous way
comes first: a text keeps to one sense of a word (W. A. Gale, K. W. Church and D. Yarowsky, "One
sense per discourse", 1992).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from domain_adapt.ontology.match.characters import HAN
from domain_adapt.ontology.match.matcher import Hit
from domain_adapt.ontology.match.normalise import canonical
from domain_adapt.ontology.match.terms import Term
from domain_adapt.ontology.ontology import Ontology

WINDOW = 300
"""Characters on each side of a mention that count as near it: about fifty words."""

NAMED_OUTRIGHT = 10.0
"""Weight of the concept being named unambiguously in the text: as ten words of its own."""

MOST_NEIGHBOURS = 50
"""Children and parents whose names are read; some have thousands."""

_WORD = re.compile(rf"[^\W\d_{HAN}]{{3,}}|[{HAN}]+")
_EMPTY_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
    about after all also and any are because been before being between both but can could did does
    each either for from had has have having her his how into its may more most must not one only
    other our out over shall should some such than that the their them then there these they this
    those through under until upon use used using very was were what when where which while who
    whose will with within without would you your
        """,
    )
)


class Chooser:
    """Orders the concepts that a name may mean, for one ontology."""

    def __init__(self, ontology: Ontology) -> None:
        self._ontology = ontology
        self._profiles: dict[str, frozenset[str]] = {}

    def choose(self, text: str, hits: Sequence[Hit]) -> list[tuple[Term, ...]]:
        """Return the terms of each hit, the likeliest first.

        Where nothing near the mention speaks for either, the order stays: a preferred name
        before a synonym, a synonym before an abbreviation, then by id.
        """
        if all(len(terms) == 1 for _, _, terms in hits):
            return [terms for _, _, terms in hits]
        outright = {terms[0].concept for _, _, terms in hits if len(terms) == 1}
        return [self._ordered(text, hit, outright) for hit in hits]

    def _ordered(self, text: str, hit: Hit, outright: Collection[str]) -> tuple[Term, ...]:
        start, end, terms = hit
        if len(terms) == 1:
            return terms
        near = words_of(f"{text[max(0, start - WINDOW) : start]} {text[end : end + WINDOW]}")
        profiles = {term.concept: self._profile(term.concept) & near for term in terms}
        shared = Counter(chain.from_iterable(profiles.values()))

        def likelihood(term: Term) -> float:
            # a word that speaks for all of them speaks for none
            overlap = sum(1 - shared[word] / len(terms) for word in profiles[term.concept])
            return overlap + NAMED_OUTRIGHT * (term.concept in outright)

        return tuple(sorted(terms, key=likelihood, reverse=True))

    def _profile(self, concept: str) -> frozenset[str]:
        if concept not in self._profiles:
            self._profiles[concept] = words_of(" ".join(self._texts(concept)))
        return self._profiles[concept]

    def _texts(self, concept: str) -> Iterator[str]:
        concepts = self._ontology.concepts
        if concept not in concepts:
            return
        here = concepts[concept]
        yield here.definition
        neighbours = (
            *here.parents,
            *self._ontology.children(concept),
            *(relation.target for relation in here.relations),
        )
        for each in (concept, *neighbours[:MOST_NEIGHBOURS]):
            if each in concepts:
                yield from (label.text for label in concepts[each].labels)


def words_of(text: str) -> frozenset[str]:
    """Return the words that say something, in canonical form; of Chinese each pair of characters.

    Chinese is written without spaces, and most of its words have two characters.
    """
    found: set[str] = set()
    for word in _WORD.findall(canonical(text)):
        if word.isascii() or len(word) == 1:
            found.add(word)
        else:
            found.update(word[place : place + 2] for place in range(len(word) - 1))
    return frozenset(found - _EMPTY_WORDS)
