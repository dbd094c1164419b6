"""``domain-adapt eval``: score a model on a suite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from domain_adapt.cli.help import Group
from domain_adapt.cli.options import download_option, example, output_options, state_option
from domain_adapt.cli.output import Output, View


@click.group(
    cls=Group,
    name="eval",
    epilog=example("domain-adapt eval run --model base --suite finance/terms"),
)
def eval_group() -> None:
    """Score models on suites."""


@eval_group.command(
    "run", epilog=example("domain-adapt eval run --model base --suite finance/terms --limit 50")
)
@click.option("--model", required=True, help="A version of the state, 'base', or a model's folder.")
@click.option("--suite", required=True, help="A suite's name, or a JSONL file of your own.")
@click.option(
    "--items",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Write what the model answered to each item to this JSONL file.",
)
@click.option("--limit", type=click.IntRange(min=1), default=None, help="Ask only so many items.")
@state_option
@download_option
@output_options
def run_command(output: Output, *, model: str, suite: str, **choices: Any) -> None:
    """Ask a model every item of a suite; print accuracy with its 95 % interval."""
    from domain_adapt.pipeline.evaluate import run_evaluation

    result = run_evaluation(model=model, suite=suite, progress=output.progress(), **choices)
    output.show(
        View(
            result.to_json(),
            ("family", "n", "accuracy", "95 % interval"),
            tuple(tuple(row) for row in result.table_rows()),
            essence=(f"{result.to_json()['accuracy']:.4f}",),
        )
    )
