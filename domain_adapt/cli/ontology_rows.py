"""A concept and an ontology as tab-separated rows, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from domain_adapt.cli.output import Rows

if TYPE_CHECKING:
    from domain_adapt.ontology.concept import Quantity
    from domain_adapt.ontology.rules import Rule
    from domain_adapt.ontology.show import Card, Link, Reference, Summary


def jsonable(value: Any) -> Any:
    """Return records as dicts and tuples as lists, all the way down."""
    if is_dataclass(value):
        return {each.name: jsonable(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key: jsonable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(each) for each in value]
    return value


def card_rows(card: Card) -> Rows:
    """Return everything on a card as label and value, one fact a row."""
    concept = card.concept
    named = [
        (f"name.{language}", name.text, f"{name.scope} {name.type}")
        for language, names in card.names.items()
        for name in names
    ]
    paths = [("path", " > ".join(each.label for each in path)) for path in card.paths]
    return (
        ("id", concept.id),
        ("branch", concept.branch),
        ("status", concept.status.value),
        *_reference_rows("replaced by", (card.replaced_by,) if card.replaced_by else ()),
        *named,
        ("definition", concept.definition),
        ("source", concept.source),
        *paths,
        *_reference_rows("child", card.children),
        *_reference_rows("sibling", card.siblings),
        *_reference_rows("disjoint with", card.disjoint_with),
        *_link_rows("{} →", card.relations),
        *_link_rows("← {}", card.related_from),
        *(("quantity", *quantity_cells(each)) for each in concept.quantities),
        *((rule.kind.value, rule.id, statement(rule)) for rule in card.rules),
        *(("inherited", rule.id, statement(rule)) for rule in card.inherited_rules),
        *(("mapping", each.predicate, each.target) for each in concept.mappings),
    )


def _reference_rows(name: str, references: Sequence[Reference]) -> Rows:
    return tuple((name, each.id, each.label) for each in references)


def _link_rows(title: str, links: Sequence[Link]) -> Rows:
    return tuple(
        (title.format(each.predicate), each.concept.id, each.concept.label) for each in links
    )


def quantity_cells(quantity: Quantity) -> tuple[str, str, str, str]:
    """Return unit, plausible range, reference range and note as text."""
    low, high = quantity.plausible
    below, above = quantity.reference
    reference = ""
    if below is not None and above is not None:
        reference = f"normal {below:g}–{above:g}"
    elif above is not None:
        reference = f"normal up to {above:g}"
    elif below is not None:
        reference = f"normal from {below:g}"
    return (quantity.unit, f"plausible {low:g}–{high:g}", reference, quantity.note)


def statement(rule: Rule) -> str:
    """Return what a rule says, in English where it can."""
    return rule.statement.get("en") or next(iter(rule.statement.values()), rule.id)


def summary_rows(summary: Summary, *, between: str) -> Rows:
    """Return what is in an ontology as label and value; counts of a kind stand in one cell."""
    deprecated = f", {summary.deprecated:,} of them deprecated" if summary.deprecated else ""
    rows = (
        ("name", summary.name),
        ("title", summary.title),
        ("version", summary.version or "not stated"),
        ("licence", summary.licence or "not stated"),
        ("concepts", f"{summary.concepts:,}{deprecated}"),
        ("definitions", f"{summary.definitions:,}"),
        ("hierarchy", _hierarchy(summary)),
        ("languages", _counts(summary.languages, ", ")),
        ("names", _counts(summary.label_types, ", ")),
        ("scopes", _counts(summary.scopes, ", ")),
        ("relations", _counts(_spaced(summary.relations), between)),
        ("rules", _counts(summary.rules, between)),
        ("mappings", _counts(summary.mappings, ", ")),
        ("branches", _counts(_spaced(summary.branches), between)),
        ("sources", between.join(summary.sources)),
    )
    return tuple(row for row in rows if row[1])


def _hierarchy(summary: Summary) -> str:
    roots = "root" if summary.roots == 1 else "roots"
    levels = "level" if summary.depth == 1 else "levels"
    return f"{summary.roots:,} {roots}, {summary.depth} {levels} below"


def _spaced(counts: Mapping[str, int]) -> dict[str, int]:
    return {name.replace("_", " "): count for name, count in counts.items()}


def _counts(counts: Mapping[str, int], between: str) -> str:
    """Return counts with their names; past the first twenty they are only counted."""
    shown = [f"{name} {count:,}" for name, count in list(counts.items())[:20]]
    if len(counts) > len(shown):
        shown.append(f"and {len(counts) - len(shown):,} more")
    return between.join(shown)
