"""What changed between two versions of an ontology: what drives an update.

Complete: two ontologies without a change between them have the same content. Concepts are told
apart by their ids; the order of names, parents and relations means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypeVar

from domain_adapt.ontology.concept import Concept, Label, LabelType, Status
from domain_adapt.ontology.ontology import Head, Ontology
from domain_adapt.ontology.rules import Rule
from domain_adapt.ontology.search import preferred_label

Item = TypeVar("Item", Head, Rule)


class ChangeKind(StrEnum):
    """What happened."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    """Another preferred label."""
    REDEFINED = "redefined"
    MOVED = "moved"
    """Other parents."""
    RELABELLED = "relabelled"
    """Other names beside the preferred one, or other scopes or types of them."""
    DEPRECATED = "deprecated"
    RESTORED = "restored"
    CHANGED = "changed"
    """Anything else of a concept; ``field`` says what."""
    RULE_ADDED = "rule_added"
    RULE_REMOVED = "rule_removed"
    RULE_CHANGED = "rule_changed"
    HEAD_CHANGED = "head_changed"
    """Version, licence, predicates and the like; ``field`` says which."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        kind: What happened.
        id: Of the concept or rule; empty for the head.
        label: Its preferred label, the newer one; empty for the head.
        field: What it happened to.
        old: What was there, as lines of text; empty where nothing was.
        new: What is there now.
    """

    kind: ChangeKind
    id: str
    label: str
    field: str
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


def diff(old: Ontology, new: Ontology) -> tuple[Change, ...]:
    """Return all changes: of the head, of concepts by id, of rules by id."""
    return (
        *_head_changes(old.head, new.head),
        *_concept_changes(old.concepts, new.concepts),
        *_rule_changes(old.rules, new.rules),
    )


def _concept_changes(old: Mapping[str, Concept], new: Mapping[str, Concept]) -> Iterator[Change]:
    for concept_id in sorted(old.keys() | new.keys()):
        before, after = old.get(concept_id), new.get(concept_id)
        if before is None and after is not None:
            yield Change(ChangeKind.ADDED, concept_id, preferred_label(after), "concept")
        elif before is not None and after is None:
            yield Change(ChangeKind.REMOVED, concept_id, preferred_label(before), "concept")
        elif before is not None and after is not None and before != after:
            yield from _changes_of(before, after)


def _changes_of(before: Concept, after: Concept) -> Iterator[Change]:
    label = preferred_label(after)
    for field, (usual, read) in _FIELDS.items():
        old, new = read(before), read(after)
        if old != new:
            restored = field == "status" and after.status is Status.ACTIVE
            kind = ChangeKind.RESTORED if restored else usual
            yield Change(kind, after.id, label, field, _lines(old, new), _lines(new, old))


def _lines(texts: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is on one side alone; all of it where both sides hold the same texts."""
    alone = tuple(text for text in texts if text not in others)
    return alone if alone or set(texts) != set(others) else texts


def _preferred(concept: Concept) -> tuple[str, ...]:
    return _names(concept, preferred=True)


def _others(concept: Concept) -> tuple[str, ...]:
    return _names(concept, preferred=False)


def _names(concept: Concept, *, preferred: bool) -> tuple[str, ...]:
    wanted = (x for x in concept.labels if (x.type is LabelType.PREFERRED) is preferred)
    return tuple(sorted(_name(label) for label in wanted))


def _name(label: Label) -> str:
    if label.type is LabelType.PREFERRED and label.scope == "exact":
        return f"{label.text} ({label.language})"
    return f"{label.text} ({label.language}, {label.scope} {label.type})"


def _quantities(concept: Concept) -> tuple[str, ...]:
    return tuple(
        sorted(
            f"{x.unit}: plausible {list(x.plausible)}, reference {list(x.reference)}"
            f"{f' ({x.note})' if x.note else ''}"
            for x in concept.quantities
        )
    )


def _text(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


_Read = Callable[[Concept], tuple[str, ...]]
_FIELDS: Mapping[str, tuple[ChangeKind, _Read]] = {
    "preferred label": (ChangeKind.RENAMED, _preferred),
    "definition": (ChangeKind.REDEFINED, lambda x: _text(x.definition)),
    "parents": (ChangeKind.MOVED, lambda x: tuple(sorted(x.parents))),
    "names": (ChangeKind.RELABELLED, _others),
    "status": (ChangeKind.DEPRECATED, lambda x: (x.status.value,)),
    "replaced_by": (ChangeKind.CHANGED, lambda x: _text(x.replaced_by)),
    "branch": (ChangeKind.CHANGED, lambda x: _text(x.branch)),
    "kind": (ChangeKind.CHANGED, lambda x: (x.kind.value,)),
    "source": (ChangeKind.CHANGED, lambda x: _text(x.source)),
    "relations": (
        ChangeKind.CHANGED,
        lambda x: tuple(sorted(f"{each.predicate} {each.target}" for each in x.relations)),
    ),
    "disjoint_with": (ChangeKind.CHANGED, lambda x: tuple(sorted(x.disjoint_with))),
    "quantities": (ChangeKind.CHANGED, _quantities),
    "mappings": (
        ChangeKind.CHANGED,
        lambda x: tuple(sorted(f"{each.predicate} {each.target}" for each in x.mappings)),
    ),
}


def _rule_changes(old: tuple[Rule, ...], new: tuple[Rule, ...]) -> Iterator[Change]:
    before, after = ({rule.id: rule for rule in rules} for rules in (old, new))
    for rule_id in sorted(before.keys() | after.keys()):
        first, second = before.get(rule_id), after.get(rule_id)
        if first == second:
            continue
        if first is None or second is None:
            kind = ChangeKind.RULE_ADDED if first is None else ChangeKind.RULE_REMOVED
            there = first or second
            yield Change(kind, rule_id, _statement(there), "rule")
            continue
        for field, (was, now) in _different(first, second).items():
            label = _statement(second)
            yield Change(ChangeKind.RULE_CHANGED, rule_id, label, field, (was,), (now,))


def _statement(rule: Rule | None) -> str:
    if rule is None:
        return ""
    return rule.statement.get("en") or next(iter(rule.statement.values()), "")


def _head_changes(old: Head, new: Head) -> Iterator[Change]:
    for field, (was, now) in _different(old, new).items():
        yield Change(ChangeKind.HEAD_CHANGED, "", "", field, (was,), (now,))


def _different(old: Item, new: Item) -> dict[str, tuple[str, str]]:
    """Return the fields of two rules or heads that differ, each as text before and after."""
    values = {
        field.name: (getattr(old, field.name), getattr(new, field.name)) for field in fields(old)
    }
    return {name: (str(was), str(now)) for name, (was, now) in values.items() if was != now}
