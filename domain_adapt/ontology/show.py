"""What a person wants to see of an ontology, and of one concept in it."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from domain_adapt.base.errors import UsageError
from domain_adapt.ontology.concept import Concept, Label, LabelType, Scope, Status
from domain_adapt.ontology.ontology import Ontology
from domain_adapt.ontology.rules import Rule
from domain_adapt.ontology.search import Hit, Match, build_search, preferred_label

MOST_PATHS = 6
"""Ways up to a root that are shown; an ontology with many parents has thousands."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A concept as another one's card names it; the label is the id where it is outside."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Link:
    """A relation seen from one of its ends."""

    predicate: str
    concept: Reference


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a concept."""

    text: str
    scope: Scope
    type: LabelType


@dataclass(frozen=True, slots=True)
class Card:
    """One concept with what is around it.

    Attributes:
        concept: The concept itself.
        label: Its preferred label, in English where there is one.
        names: Language to names, the preferred one first.
        paths: Ways up to a root, each from the root down to the parent; the shortest first.
        more_paths: Whether there are ways that are not shown.
        children: Directly below.
        siblings: The others below the same parents.
        relations: What it is said to be to others.
        related_from: What others are said to be to it.
        disjoint_with: What nothing can be at the same time, as declared of it or what is above.
        rules: Rules that name it.
        inherited_rules: Rules that name something above it.
        replaced_by: What to use instead, where it is deprecated.
    """

    concept: Concept
    label: str
    names: dict[str, tuple[Name, ...]]
    paths: tuple[tuple[Reference, ...], ...]
    more_paths: bool
    children: tuple[Reference, ...]
    siblings: tuple[Reference, ...]
    relations: tuple[Link, ...]
    related_from: tuple[Link, ...]
    disjoint_with: tuple[Reference, ...]
    rules: tuple[Rule, ...]
    inherited_rules: tuple[Rule, ...]
    replaced_by: Reference | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What is in an ontology.

    Attributes:
        name: Short name.
        title: What a person calls it.
        version: Its own version.
        licence: SPDX id or words; empty where it states none.
        digest: SHA-256 (hex) of the content.
        sources: What its facts were checked against, or the files that it was read from.
        concepts: How many there are, deprecated ones among them.
        deprecated: How many are out of use.
        roots: How many have nothing above them, deprecated ones left out.
        depth: Edges on the longest way down.
        definitions: How many have one.
        branches: Branch to concepts in it, the largest first.
        languages: Language to labels in it.
        label_types: Type to labels of it.
        scopes: Scope to labels of it.
        relations: Predicate to relations with it.
        rules: Kind to rules of it.
        mappings: Vocabulary (the prefix) to mappings into it.
    """

    name: str
    title: str
    version: str
    licence: str
    digest: str
    sources: tuple[str, ...]
    concepts: int
    deprecated: int
    roots: int
    depth: int
    definitions: int
    branches: dict[str, int]
    languages: dict[str, int]
    label_types: dict[str, int]
    scopes: dict[str, int]
    relations: dict[str, int]
    rules: dict[str, int]
    mappings: dict[str, int]


def summarise(ontology: Ontology) -> Summary:
    """Return what is in an ontology."""
    concepts = tuple(ontology.concepts.values())
    labels = [label for concept in concepts for label in concept.labels]
    relations = (each.predicate for concept in concepts for each in concept.relations)
    mapped = (each.target for concept in concepts for each in concept.mappings)
    return Summary(
        name=ontology.name,
        title=ontology.title,
        version=ontology.version,
        licence=ontology.licence,
        digest=ontology.digest,
        sources=ontology.head.sources,
        concepts=len(concepts),
        deprecated=sum(concept.status is Status.DEPRECATED for concept in concepts),
        roots=sum(not each.parents and each.status is Status.ACTIVE for each in concepts),
        depth=_depth(ontology),
        definitions=sum(bool(concept.definition) for concept in concepts),
        branches=_counted(concept.branch or "(none)" for concept in concepts),
        languages=_counted(label.language for label in labels),
        label_types=_counted(label.type.value for label in labels),
        scopes=_counted(label.scope.value for label in labels),
        relations=_counted(relations),
        rules=_counted(rule.kind.value for rule in ontology.rules),
        mappings=_counted(target.partition(":")[0] for target in mapped),
    )


def make_card(ontology: Ontology, concept_id: str) -> Card:
    """Return one concept with what is around it.

    Raises:
        KeyError: There is no such concept.
    """
    concept = ontology.concepts[concept_id]
    above = ontology.ancestors(concept_id)
    paths = tuple(islice(_paths(ontology, concept_id), MOST_PATHS + 1))
    refer = _Referrer(ontology)
    rules = tuple(rule for rule in ontology.rules if concept_id in rule.concepts())
    return Card(
        concept=concept,
        label=preferred_label(concept),
        names=_names(concept),
        paths=tuple(tuple(refer(each) for each in path) for path in paths[:MOST_PATHS]),
        more_paths=len(paths) > MOST_PATHS,
        children=refer.all(ontology.children(concept_id)),
        siblings=refer.all(ontology.siblings(concept_id)),
        relations=tuple(
            Link(refer.predicate(each.predicate), refer(each.target)) for each in concept.relations
        ),
        related_from=tuple(
            Link(refer.predicate(each.predicate), refer(other.id))
            for other in ontology.concepts.values()
            for each in other.relations
            if each.target == concept_id
        ),
        disjoint_with=refer.all(_disjoint(ontology, concept_id)),
        rules=rules,
        inherited_rules=tuple(
            rule
            for rule in ontology.rules
            if rule not in rules and not above.isdisjoint(rule.concepts())
        ),
        replaced_by=refer(concept.replaced_by) if concept.replaced_by else None,
    )


