"""The entry point: the table of commands, and what becomes of an error."""

from __future__ import annotations

from collections.abc import Sequence

import click

from domain_adapt import __version__
from domain_adapt.cli.lazy import LazyCommand, LazyGroup
from domain_adapt.cli.options import Session, example

COMMANDS = {
    "run": LazyCommand(
        "domain_adapt.cli.run:run_command",
        "Adapt a base model to PACK and measure it before and after.",
    ),
    "eval": LazyCommand("domain_adapt.cli.eval:eval_group", "Score models on suites."),
    "models": LazyCommand("domain_adapt.cli.models:models_group", "List and fetch base models."),
    "packs": LazyCommand("domain_adapt.cli.packs:packs_group", "List and show packs."),
    "config": LazyCommand(
        "domain_adapt.cli.config:config_group",
        "Show recipes, their schema, and whether they are valid.",
    ),
    "ontology": LazyCommand(
        "domain_adapt.cli.ontology:ontology_group",
        "Import, search, show, check, compare and apply ontologies.",
    ),
    "privacy": LazyCommand(
        "domain_adapt.cli.privacy:privacy_group", "Plan what a private training may cost."
    ),
    "env": LazyCommand(
        "domain_adapt.cli.env:env_command",
        "Show versions, the processor, and where state and cache lie.",
    ),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    epilog=example("domain-adapt run finance --preset tiny"),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="domain-adapt", message="%(prog)s %(version)s")
def cli() -> None:
    """Adapt a language model to a profession's terms, and prove how well that worked."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; never raise, never print a traceback."""
    session = Session()
    try:
        code = cli.main(arguments, prog_name="domain-adapt", standalone_mode=False, obj=session)
    except BaseException as error:
        # Imported here because a command that goes well needs none of it.
        from domain_adapt.cli.failure import report_failure

        return report_failure(error, session=session)
    return code if isinstance(code, int) else 0
