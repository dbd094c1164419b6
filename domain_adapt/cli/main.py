"""The entry point: the table of commands, and what becomes of an error."""

from __future__ import annotations

from collections.abc import Sequence

import click

from domain_adapt import __version__
from domain_adapt.cli.lazy import LazyGroup
from domain_adapt.cli.options import Session, example

COMMANDS = {
    "run": "domain_adapt.cli.run:run_command",
    "eval": "domain_adapt.cli.eval:eval_group",
    "models": "domain_adapt.cli.models:models_group",
    "packs": "domain_adapt.cli.packs:packs_group",
    "config": "domain_adapt.cli.config:config_group",
    "env": "domain_adapt.cli.env:env_command",
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
