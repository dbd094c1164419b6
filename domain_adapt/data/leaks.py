"""What may not be in training: held-out labels and the suites' questions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from domain_adapt.base.records import Example
from domain_adapt.ontology.concept import LabelType, Scope
from domain_adapt.ontology.ontology import Ontology

_WORD = re.compile(r"\w+")
_SLOT = "\x00"
_GRAM = 8


class PhraseIndex:
    """Finds any of many phrases in a text, word by word.

    A word is a run of letters, digits and underscores, so "mark-to-market" and "mark to market"
    are the same phrase and "swap" is not found in "swaption". A look-up costs a few set
    look-ups a word, however many phrases there are, where a regular expression tries each.

    Args:
        phrases: What to find; those without a word in them are ignored.
        fold_case: Whether capitals make no difference.
        plurals: Whether the regular English plural is found too.
    """

    def __init__(self, phrases: Iterable[str], *, fold_case: bool, plurals: bool = False) -> None:
        self._fold_case = fold_case
        self._phrases: dict[tuple[str, ...], str] = {}
        lengths: dict[str, set[int]] = defaultdict(set)
        for phrase in phrases:
            words = self.words(phrase)
            for form in _with_plurals(words) if plurals else (words,):
                if form:
                    self._phrases.setdefault(form, phrase)
                    lengths[form[0]].add(len(form))
        self._lengths = {word: sorted(found, reverse=True) for word, found in lengths.items()}

    def words(self, text: str) -> tuple[str, ...]:
        """Return the words of ``text`` as this index compares them."""
        return tuple(_WORD.findall(text.casefold() if self._fold_case else text))

    def spans(self, words: Sequence[str]) -> Iterator[tuple[int, int, str]]:
        """Yield (start, end, phrase) of each match, longest first at each start; may overlap."""
        for start, word in enumerate(words):
            for length in self._lengths.get(word, ()):
                phrase = self._phrases.get(tuple(words[start : start + length]))
                if phrase is not None:
                    yield start, start + length, phrase


def _with_plurals(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield words
    if words:
        head, last = words[:-1], words[-1]
        yield (*head, last + "s")
        yield (*head, last + "es")
        if last.endswith("y"):
            yield (*head, last[:-1] + "ies")


class LabelIndex:
    """Whole-word matching of labels: names in any case, abbreviations as they are written.

    Args:
        names: Preferred labels and synonyms; their regular plurals are found too.
        abbreviations: "CoCo" and "coco" are different things.
    """

    def __init__(self, names: Iterable[str] = (), abbreviations: Iterable[str] = ()) -> None:
        self._names = PhraseIndex(names, fold_case=True, plurals=True)
        self._abbreviations = PhraseIndex(abbreviations, fold_case=False)

    @classmethod
    def of_concepts(cls, ontology: Ontology, concept_ids: Iterable[str]) -> LabelIndex:
        """Return the index of the English EXACT labels of some concepts."""
        labels = [
            label
            for concept in concept_ids
            for label in ontology.concepts[concept].labels
            if label.language == "en" and label.scope is Scope.EXACT
        ]
        return cls(
            names=[x.text for x in labels if x.type is not LabelType.ABBREVIATION],
            abbreviations=[x.text for x in labels if x.type is LabelType.ABBREVIATION],
        )

    def find(self, text: str) -> tuple[str, ...]:
        """Return the labels that occur in ``text`` as whole words, in order, each once."""
        found = [
            phrase
            for index in (self._names, self._abbreviations)
            for _, _, phrase in index.spans(index.words(text))
        ]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Overlap:
    """A training example that gives a suite's question away.

    Attributes:
        example: The example's id.
        prompt: The suite's prompt.
        rule: ``same-prompt``; ``same-template``: equal but for the terms in it; ``shared-8-gram``:
            eight words in a row, terms and definitions not counted.
    """

    example: str
    prompt: str
    rule: Literal["same-prompt", "same-template", "shared-8-gram"]


def check_no_overlap(
    examples: Iterable[Example], probe_prompts: Iterable[str], *, slot_texts: Iterable[str] = ()
) -> tuple[Overlap, ...]:
    """Return the examples whose prompts occur in a suite, with what they share.

    Seen concepts are asked about in both, so labels and definitions are shared by design; they
    are taken out before wordings are compared.

    Args:
        examples: What is trained on.
        probe_prompts: The suite's questions.
        slot_texts: Labels and definitions that fill templates.
    """
    slots = PhraseIndex(slot_texts, fold_case=True)
    by_words: dict[tuple[str, ...], str] = {}
    by_template: dict[tuple[str, ...], str] = {}
    by_gram: dict[tuple[str, ...], str] = {}
    for prompt in probe_prompts:
        words = slots.words(prompt)
        template = _without_slots(words, slots)
        by_words.setdefault(words, prompt)
        by_template.setdefault(template, prompt)
        for gram in _grams(template):
            by_gram.setdefault(gram, prompt)
    found: list[Overlap] = []
    for example in examples:
        words = slots.words(example.prompt)
        template = _without_slots(words, slots)
        shared = next((by_gram[gram] for gram in _grams(template) if gram in by_gram), None)
        if words and words in by_words:
            found.append(Overlap(example.id, by_words[words], "same-prompt"))
        elif set(template) - {_SLOT} and template in by_template:
            found.append(Overlap(example.id, by_template[template], "same-template"))
        elif shared is not None:
            found.append(Overlap(example.id, shared, "shared-8-gram"))
    return tuple(found)


def _without_slots(words: tuple[str, ...], slots: PhraseIndex) -> tuple[str, ...]:
    """Replace each label or definition by one mark; of overlapping ones the first, longest."""
    template: list[str] = []
    position = 0
    for start, end, _ in slots.spans(words):
        if start >= position:
            template += [*words[position:start], _SLOT]
            position = end
    return (*template, *words[position:])


def _grams(template: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for start in range(len(template) - _GRAM + 1):
        gram = tuple(template[start : start + _GRAM])
        if _SLOT not in gram:
            yield gram
