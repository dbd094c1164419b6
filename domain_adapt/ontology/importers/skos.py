"""SKOS: broader and narrower concepts, and other names, which are seldom the same thing.

A thesaurus gives as altLabel whatever should lead to the concept (a standard thesaurus of
economics lists both CDS and CDO under "Credit derivative"), so these names are RELATED unless the
user says that in his files they are EXACT. The reference: https://www.w3.org/TR/skos-reference/.
"""

from __future__ import annotations

import re

from domain_adapt.ontology.concept import LabelType, Relation, Scope
from domain_adapt.ontology.importers.rdf_entry import Entry, Handler, address, spoken
from domain_adapt.ontology.importers.rdf_graph import Graph, Term
from domain_adapt.ontology.importers.rdf_names import SKOS

CONCEPT = f"{SKOS}Concept"
_SHORT_AND_LONG = re.compile(r"([^\s()]{2,12}) \(([^()]{4,})\)")


def alt_label(entry: Entry, term: Term) -> None:
    """Note another name; what it means is seen when all names are known."""
    text, language = spoken(term)
    if text:
        entry.alternatives.append((text, language))


def settle_alternatives(entry: Entry) -> None:
    """Make labels of the other names; ``ABC (Long form)`` is an abbreviation and its long form."""
    scope = entry.context.alt_label
    own = {name.casefold() for _, _, name in entry.names} if entry.alternatives else set()
    for text, language in entry.alternatives:
        pair = abbreviation_pair(text)
        if pair is None:
            entry.label(text, language, scope=scope, kind=LabelType.SYNONYM)
        elif pair[1].casefold() in own:  # then the short form is exact, whatever others are
            entry.label(pair[0], language, scope=Scope.EXACT, kind=LabelType.ABBREVIATION)
        else:
            entry.label(pair[0], language, scope=scope, kind=LabelType.ABBREVIATION)
            entry.label(pair[1], language, scope=scope, kind=LabelType.SYNONYM)


def abbreviation_pair(text: str) -> tuple[str, str] | None:
    """Return short and long form of ``ABC (Long form)``; None for other texts.

    The short form has at least two capitals or digits, one of them a capital, and its letters
    occur in the long form in this order: ``CPI (Canada)`` is no pair.
    """
    found = _SHORT_AND_LONG.fullmatch(text)
    if found is None:
        return None
    short, long = found[1], found[2].strip()
    capitals = sum(character.isupper() for character in short)
    digits = sum(character.isdigit() for character in short)
    if not capitals or capitals + digits < 2 or len(short) >= len(long):
        return None
    rest = iter(long.casefold())
    in_order = all(letter in rest for letter in short.casefold() if letter.isalpha())
    return (short, long) if in_order else None


def _broader(entry: Entry, term: Term) -> None:
    target = address(term)
    if target:
        entry.parents.append(entry.context.curies.of(target))


def _related(entry: Entry, term: Term) -> None:
    target = address(term)
    if target:
        entry.relations.append(Relation("skos:related", entry.context.curies.of(target)))


SKOS_HANDLERS: dict[str, Handler] = {
    f"{SKOS}broader": _broader,
    f"{SKOS}related": _related,
}


def narrower(graph: Graph) -> dict[str, list[str]]:
    """Return the concepts that name others narrower, by these: files may give either direction."""
    found: dict[str, list[str]] = {}
    for subject, kinds in graph.types.items():
        if CONCEPT in kinds:
            for child in graph.objects(subject, f"{SKOS}narrower"):
                found.setdefault(address(child), []).append(subject)
    return found
