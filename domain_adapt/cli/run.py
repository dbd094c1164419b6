"""``domain-adapt run``: the whole line from a pack to a report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from domain_adapt.cli.help import Command
from domain_adapt.cli.options import (
    download_option,
    example,
    output_options,
    preset_option,
    seed_option,
    state_option,
    yes_option,
)
from domain_adapt.cli.output import Output, View

if TYPE_CHECKING:
    from domain_adapt.pipeline.preview import Preview
    from domain_adapt.pipeline.result import RunResult


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What was asked for on the command line."""

    pack: str
    overrides: tuple[str, ...]
    sources: tuple[Path, ...]
    preset: str
    dry_run: bool
    fresh: bool
    state: Path
    yes: bool
    allow_download: bool
    seed: int | None


@click.command(
    "run", cls=Command, epilog=example("domain-adapt run finance --preset tiny --dry-run")
)
@click.argument("pack")
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "--source",
    "sources",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="JSONL file with question and answer, or text, a line; may be repeated.",
)
@preset_option
@click.option("--dry-run", is_flag=True, help="Print what would happen and stop.")
@click.option(
    "--resume/--fresh",
    "resume",
    default=True,
    show_default=True,
    help="Go on from what an interrupted run of this plan left, or begin again.",
)
@seed_option
@state_option
@download_option
@yes_option
@output_options
@click.pass_context
def run_command(context: click.Context, /, *, output: Output, resume: bool, **choices: Any) -> None:
    """Adapt a base model to PACK and measure it before and after.

    PACK is a pack's name, or the path of a recipe of your own (./mine.yaml). KEY=VALUE overrides
    any key of the recipe, such as train.learning_rate=1e-4.
    """
    context.exit(run(RunRequest(fresh=not resume, **choices), output=output))


def run(request: RunRequest, *, output: Output) -> int:
    """Plan, ask, run and show; return the exit code (0, or 6 where a gate failed)."""
    from domain_adapt.pipeline.plan import plan_run
    from domain_adapt.pipeline.preview import preview
    from domain_adapt.pipeline.run import execute

    seed = () if request.seed is None else (f"seed={request.seed}",)
    plan = plan_run(
        request.pack,
        preset=request.preset,
        overrides=(*request.overrides, *seed),
        sources=request.sources,
        state=request.state,
        allow_download=request.allow_download,
    )
    if request.dry_run:
        output.show(plan_view(preview(plan)))
        return 0
    if output.interactive and not request.yes:
        _confirm(preview(plan), output=output)
    result = execute(plan, progress=output.progress(), fresh=request.fresh)
    show_result(result, output=output)
    return result.exit_code


def plan_view(plan: Preview) -> View:
    """Return the plan as what ``--dry-run`` prints."""
    rows = tuple(plan.lines())
    return View(plan.to_json(), (), rows, essence=tuple(f"{label}: {text}" for label, text in rows))


def show_result(result: RunResult, *, output: Output) -> None:
    """Print the end card for a person, the JSON document or the version id for a script."""
    from domain_adapt.audit.card import end_card

    if result.already_done:
        output.note("This plan has run before; nothing was done again.")
    output.render(end_card(result.record, result.report_html))
    payload = result.to_json()
    if output.style == "json":
        output.show(View(payload, (), ()))
    elif output.style == "quiet":
        output.line(result.record.version)
    elif not output.on_terminal:
        output.line(str(result.report_html))
    if result.exit_code:
        output.note("A gate failed (exit code 6); the report says which and by how much.")


def _confirm(plan: Preview, *, output: Output) -> None:
    """Show the plan on stderr and ask whether to start; no means interrupted."""
    for label, text in plan.lines():
        output.note(f"{label:>20}  {text}")
    click.confirm("Start?", default=True, abort=True, err=True)
