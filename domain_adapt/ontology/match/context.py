"""What the words round a term say of it: that it is not so, may be so, was, or was in the family.

ConText (H. Harkema, J. N. Dowling, T. Thornblade and W. W. Chapman, "ConText: an algorithm for
determining negation, experiencer, and temporal status from clinical reports", J. Biomed. Inform.
42 (2009) 839-851): triggers, each with the side that it bears on; its scope ends with the
sentence or with a terminator; phrases that only look like a trigger count as none.
The triggers, in English and Chinese, are in ``context_rules.yaml``.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import chain
from pathlib import Path

import yaml

from domain_adapt.ontology.concept import LabelType
from domain_adapt.ontology.match.characters import HAN
from domain_adapt.ontology.match.matcher import Hit, build_matcher
from domain_adapt.ontology.match.normalise import Normalised
from domain_adapt.ontology.match.terms import Term

Span = tuple[int, int]

RULES_FILE = Path(__file__).with_name("context_rules.yaml")

_SENTENCE_END = re.compile(
    r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[^\Wa-z_])|\n\s*(?:\n|[-*•]\s)|[;。！？；，…]"
    rf"|(?<=[{HAN}]),|,(?=[{HAN}])"  # Chinese is often typed with half-width commas
)


class Quality(StrEnum):
    """What may be said of a mention."""

    NEGATED = "negated"
    UNCERTAIN = "uncertain"
    FAMILY = "family"
    HISTORICAL = "historical"


class Side(StrEnum):
    """Where a trigger stands, seen from the terms that it bears on."""

    BEFORE = "before"
    AFTER = "after"
    PSEUDO = "pseudo"


NOTHING_SAID: frozenset[Quality] = frozenset()


@dataclass(frozen=True, slots=True)
class Trigger:
    """A phrase found in the text that says something of the terms beside it."""

    start: int
    end: int
    quality: Quality
    side: Side


class ContextRules:
    """The triggers and terminators, ready to be found.

    Args:
        triggers: For each quality and side, phrases. Of phrases that overlap in a text the
            longest counts, of whatever quality: "cannot be ruled out" hides "ruled out".
        terminators: Phrases that end every scope.
    """

    def __init__(
        self,
        triggers: Mapping[Quality, Mapping[Side, Sequence[str]]],
        terminators: Sequence[str],
    ) -> None:
        self._kinds = {
            f"{quality}-{side}": (quality, side) for quality in triggers for side in Side
        }
        self._triggers = build_matcher(
            _phrase(f"{quality}-{side}", text)
            for quality, sides in triggers.items()
            for side, texts in sides.items()
            for text in texts
        )
        self._terminators = build_matcher(_phrase("terminator", text) for text in terminators)

    def qualities(
        self, text: str, form: Normalised, spans: Sequence[Span]
    ) -> list[frozenset[Quality]]:
        """Return what is said of each of some spans.

        A trigger inside one of the spans is part of a term ("potential future exposure") and
        says nothing.

        Args:
            text: The whole text.
            form: Its coarse form.
            spans: Places of terms in it, in order, none overlapping another.
        """
        found = self._found(text, form, spans)
        if not found:
            return [NOTHING_SAID] * len(spans)
        ends = self._scope_ends(text, form, spans)
        said: list[set[Quality]] = [set() for _ in spans]
        starts = [start for start, _ in spans]
        for trigger in found:
            start, end = _scope(trigger, ends)
            for place in range(bisect_left(starts, start), bisect_left(starts, end)):
                said[place].add(trigger.quality)
        return [frozenset(each) if each else NOTHING_SAID for each in said]

    def _found(self, text: str, form: Normalised, spans: Sequence[Span]) -> list[Trigger]:
        hits = _outside(self._triggers.hits_in(text, form), spans)
        found = (
            Trigger(start, end, *self._kinds[term.concept])
            for start, end, terms in hits
            for term in terms
        )
        return [trigger for trigger in found if trigger.side is not Side.PSEUDO]

    def _scope_ends(self, text: str, form: Normalised, spans: Sequence[Span]) -> list[Span]:
        """Return the places that no scope crosses, in order."""
        sentences = (match.span() for match in _SENTENCE_END.finditer(text))
        hits = _outside(self._terminators.hits_in(text, form), spans)
        terminators = ((start, end) for start, end, _ in hits)
        return sorted(chain([(0, 0), (len(text), len(text))], sentences, terminators))


def _phrase(kind: str, text: str) -> Term:
    # of a type that has no other forms: "no" is not to be found as "nos"
    return Term(kind, text, LabelType.PLURAL)


def _outside(hits: Sequence[Hit], spans: Sequence[Span]) -> Iterator[Hit]:
    """Yield the hits that overlap none of the spans."""
    starts = [start for start, _ in spans]
    for hit in hits:
        place = bisect_left(starts, hit[1]) - 1
        if place < 0 or spans[place][1] <= hit[0]:
            yield hit


def _scope(trigger: Trigger, ends: Sequence[Span]) -> Span:
    if trigger.side is Side.BEFORE:
        after = bisect_left(ends, (trigger.end, -1))
        return trigger.end, ends[min(after, len(ends) - 1)][0]
    before = bisect_right(ends, (trigger.start, -1)) - 1
    return ends[max(before, 0)][1], trigger.start


@cache
def bundled_rules() -> ContextRules:
    """Return the rules that come with the package."""
    content = yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))
    return ContextRules(
        {
            quality: {Side(side): texts for side, texts in content[quality].items()}
            for quality in Quality
        },
        content["terminators"],
    )
