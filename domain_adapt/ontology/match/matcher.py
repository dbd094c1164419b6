"""Terms found in text: word boundaries, case, the longest of those that overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from domain_adapt.ontology.concept import LabelType
from domain_adapt.ontology.match.automaton import Occurrence
from domain_adapt.ontology.match.index import TermIndex, build_index
from domain_adapt.ontology.match.normalise import (
    Normalised,
    canonical,
    coarse,
    normalise,
    plain_form,
)
from domain_adapt.ontology.match.terms import Term

Hit = tuple[int, int, tuple[Term, ...]]
"""Start and end in the text, and the terms that stand there: one a concept, never none.

A plain tuple: there are thousands in a megabyte, and a class would double the time they take.
"""

_MOST_KNOWN = 1 << 16
_NO_REACH = ((0, 0),)
_FIRST = {
    kind: rank
    for rank, kind in enumerate(
        (
            LabelType.PREFERRED,
            LabelType.SYNONYM,
            LabelType.SPELLING,
            LabelType.PLURAL,
            LabelType.LAYPERSON,
            LabelType.BRAND,
            LabelType.ABBREVIATION,
            LabelType.CODE,
        )
    )
}


class TermMatcher:
    """Finds the terms of an index in texts.

    Whether a piece of text is a term depends on that piece alone, so each is judged once and
    remembered (at most 65,536 pieces). A pattern of one word whose case does not count is always
    a term; it is remembered by its number.
    """

    def __init__(self, index: TermIndex) -> None:
        self._index = index
        self._search = index.automaton.occurrences
        self._known: dict[str, tuple[Term, ...]] = {}
        # a dict, though patterns have numbers: the few that occur lie close together in memory
        self._always: dict[int, tuple[Term, ...]] = {}

    def hits(self, text: str) -> list[Hit]:
        """Return the terms in a text, in order, none overlapping another.

        Of terms that overlap the longest stays, of equally long ones the first.
        """
        plain = plain_form(text)
        if plain is None:
            return self.hits_in(text, normalise(text))
        found = self._search(plain)
        hits = self._plain_hits(text, plain, found)
        return longest(self._all_plain_hits(text, plain, found)) if hits is None else hits

    def hits_in(self, text: str, form: Normalised) -> list[Hit]:
        """Return what :meth:`hits` does, of a text with its coarse form."""
        found = self._search(form.text)
        if not form.plain:
            return longest(self._all_hits(text, form, found))
        hits = self._plain_hits(text, form.text, found)
        return longest(self._all_plain_hits(text, form.text, found)) if hits is None else hits

    def _plain_hits(self, text: str, plain: str, found: Sequence[Occurrence]) -> list[Hit] | None:
        """Return the hits of a text whose places are those of its coarse form.

        None where hits cross, so that a look at each with the one before it does not decide.
        Nearly all of the time outside of the search itself is spent here.
        """
        always, known = self._always.get, self._known.get
        hits: list[Hit] = []
        append = hits.append
        last = 0
        for pattern, start, end in found:
            stop = end - 2  # the space after the pattern, and the one before the coarse form
            terms = always(pattern) or known(text[start:stop])
            if terms is None:
                hit = self._first_reading(text, plain, (pattern, start, end))
                start, stop, terms = hit  # noqa: PLW2901 - a name may reach beyond its letters
            if not terms:
                continue
            if start >= last:
                append((start, stop, terms))
                last = stop
                continue
            if stop <= last and start >= hits[-1][0]:
                continue
            while hits and start <= hits[-1][0] and hits[-1][1] <= stop:
                hits.pop()
            if hits and start < hits[-1][1]:
                return None
            append((start, stop, terms))
            last = stop
        return hits

    def _first_reading(
        self, text: str, plain: str, occurrence: Occurrence
    ) -> tuple[int, int, tuple[Term, ...]]:
        """Return the hit at an occurrence that reaches furthest; one without terms for none."""
        pattern, start, end = occurrence
        if pattern not in self._index.reaches:
            return start, end - 2, self._terms(pattern, text[start : end - 2])
        readings = self._readings(text, Normalised(plain, (), True), occurrence)
        return next(readings, (0, 0, ()))

    def _all_plain_hits(self, text: str, plain: str, found: Iterable[Occurrence]) -> Iterator[Hit]:
        """Yield all hits of a text whose places are those of its coarse form."""
        for pattern, start, end in found:
            terms = self._always.get(pattern) or self._known.get(text[start : end - 2])
            if terms:
                yield (start, end - 2, terms)
            elif terms is None:
                form = Normalised(plain, (), True)
                yield from self._readings(text, form, (pattern, start, end))

    def _all_hits(self, text: str, form: Normalised, found: Iterable[Occurrence]) -> Iterator[Hit]:
        """Yield all hits of any text."""
        for occurrence in found:
            yield from self._readings(text, form, occurrence)

    def _readings(self, text: str, form: Normalised, occurrence: Occurrence) -> Iterator[Hit]:
        """Yield the terms at an occurrence, those that reach furthest first."""
        pattern, start, end = occurrence
        index = self._index
        start, end = start + index.leads[pattern], end - index.trails[pattern]
        for before, after in index.reaches.get(pattern, _NO_REACH):
            if before >= start or end + after >= len(form.text):
                continue
            span = form.span(start - before, end + after)
            terms = self._terms(pattern, text[span[0] : span[1]]) if span else ()
            if span and terms:
                yield (*span, terms)

    def _terms(self, pattern: int, surface: str) -> tuple[Term, ...]:
        """Return the terms that a piece of text is, one a concept, the likeliest kind first."""
        terms = self._always.get(pattern) or self._known.get(surface)
        if terms is not None:
            return terms
        terms = self._judged(pattern, surface)
        if self._index.strict[pattern] or not surface.isalnum():
            if pattern not in self._index.reaches:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[surface] = terms
        else:
            self._always[pattern] = terms
        return terms

    def _judged(self, pattern: int, surface: str) -> tuple[Term, ...]:
        terms = self._index.candidates(pattern)
        if self._index.strict[pattern]:
            terms = tuple(term for term in terms if term.matches(surface))
        elif not surface.replace(" ", "").isalnum():
            name = canonical(surface)
            terms = terms if coarse(name) == name else ()
        if len(terms) < 2:
            return terms
        chosen: dict[str, Term] = {}
        for term in sorted(terms, key=lambda each: (_FIRST[each.type], each.concept)):
            chosen.setdefault(term.concept, term)
        return tuple(chosen.values())


def longest(hits: Iterable[Hit]) -> list[Hit]:
    """Return hits of which none overlaps another, in order.

    The longest are taken first, of equally long ones the first in the text.
    """
    kept: list[Hit] = []
    for group in _overlapping(sorted(hits, key=_start)):
        chosen: list[Hit] = []
        for hit in sorted(group, key=lambda each: (each[0] - each[1], each[0])):
            if all(hit[1] <= other[0] or other[1] <= hit[0] for other in chosen):
                chosen.append(hit)
        kept += sorted(chosen, key=_start)
    return kept


def _overlapping(hits: Iterable[Hit]) -> Iterator[list[Hit]]:
    """Yield hits that are linked by overlaps together, in order."""
    group: list[Hit] = []
    end = 0
    for hit in hits:
        if group and hit[0] >= end:
            yield group
            group = []
        group.append(hit)
        end = max(end, hit[1])
    if group:
        yield group


def _start(hit: Hit) -> int:
    return hit[0]


def build_matcher(terms: Iterable[Term]) -> TermMatcher:
    """Return a matcher of terms (:func:`domain_adapt.ontology.match.terms.terms_of`)."""
    return TermMatcher(build_index(tuple(terms)))
