"""An ontology's mentions in a text: terms, the text's own abbreviations, context, ambiguity."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from domain_adapt.ontology.concept import LabelType, Scope
from domain_adapt.ontology.match.abbreviations import (
    Definition,
    find_definitions,
    parenthesised_short_forms,
)
from domain_adapt.ontology.match.ambiguity import Chooser
from domain_adapt.ontology.match.characters import is_han
from domain_adapt.ontology.match.context import Quality, bundled_rules
from domain_adapt.ontology.match.matcher import Hit, TermMatcher, build_matcher, longest
from domain_adapt.ontology.match.normalise import Normalised, normalise
from domain_adapt.ontology.match.terms import Term, terms_of
from domain_adapt.ontology.ontology import Ontology


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text where a concept is named.

    Attributes:
        start: First character, in the text as given.
        end: One past the last character.
        concept: Id of the concept that is meant.
        label: The name of it that was found, as the ontology writes it; the short form, where
            the text defined it.
        label_type: What kind of name that is.
        negated: Whether the text says that it is not so.
        uncertain: Whether it says that it may be so.
        family: Whether it speaks of the family and not of the person.
        historical: Whether it speaks of the past.
        alternatives: Ids of the other concepts that have this name, the likeliest first.
    """

    start: int
    end: int
    concept: str
    label: str
    label_type: LabelType
    negated: bool = False
    uncertain: bool = False
    family: bool = False
    historical: bool = False
    alternatives: tuple[str, ...] = ()


class OntologyMatcher:
    """Finds and judges the mentions of one ontology's concepts. Build: :func:`ontology_matcher`."""

    def __init__(self, ontology: Ontology, terms: TermMatcher) -> None:
        self.terms = terms
        self._chooser = Chooser(ontology)

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Return the mentions in a text, in order, none overlapping another."""
        form = normalise(text)
        hits = self.terms.hits_in(text, form)
        if not hits:
            return ()
        if "(" in text or "（" in text:
            hits = with_own_abbreviations(text, hits)
        return self._judged(text, form, hits)

    def _judged(self, text: str, form: Normalised, hits: Sequence[Hit]) -> tuple[Mention, ...]:
        qualities = bundled_rules().qualities(text, form, [(start, end) for start, end, _ in hits])
        chosen = self._chooser.choose(text, hits)
        return tuple(
            _mention(start, end, terms, said)
            for (start, end, _), terms, said in zip(hits, chosen, qualities, strict=True)
        )


def ontology_matcher(
    ontology: Ontology, *, scopes: Collection[Scope] = (Scope.EXACT,)
) -> OntologyMatcher:
    """Return the matcher of an ontology's names (:func:`.terms.terms_of`)."""
    return OntologyMatcher(ontology, build_matcher(terms_of(ontology, scopes=scopes)))


def _mention(start: int, end: int, terms: Sequence[Term], said: Collection[Quality]) -> Mention:
    return Mention(
        start=start,
        end=end,
        concept=terms[0].concept,
        label=terms[0].label,
        label_type=terms[0].type,
        negated=Quality.NEGATED in said,
        uncertain=Quality.UNCERTAIN in said,
        family=Quality.FAMILY in said,
        historical=Quality.HISTORICAL in said,
        alternatives=tuple(term.concept for term in terms[1:]),
    )


def with_own_abbreviations(text: str, hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits with those of the abbreviations that the text defines itself.

    From its definition on a short form means the concept of its long form, whatever the ontology
    knows by that name. Where no hit in the long form is of a concept that the ontology has for
    the short form, the text means something else, and the short form is no hit.
    """
    result = list(hits)
    for definition in _definitions(text, hits):
        meant = _meant(definition, hits)
        short = text[slice(*definition.short)]
        places = [*_occurrences(text, short, definition.short[0])]
        if meant:
            own = tuple(replace(term, label=short, type=LabelType.ABBREVIATION) for term in meant)
            result = _replaced(result, places, own)
        else:
            result = [hit for hit in result if not _is_refuted(hit, places, definition, hits)]
    return longest(result)


def _definitions(text: str, hits: Sequence[Hit]) -> Iterator[Definition]:
    found = find_definitions(text)
    yield from found
    # a Chinese long form has no letters in common with its short form: the term before the
    # parenthesis is taken for it
    known = {definition.short for definition in found}
    ends = {end: (start, end) for start, end, _ in hits if is_han(text[end - 1])}
    for short, parenthesis in parenthesised_short_forms(text):
        if short not in known and parenthesis in ends and text[short[0]].isascii():
            yield Definition(short, ends[parenthesis])


def _meant(definition: Definition, hits: Sequence[Hit]) -> tuple[Term, ...]:
    """Return the terms that stand at a definition's long form, none where it is no term."""
    place = bisect_left(hits, definition.long[0], key=lambda hit: hit[0])
    if place < len(hits) and hits[place][:2] == definition.long:
        return hits[place][2]
    return ()


def _occurrences(text: str, short: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield where a short form, or its plural, stands as a word of its own from a place on."""
    pattern = re.compile(rf"(?<![A-Za-z0-9]){re.escape(short)}(?=s?(?![A-Za-z0-9]))")
    for match in pattern.finditer(text, start):
        yield match.start(), match.end() + text.startswith("s", match.end())


def _replaced(
    hits: Iterable[Hit], places: Sequence[tuple[int, int]], terms: tuple[Term, ...]
) -> list[Hit]:
    taken = set(places)
    kept = [hit for hit in hits if hit[:2] not in taken]
    return [*kept, *((start, end, terms) for start, end in places)]


def _is_refuted(
    hit: Hit,
    places: Collection[tuple[int, int]],
    definition: Definition,
    hits: Sequence[Hit],
) -> bool:
    """Say whether a hit is a short form that the text uses for something else."""
    if hit[:2] not in places:
        return False
    start, end = definition.long
    inside = {term.concept for a, b, terms in hits if start <= a and b <= end for term in terms}
    return not any(term.concept in inside for term in hit[2])
