"""``domain-adapt ontology search | show | lint | diff``: reading ontologies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain_adapt.base.errors import DataError
from domain_adapt.cli.help import Command
from domain_adapt.cli.options import example, output_options, state_option
from domain_adapt.cli.output import Output, Rows, View

if TYPE_CHECKING:
    from domain_adapt.ontology.diff import Change
    from domain_adapt.ontology.lint import Finding
    from domain_adapt.ontology.ontology import Ontology
    from domain_adapt.ontology.search import Hit

_FEW = 20
"""So many findings are listed one by one; more are grouped by rule for a person."""

_EXAMPLES = 2


@click.command(
    "search",
    cls=Command,
    epilog=example("domain-adapt ontology search finance 'credt defualt swap'"),
)
@click.argument("ontology")
@click.argument("query")
@click.option(
    "--limit", type=click.IntRange(min=1), default=10, show_default=True, help="Most concepts."
)
@state_option
@output_options
def search_command(output: Output, *, ontology: str, query: str, limit: int, state: Path) -> None:
    """Find concepts of ONTOLOGY by QUERY: a name or id, whole, half or misspelt, in any language.

    Exact names come first, then beginnings, then near misses; an abbreviation is best in its case.
    """
    from domain_adapt.cli.ontology_card import render_hits
    from domain_adapt.cli.ontology_rows import jsonable
    from domain_adapt.ontology.load import load_ontology
    from domain_adapt.ontology.search import build_search

    hits = build_search(load_ontology(ontology, state=state)).search(query, limit=limit)
    if not hits:
        output.note(f"Nothing in '{ontology}' is near to '{query}'.")
    if output.style == "human":
        if hits:
            output.console().print(render_hits(hits))
    else:
        rows = tuple(_hit_row(hit) for hit in hits)
        output.show(View(jsonable(hits), (), rows, essence=tuple(hit.concept for hit in hits)))


def _hit_row(hit: Hit) -> tuple[str, ...]:
    status = "deprecated" if hit.deprecated else "active"
    found = f"{hit.score:.2f}"
    return (hit.label, hit.preferred, hit.concept, hit.branch, found, hit.match.value, status)


@click.command("show", cls=Command, epilog=example("domain-adapt ontology show finance CDS"))
@click.argument("ontology")
@click.argument("concept", required=False)
@click.option("--all", "everything", is_flag=True, help="Cut no list short.")
@state_option
@output_options
def show_command(
    output: Output, *, ontology: str, concept: str | None, everything: bool, state: Path
) -> None:
    """Show what is in ONTOLOGY, or one CONCEPT of it with all that is around it.

    CONCEPT is an id, a label in any language, or an abbreviation.
    """
    from domain_adapt.ontology.load import load_ontology

    loaded = load_ontology(ontology, state=state)
    if concept is None:
        _show_summary(output, loaded)
    else:
        _show_concept(output, loaded, concept, everything=everything)


def _show_summary(output: Output, ontology: Ontology) -> None:
    from domain_adapt.cli.ontology_rows import jsonable, summary_rows
    from domain_adapt.ontology.show import summarise

    summary = summarise(ontology)
    rows = summary_rows(summary, between="\n" if output.style == "human" else ", ")
    output.show(View(jsonable(summary), (), rows, essence=(summary.name,)))


def _show_concept(output: Output, ontology: Ontology, text: str, *, everything: bool) -> None:
    from domain_adapt.cli.ontology_card import render_card
    from domain_adapt.cli.ontology_rows import card_rows, jsonable
    from domain_adapt.ontology.show import find_concept, make_card

    card = make_card(ontology, find_concept(ontology, text))
    if output.style == "human":
        output.console().print(render_card(card, everything=everything))
    else:
        output.show(View(jsonable(card), (), card_rows(card), essence=(card.concept.id,)))


@click.command("lint", cls=Command, epilog=example("domain-adapt ontology lint finance"))
@click.argument("ontology")
@click.option("--rule", default=None, help="Only the findings of this rule, one by one.")
@state_option
@output_options
def lint_command(output: Output, *, ontology: str, rule: str | None, state: Path) -> None:
    """Say what in ONTOLOGY contradicts itself or would teach badly.

    Ends with exit code 4 where something contradicts itself (severity error), else with 0.
    """
    from domain_adapt.ontology.lint import lint
    from domain_adapt.ontology.load import load_ontology

    findings = [x for x in lint(load_ontology(ontology, state=state)) if rule in (None, x.rule)]
    _show_rows(output, lint_view(findings, grouped=output.style == "human" and rule is None))
    errors = sum(finding.severity == "error" for finding in findings)
    output.note(f"{len(findings):,} findings, {errors:,} of them errors.")
    if errors:
        raise DataError(
            "DA-ONTO-065",
            f"'{ontology}' contradicts itself in {errors:,} place{'s' if errors > 1 else ''}.",
            hint="Correct what is listed as error; warnings may stay.",
        )


def lint_view(findings: Sequence[Finding], *, grouped: bool) -> View:
    """Return findings as a list, or by rule with counts and examples where they are many."""
    payload = [
        {
            "rule": each.rule,
            "severity": each.severity.value,
            "concept": each.concept,
            "message": each.message,
        }
        for each in findings
    ]
    essence = (str(len(findings)),)
    if grouped and len(findings) > _FEW:
        columns = ("rule", "severity", "count", "such as")
        return View(payload, columns, _by_rule(findings), essence=essence)
    rows = tuple((x.rule, x.severity.value, x.concept, x.message) for x in findings)
    return View(payload, ("rule", "severity", "concept", "finding"), rows, essence=essence)


def _by_rule(findings: Sequence[Finding]) -> Rows:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.rule, []).append(finding)
    ordered = sorted(groups.values(), key=lambda each: (each[0].severity.value, -len(each)))
    return tuple(
        (
            group[0].rule,
            group[0].severity.value,
            f"{len(group):,}",
            "\n".join(f"{x.concept} {x.message}".strip() for x in group[:_EXAMPLES]),
        )
        for group in ordered
    )


@click.command(
    "diff", cls=Command, epilog=example("domain-adapt ontology diff ontologies/finance finance")
)
@click.argument("old")
@click.argument("new")
@state_option
@output_options
def diff_command(output: Output, *, old: str, new: str, state: Path) -> None:
    """Say what changed from the ontology OLD to NEW: concepts by id, rules, version and licence."""
    from domain_adapt.cli.ontology_rows import jsonable
    from domain_adapt.ontology.diff import diff
    from domain_adapt.ontology.load import load_ontology

    changes = diff(load_ontology(old, state=state), load_ontology(new, state=state))
    view = View(
        jsonable(changes),
        ("change", "what", "before", "after"),
        tuple(_change_row(each, plain=output.style != "human") for each in changes),
        essence=tuple(dict.fromkeys(f"{each.kind}\t{each.id}" for each in changes)),
    )
    _show_rows(output, view)
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.kind.value] = counts.get(change.kind.value, 0) + 1
    told = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in counts.items())
    output.note(f"{told}." if told else "Nothing changed.")


def _show_rows(output: Output, view: View) -> None:
    """Print a view; for a person no table without rows, the note on stderr says it."""
    if view.rows or output.style != "human":
        output.show(view)


def _change_row(change: Change, *, plain: bool) -> tuple[str, ...]:
    kind = change.kind.value.replace("_", " ")
    between = "; " if plain else "\n"
    before, after = between.join(change.old), between.join(change.new)
    if plain:
        return (change.kind.value, change.id, change.label, change.field, before, after)
    what = f"{change.label}\n{change.id}" if change.id else change.field
    told = f"{kind}: {change.field}" if change.kind == "changed" else kind
    return (told, what, before, after)
