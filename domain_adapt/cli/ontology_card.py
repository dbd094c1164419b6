"""How concepts look to a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from domain_adapt.cli.ontology_rows import quantity_cells, statement

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.tree import Tree

    from domain_adapt.ontology.concept import Quantity
    from domain_adapt.ontology.rules import Rule
    from domain_adapt.ontology.search import Hit
    from domain_adapt.ontology.show import Card, Link, Name, Reference

SHOWN = 8
"""How many children, siblings, rules and the like a card shows before it counts the rest."""


def render_hits(hits: Sequence[Hit]) -> RenderableType:
    """Return what was found: score, preferred label and, where another matched, that one."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    for hit in hits:
        text = Text(hit.preferred, "bold")
        if hit.label != hit.preferred:
            text.append(f"  ← {hit.label}", "not bold")
        if hit.deprecated:
            text.append("  deprecated", "red")
        text.append(f"\n{hit.concept} · {hit.branch}", "not bold dim")
        grid.add_row(Text(f"{hit.score:.2f}", "cyan"), text)
    return grid


def render_card(card: Card, *, everything: bool) -> RenderableType:
    """Return a card for a person; long lists are cut unless ``everything``."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    shown = 1_000_000 if everything else SHOWN
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column(overflow="fold")
    for title, content in _sections(card, shown):
        grid.add_row(title, content)
        grid.add_row("", "")
    parts: list[RenderableType] = [_heading(card), ""]
    if card.concept.definition:
        parts.append(Padding(Text(card.concept.definition), (0, 0, 1, 0)))
    return Group(*parts, grid)


def _heading(card: Card) -> RenderableType:
    from rich.text import Text

    heading = Text.assemble((card.label, "bold"), "  ", (card.concept.id, "dim"))
    if card.concept.status == "deprecated":
        heading.append("  deprecated", "bold red")
    if card.replaced_by:
        heading.append(f": use {card.replaced_by.label} ({card.replaced_by.id})", "red")
    return heading


def _sections(card: Card, shown: int) -> list[tuple[str, RenderableType]]:
    concept = card.concept
    found: list[tuple[str, RenderableType | None]] = [
        ("Names", _names(card)),
        ("Place", _tree(card, shown)),
        ("Beside it", _references(card.siblings, shown)),
        ("Never also", _references(card.disjoint_with, shown)),
        ("Relations", _links(card, shown)),
        ("Values", _quantities(concept.quantities)),
        ("Rules", _rules(card.rules, shown)),
        ("From above", _rules(card.inherited_rules, shown)),
        ("Elsewhere", _cut([each.target for each in concept.mappings], shown, ", ")),
        ("Branch", _text(concept.branch)),
        ("Source", _text(concept.source)),
    ]
    return [(title, content) for title, content in found if content is not None]


def _text(words: str) -> RenderableType | None:
    from rich.text import Text

    return Text(words) if words else None


def _cut(texts: Sequence[str], shown: int, between: str) -> RenderableType | None:
    """Return texts joined, the rest counted."""
    from rich.text import Text

    if not texts:
        return None
    text = Text(between.join(texts[:shown]))
    if len(texts) > shown:
        text.append(f"{between}and {len(texts) - shown:,} more", "dim")
    return text


def _references(references: Sequence[Reference], shown: int) -> RenderableType | None:
    return _cut([each.label for each in references], shown, ", ")


def _names(card: Card) -> RenderableType | None:
    """Return the names by language, without the one that is the heading."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    for language, names in card.names.items():
        others = [each for each in names if (each.text, each.type) != (card.label, "preferred")]
        for number, (title, texts) in enumerate(_grouped(others).items()):
            grid.add_row(
                Text("" if number else language, "dim"), Text(title, "dim"), Text(", ".join(texts))
            )
    return grid if grid.rows else None


def _grouped(names: Sequence[Name]) -> dict[str, list[str]]:
    """Return names by what they are, such as ``abbreviation`` or ``narrow synonym``."""
    found: dict[str, list[str]] = {}
    for name in names:
        title = name.type.value if name.scope == "exact" else f"{name.scope} {name.type}"
        found.setdefault(title, []).append(name.text)
    return found


def _tree(card: Card, shown: int) -> RenderableType:
    """Return the ways down to the concept, those that begin alike together, and its children."""
    from rich.console import Group
    from rich.text import Text
    from rich.tree import Tree

    top = Tree("", hide_root=True, guide_style="dim")
    nodes: dict[tuple[str, ...], Tree] = {(): top}
    for path in card.paths or ((),):
        walked: tuple[str, ...] = ()
        for step in path:
            above, walked = nodes[walked], (*walked, step.id)
            if walked not in nodes:
                nodes[walked] = above.add(Text(step.label))
        here = nodes[walked].add(Text(card.label, "bold"))
        if path == (card.paths or ((),))[0]:
            _add_children(here, card.children, shown)
    return Group(top, Text("and by other ways", "dim")) if card.more_paths else top


def _add_children(node: Tree, children: Sequence[Reference], shown: int) -> None:
    from rich.text import Text

    for child in children[:shown]:
        node.add(Text(child.label))
    if len(children) > shown:
        node.add(Text(f"and {len(children) - shown:,} more", "dim"))


def _links(card: Card, shown: int) -> RenderableType | None:
    """Return relations in both directions, those of one predicate together."""
    outward = _by_predicate(card.relations, lambda each: f"{each} →")
    inward = _by_predicate(card.related_from, lambda each: f"← {each}")
    if not outward and not inward:
        return None
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    for title, labels in (*outward.items(), *inward.items()):
        grid.add_row(Text(title, "dim"), _cut(labels, shown, ", "))
    return grid


def _by_predicate(links: Sequence[Link], title: Callable[[str], str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for link in links:
        found.setdefault(title(link.predicate), []).append(link.concept.label)
    return found


def _quantities(quantities: Sequence[Quantity]) -> RenderableType | None:
    if not quantities:
        return None
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    for quantity in quantities:
        unit, plausible, reference, note = quantity_cells(quantity)
        grid.add_row(unit, reference, Text(plausible, "dim"), Text(note, "dim"))
    return grid


def _rules(rules: Sequence[Rule], shown: int) -> RenderableType | None:
    if not rules:
        return None
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    for rule in rules[:shown]:
        grid.add_row(Text(rule.kind.value, "dim"), Text(statement(rule)))
    if len(rules) > shown:
        grid.add_row("", Text(f"and {len(rules) - shown:,} more", "dim"))
    return grid
