"""What each probe family asks about a concept, and which wrong answers are fair.

Wrong answers come from the same side of the split as the right one: a model that has merely
seen some labels in training cannot tell them apart by that, and one that is asked about unseen
concepts is not lured by labels that it was taught. None is an ancestor or descendant of what
is asked about or of the right answer, or shares a name or definition with it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from domain_adapt.data.draw import rank
from domain_adapt.data.leaks import LabelIndex
from domain_adapt.ontology.concept import Concept, LabelType, Scope
from domain_adapt.ontology.ontology import Ontology

MOST_WRONG = 9
"""Wrong answers that a draft offers: no suite shows more than ten choices."""

_ONE_SPELLING = 0.9
"""Likeness of two names above which they differ in spelling only ("realise", "realize")."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A probe before its choices are placed.

    Attributes:
        concept: The concept's id.
        given: What fills the prompt.
        right: The right answer.
        wrong: Wrong answers, nearest concept first.
        accepted: Other wordings of the right answer.
    """

    concept: str
    given: str
    right: str
    wrong: tuple[str, ...]
    accepted: tuple[str, ...] = ()


class Side:
    """The concepts on one side of the split, and which of them lie near a concept.

    Args:
        ontology: Where they come from.
        concepts: Their ids.
    """

    def __init__(self, ontology: Ontology, concepts: Sequence[str]) -> None:
        self.ontology = ontology
        self.concepts = tuple(concepts)
        # P5 chooses among the classes that are the right answer for some concept of the side.
        self.classes = tuple(
            sorted({up for name in concepts for up in ontology.concepts[name].parents[:1]})
        )
        self._near: dict[tuple[str, bool], tuple[Concept, ...]] = {}
        self._texts: dict[str, frozenset[str]] = {}

    def nearest(self, concept: Concept, *, classes: bool = False) -> tuple[Concept, ...]:
        """Return the side's concepts (or classes) that may be wrong answers, from near to far.

        Where classes are chosen from, the right answer is the first parent, so that none of
        them lies above or below that.
        """
        key = (concept.id, classes)
        if key not in self._near:
            above = {concept.id, *self.ontology.ancestors(concept.id)}
            right = concept.parents[0] if classes else concept.id
            fair = [
                other
                for other in (self.classes if classes else self.concepts)
                if other not in above
                and right not in self.ontology.ancestors(other)
                and not self._alike(right, other)
            ]
            fair.sort(key=lambda other: self._order(concept.id, other, classes=classes))
            self._near[key] = tuple(self.ontology.concepts[other] for other in fair)
        return self._near[key]

    def _order(self, concept: str, other: str, *, classes: bool) -> tuple[bool, int, int]:
        """Return the sort key of a wrong answer: leaves first, then near ones, then by chance.

        The seen side also has classes, whose broad names ("screened party") stand out.
        """
        broad = not classes and bool(self.ontology.children(other))
        return broad, self.ontology.distance(concept, other), rank(0, concept, other)

    def _alike(self, first: str, second: str) -> bool:
        """Return whether two concepts share a name or a definition: both would be right."""
        if first not in self._texts or second not in self._texts:
            self._texts |= {name: _texts(self.ontology.concepts[name]) for name in (first, second)}
        return not self._texts[first].isdisjoint(self._texts[second])


Maker = Callable[[Side, Concept], Draft | None]
"""Makes a draft about a concept with wrong answers from its side; None if it cannot."""


def expansion(side: Side, concept: Concept) -> Draft | None:
    """P1: an abbreviation, and what it stands for; all answers are names that have one."""
    given = _first(concept.names(LabelType.ABBREVIATION))
    if not given:
        return None
    wrong = _others(
        side,
        concept,
        lambda other: other.preferred() if other.names(LabelType.ABBREVIATION) else "",
        initial=concept.preferred()[0],
    )
    accepted = (concept.preferred(), *concept.names(LabelType.SYNONYM))
    return Draft(concept.id, given, concept.preferred(), wrong, accepted)


def abbreviation(side: Side, concept: Concept) -> Draft | None:
    """P2: a term, and its abbreviation."""
    right = _first(concept.names(LabelType.ABBREVIATION))
    if not right:
        return None
    wrong = _others(
        side, concept, lambda other: _first(other.names(LabelType.ABBREVIATION)), initial=right[0]
    )
    return Draft(concept.id, concept.preferred(), right, wrong)


def term(side: Side, concept: Concept) -> Draft | None:
    """P3: a definition that does not name its term, and the term."""
    if not _is_defined_leaf(side.ontology, concept):
        return None
    wrong = _others(side, concept, lambda other: other.preferred())
    return Draft(concept.id, concept.definition, concept.preferred(), wrong)


def definition(side: Side, concept: Concept) -> Draft | None:
    """P4: a term, and its definition."""
    if not _is_defined_leaf(side.ontology, concept):
        return None
    wrong = _others(side, concept, lambda other: other.definition)
    return Draft(concept.id, concept.preferred(), concept.definition, wrong)


def broader(side: Side, concept: Concept) -> Draft | None:
    """P5: a term, and the term directly above it."""
    if not concept.parents:
        return None
    wrong = _others(side, concept, lambda other: other.preferred(), classes=True)
    right = side.ontology.concepts[concept.parents[0]].preferred()
    return Draft(concept.id, concept.preferred(), right, wrong)


def synonym(side: Side, concept: Concept) -> Draft | None:
    """P6: a term, and its other name, against a near miss of its own and others' synonyms.

    A synonym that is the term in another spelling is not asked for: reading suffices.
    """
    right = _first(concept.names(LabelType.SYNONYM))
    if not right or _one_spelling(right, concept.preferred()):
        return None
    near = concept.names(LabelType.SYNONYM, scope=Scope.RELATED)[:1]
    wrong = _others(side, concept, lambda other: _first(other.names(LabelType.SYNONYM)))
    return Draft(concept.id, concept.preferred(), right, (*near, *wrong))


MAKERS: Mapping[str, Maker] = {
    "P1": expansion,
    "P2": abbreviation,
    "P3": term,
    "P4": definition,
    "P5": broader,
    "P6": synonym,
}
"""Family code to what makes its drafts."""


def _first(names: tuple[str, ...]) -> str:
    return names[0] if names else ""


def _texts(concept: Concept) -> frozenset[str]:
    """Return the concept's English names and its definition, without case."""
    names = (label.text for label in concept.labels if label.language == "en")
    return frozenset(text.casefold() for text in (*names, concept.definition) if text)


