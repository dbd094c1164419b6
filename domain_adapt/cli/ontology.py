"""``domain-adapt ontology``: import, read and use ontologies."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from domain_adapt.cli.help import Command
from domain_adapt.cli.lazy import LazyCommand, LazyGroup
from domain_adapt.cli.options import example, output_options, state_option
from domain_adapt.cli.output import Output, View

if TYPE_CHECKING:
    from domain_adapt.ontology.counting import Counts
    from domain_adapt.ontology.importers.importer import Options
    from domain_adapt.ontology.ontology import Ontology

READ = "domain_adapt.cli.ontology_read"
COMMANDS = {
    "import": LazyCommand(
        "domain_adapt.cli.ontology:import_command", "Import an ontology under a name."
    ),
    "show": LazyCommand(f"{READ}:show_command", "Show an ontology, or one of its concepts."),
    "search": LazyCommand(f"{READ}:search_command", "Find concepts by a name, misspelt or not."),
    "lint": LazyCommand(f"{READ}:lint_command", "Say what in an ontology would teach badly."),
    "diff": LazyCommand(f"{READ}:diff_command", "Say what changed between two ontologies."),
    "annotate": LazyCommand(
        "domain_adapt.cli.ontology_annotate:annotate_command",
        "Find an ontology's terms in texts.",
    ),
}


@click.group(
    cls=LazyGroup,
    name="ontology",
    lazy=COMMANDS,
    epilog=example("domain-adapt ontology show finance CDS"),
)
def ontology_group() -> None:
    """Import, search, show, check, compare and apply ontologies."""


@click.command(
    "import",
    cls=Command,
    epilog=example("domain-adapt ontology import ontologies/finance/credit.yaml --out my_credit"),
)
@click.argument("sources", nargs=-1, required=True, metavar="FILE_OR_FOLDER...")
@click.option("--out", "name", required=True, help="Name under which it is kept in the state.")
@click.option(
    "--skos-alt-label",
    type=click.Choice(["related", "exact"]),
    default="related",
    show_default=True,
    help="What other names in SKOS files mean: often something near, seldom the same.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="HEADING=COLUMN",
    help="What a table's heading stands for, such as Term=label; '-' leaves a column out.",
)
@state_option
@output_options
def import_command(
    sources: tuple[str, ...], *, name: str, state: Path, output: Output, **choices: Any
) -> None:
    """Import files or folders in OWL, RDF, OBO, SKOS, ICD-10-CM XML, CSV, TSV or YAML as NAME.

    Folders are searched for files of these formats. 'hpo' and 'icd10cm' stand for the files that
    the packages of 'domain-adapt[medical]' bring.
    """
    import time

    from domain_adapt.ontology.counting import count
    from domain_adapt.ontology.named import import_named

    began = time.perf_counter()
    with output.progress().stage("importing", None):
        ontology = import_named(sources, name=name, state=state, options=_options(**choices))
    seconds = time.perf_counter() - began
    output.show(import_view(ontology, count(ontology), seconds))


def _options(skos_alt_label: str, columns: tuple[str, ...]) -> Options:
    from domain_adapt.ontology.concept import Scope
    from domain_adapt.ontology.importers.importer import Options

    pairs = [column.rpartition("=") for column in columns]
    for heading, equals, _ in pairs:
        if not (heading and equals):
            raise click.BadParameter("expected HEADING=COLUMN", param_hint="--column")
    return Options(Scope(skos_alt_label), {heading: column for heading, _, column in pairs})


def import_view(ontology: Ontology, counts: Counts, seconds: float) -> View:
    """Return what an import found as what the command prints."""
    found = asdict(counts)
    payload = {"name": ontology.name, **found, "seconds": round(seconds, 3)}
    payload |= {"version": ontology.version, "licence": ontology.licence, "digest": ontology.digest}
    rows = (
        ("name", ontology.name),
        ("title", ontology.title),
        ("version", ontology.version or "not stated"),
        ("licence", ontology.licence or "not stated: ask before you publish what it teaches"),
        *((key.replace("_", " "), f"{value:,}") for key, value in found.items()),
        ("seconds", f"{seconds:.2f}"),
    )
    return View(payload, (), rows, essence=(ontology.name,))