def find_concept(ontology: Ontology, text: str) -> str:
    """Return the id of the concept that an id, a label or an abbreviation means.

    A preferred label goes before other names, and a name in the same case before one in another.

    Raises:
        UsageError: No concept has this name, or several have it with equal right.
    """
    if text in ontology.concepts:
        return text
    index = build_search(ontology)
    named = index.named(text)
    if not named:
        raise UsageError(
            "DA-ONTO-063",
            f"'{ontology.name}' has no concept '{text}'.",
            hint=_suggestion(index.search(text, limit=3)) or "Try 'domain-adapt ontology search'.",
        )
    best = [hit for hit in named if _standing(hit) == _standing(named[0])]
    preferred = [hit for hit in best if hit.type is LabelType.PREFERRED]
    if len(best) == 1 or len(preferred) == 1:
        return (preferred or best)[0].concept
    choices = ", ".join(f"{hit.concept} ({hit.preferred})" for hit in best[:5])
    raise UsageError(
        "DA-ONTO-064",
        f"'{text}' names {len(best)} concepts of '{ontology.name}': {choices}.",
        hint="Name one of them by its id.",
    )


def _standing(hit: Hit) -> tuple[bool, float]:
    return (hit.match is Match.ID, hit.score)


def _suggestion(hits: tuple[Hit, ...]) -> str:
    near = [f"'{hit.label}' ({hit.concept})" for hit in hits]
    return f"Did you mean {' or '.join(near)}?" if near else ""


def _names(concept: Concept) -> dict[str, tuple[Name, ...]]:
    languages = sorted({label.language for label in concept.labels}, key=lambda x: (x != "en", x))
    return {
        language: tuple(
            Name(label.text, label.scope, label.type)
            for label in sorted(concept.labels, key=_name_order)
            if label.language == language
        )
        for language in languages
    }


def _name_order(label: Label) -> tuple[bool, int, int]:
    """Preferred first, then by scope and type as they are declared; source order within."""
    scopes, types = list(Scope), list(LabelType)
    preferred = label.type is LabelType.PREFERRED
    return (not preferred, scopes.index(label.scope), types.index(label.type))


def _paths(ontology: Ontology, concept_id: str) -> Iterator[tuple[str, ...]]:
    """Yield the ways up to a root, shortest first, each from the root down, the concept left out.

    A best-first search whose estimate is exact, so that a thousand other ways cost nothing.
    """
    parents = _upward(ontology, concept_id)
    left = _heights(parents)
    waiting: list[tuple[int, int, tuple[str, ...]]] = []  # of equal length, the farthest walked
    if concept_id in left:
        waiting.append((left[concept_id], -1, (concept_id,)))
    while waiting:
        *_, path = heapq.heappop(waiting)
        if len(path) > 1 and not parents[path[0]]:
            yield path[:-1]
        for above in parents[path[0]]:
            if above in left and above not in path:
                length = len(path) + left[above]
                heapq.heappush(waiting, (length, -len(path) - 1, (above, *path)))


def _upward(ontology: Ontology, concept_id: str) -> dict[str, tuple[str, ...]]:
    """Return the concept and all above it, each with its parents that are there."""
    found: dict[str, tuple[str, ...]] = {}
    waiting = [concept_id]
    while waiting:
        each = waiting.pop()
        if each not in found:
            above = ontology.concepts[each].parents
            found[each] = tuple(parent for parent in above if parent in ontology.concepts)
            waiting.extend(found[each])
    return found


def _heights(parents: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return the fewest edges from each concept up to a root; those in a cycle may have none."""
    below: dict[str, list[str]] = {each: [] for each in parents}
    for child, above in parents.items():
        for parent in above:
            below[parent].append(child)
    level = [each for each, above in parents.items() if not above]
    heights = dict.fromkeys(level, 0)
    for each in level:  # grows while it is walked
        for child in below[each]:
            if child not in heights:
                heights[child] = heights[each] + 1
                level.append(child)
    return heights


def _disjoint(ontology: Ontology, concept_id: str) -> tuple[str, ...]:
    hierarchy = ontology.hierarchy
    row = hierarchy.disjoint.row(hierarchy.index[concept_id])
    return tuple(hierarchy.ids[place] for place in row)


def _depth(ontology: Ontology) -> int:
    """Return the edges on the longest way down; a concept has more ancestors than any above it."""
    hierarchy = ontology.hierarchy
    sizes = [len(hierarchy.ancestors.row(place)) for place in range(len(hierarchy.ids))]
    depths = [0] * len(sizes)
    for place in sorted(range(len(sizes)), key=sizes.__getitem__):
        above = hierarchy.parents.row(place)
        depths[place] = 1 + max(depths[parent] for parent in above) if above else 0
    return max(depths, default=0)


def _counted(items: Iterator[str]) -> dict[str, int]:
    return dict(Counter(items).most_common())


@dataclass(frozen=True, slots=True)
class _Referrer:
    """Makes references to concepts and names of predicates."""

    ontology: Ontology

    def __call__(self, concept_id: str) -> Reference:
        concept = self.ontology.concepts.get(concept_id)
        return Reference(concept_id, preferred_label(concept) if concept else concept_id)

    def all(self, ids: tuple[str, ...]) -> tuple[Reference, ...]:
        return tuple(self(each) for each in ids)

    def predicate(self, predicate_id: str) -> str:
        for each in self.ontology.head.predicates:
            if each.id == predicate_id:
                return each.label.get("en", predicate_id)
        return predicate_id.replace("_", " ")