def _one_spelling(first: str, second: str) -> bool:
    matcher = difflib.SequenceMatcher(None, first.casefold(), second.casefold())
    return matcher.ratio() >= _ONE_SPELLING


def _is_defined_leaf(ontology: Ontology, concept: Concept) -> bool:
    """Return whether its definition can be asked about: it does not name the term itself.

    Classes are left out: among leaves their broad definitions give the answer away.
    """
    own = LabelIndex.of_concepts(ontology, [concept.id])
    leaf = not ontology.children(concept.id)
    return leaf and bool(concept.definition) and not own.find(concept.definition)


def _others(
    side: Side,
    concept: Concept,
    name: Callable[[Concept], str],
    *,
    classes: bool = False,
    initial: str = "",
) -> tuple[str, ...]:
    """Return distinct wrong answers, those of the nearest concepts first.

    Args:
        side: Where they come from.
        concept: What is asked about.
        name: What a concept answers; empty where it cannot.
        classes: Whether they are classes.
        initial: Answers that begin with this letter come before all others: without them the
            first letter of an abbreviation gives its meaning away.
    """
    own = {label.text.casefold() for label in concept.labels}
    answers: dict[str, str] = {}
    for other in side.nearest(concept, classes=classes):
        answer = name(other)
        if answer and answer.casefold() not in own:
            answers.setdefault(answer.casefold(), answer)
    ordered = sorted(answers, key=lambda folded: not folded.startswith(initial.casefold()))
    return tuple(answers[folded] for folded in ordered[:MOST_WRONG])
