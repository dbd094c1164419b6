"""Names to look for, the forms they take in text, and the case in which each counts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum

from domain_adapt.ontology.concept import LabelType, Scope, Status
from domain_adapt.ontology.match.characters import is_han
from domain_adapt.ontology.match.normalise import canonical
from domain_adapt.ontology.ontology import Ontology

SHORT = 4
"""Letters. An abbreviation of so few is never looked for as an ordinary lower-case word."""

LONGEST_ACRONYM = 5
"""Letters. A single word in capitals of at most so many is an abbreviation, whatever its type."""

LONGEST_WITH_VARIANTS = 5
"""Words. Longer names are descriptions that nobody writes in another form."""

_UNCHANGED = (LabelType.CODE, LabelType.PLURAL)
_HYPHEN = re.compile(r"(?<=\w)[-\u2010\u2011\u2013](?=\w)")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019]s(?=[\s-])")
_HEAD = re.compile(r"^([^\W\d_]+)(?= (?:of|for|at|in|to|on|by|from|with) )")
_LAST = re.compile(r"([^\W\d_]+)$")
_NO_PLURAL = re.compile(r"(?:ed|ly|ing|ous|ic|al)$", re.IGNORECASE)
_TAKES_ES = re.compile(r"(?:[sxz]|ch|sh)$")


class Case(Enum):
    """In which case a name counts."""

    ANY = "any"
    SAME = "same"
    SAME_OR_CAPITALS = "same or capitals"


@dataclass(frozen=True, slots=True)
class Term:
    """One name of a concept, to be looked for.

    Attributes:
        concept: Id of the concept.
        label: The name as the ontology writes it.
        type: What kind of name it is.
    """

    concept: str
    label: str
    type: LabelType

    def matches(self, surface: str) -> bool:
        """Say whether a piece of text, word boundaries aside, is this name."""
        form, exact = canonical(surface), canonical(surface, case=False)
        case = case_of(self)
        for variant in variants(self):
            if canonical(variant).strip(" ") != form:
                continue
            written = canonical(variant, case=False).strip(" ")
            if case is Case.ANY or exact == written:
                return True
            if case is Case.SAME_OR_CAPITALS and exact == written.upper():
                return True
        return False


def terms_of(ontology: Ontology, *, scopes: Collection[Scope] = (Scope.EXACT,)) -> tuple[Term, ...]:
    """Return the names of all concepts in use, in order of id.

    Names of other scopes than EXACT are names of something near to the concept, so that finding
    one does not mean that the text speaks of the concept. A single Chinese character is left out:
    it is a part of many words (脑 "brain" of 电脑 "computer") and seldom stands for itself.
    """
    return tuple(
        Term(concept.id, label.text, label.type)
        for concept in ontology.concepts.values()
        if concept.status is Status.ACTIVE
        for label in concept.labels
        if label.scope in scopes and not (len(label.text) == 1 and is_han(label.text))
    )


def case_of(term: Term) -> Case:
    """Return the case in which a name counts.

    Codes and abbreviations in capitals (GDP, IFRS 9) only as written. Short ones in both (VaR)
    also in capitals, as in a heading, and never in small letters. All else in any case.
    """
    label = term.label
    small, capital = label != label.upper(), label != label.lower()
    if term.type is LabelType.CODE:
        return Case.SAME
    if capital and not small:
        acronym = " " not in label and 2 <= _letters(label) <= LONGEST_ACRONYM
        return Case.SAME if acronym or term.type is LabelType.ABBREVIATION else Case.ANY
    if term.type is not LabelType.ABBREVIATION or not (capital or small):
        return Case.ANY
    if _letters(label) > SHORT or any(x.isdigit() for x in label):
        return Case.ANY
    return Case.SAME_OR_CAPITALS if capital else Case.SAME


def _letters(label: str) -> int:
    return sum(x.isalpha() for x in label)


def variants(term: Term) -> tuple[str, ...]:
    """Return the forms in which a name occurs, the name itself first.

    Without the hyphen (nonperforming), without the possessive (Crohn disease), and in the other
    number. What the normal form makes equal anyway is not among them.
    """
    words = len(term.label.split())
    if term.type in _UNCHANGED or not 0 < words <= LONGEST_WITH_VARIANTS:
        return (term.label,)
    forms = [term.label, *_without_hyphens(term.label), *_without_possessive(term.label)]
    if case_of(term) is Case.SAME:
        forms += [f"{x}s" for x in forms if x[-1].isupper()]
    elif term.type is not LabelType.BRAND:
        forms += [other for form in forms for other in _other_numbers(form)]
    return tuple(dict.fromkeys(forms))


def _without_hyphens(label: str) -> Iterator[str]:
    joined = _HYPHEN.sub("", label)
    if joined != label and any(x.isalpha() for x in joined):
        yield joined


def _without_possessive(label: str) -> Iterator[str]:
    if _POSSESSIVE.search(label):
        yield _POSSESSIVE.sub("", label)
        yield _POSSESSIVE.sub("s", label)


def _other_numbers(form: str) -> Iterator[str]:
    """Yield a name with its last word, or the word before its 'of', in the other number."""
    for place in (_LAST.search(form), _HEAD.search(form)):
        if place is None or is_han(place[1][0]):
            continue
        for word in _numbers(place[1], alone=place[1] == form):
            yield form[: place.start()] + word + form[place.end() :]


def _numbers(word: str, *, alone: bool) -> Iterator[str]:
    """Yield the regular plural of a noun, and the singular of what looks like a plural."""
    if len(word) < 3 or _NO_PLURAL.search(word):
        return
    lower = word.lower()
    yield _plural(word, lower)
    singular = _singular(word, lower)
    # short words that end in s are often no plural (gas, news), or mean more than one (goods)
    if singular and len(singular) >= (5 if alone else 3):
        yield singular


def _plural(word: str, lower: str) -> str:
    if lower.endswith("sis"):
        return word[:-2] + "es"
    if lower.endswith("y") and lower[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if _TAKES_ES.search(lower) else "s")


def _singular(word: str, lower: str) -> str:
    if lower.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if lower.endswith("es") and _TAKES_ES.search(lower[:-2]):
        return word[:-2]
    if lower.endswith("s") and not lower.endswith(("ss", "us", "is")):
        return word[:-1]
    return ""
