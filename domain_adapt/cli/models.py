"""``domain-adapt models``: the base models that are built in, and fetching them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from domain_adapt.cli.help import Group
from domain_adapt.cli.options import example, output_options
from domain_adapt.cli.output import Output, View

if TYPE_CHECKING:
    from domain_adapt.engine.base_models import ModelStatus


@click.group(cls=Group, name="models", epilog=example("domain-adapt models list"))
def models_group() -> None:
    """List and fetch base models."""


@models_group.command("list", epilog=example("domain-adapt models list"))
@output_options
def list_command(output: Output) -> None:
    """List the built-in base models and whether they are in the cache."""
    from domain_adapt.engine.base_models import list_models

    statuses = tuple(list_models())
    rows = tuple(
        (status.name, "yes" if status.fetched else "no", _megabytes(status.bytes), status.licence)
        for status in statuses
    )
    output.show(
        View(
            [_payload(status) for status in statuses],
            ("name", "fetched", "size", "licence"),
            rows,
            essence=tuple(status.name for status in statuses),
        )
    )


@models_group.command("fetch", epilog=example("domain-adapt models fetch smollm2-135m-instruct"))
@click.argument("name")
@output_options
def fetch_command(name: str, output: Output) -> None:
    """Fetch the base model NAME into the cache, checked against its pinned digest."""
    from domain_adapt.engine.base_models import fetch, model_status

    status = model_status(fetch(name, progress=output.progress()))
    row = (status.name, _megabytes(status.bytes), str(status.path))
    output.show(View(_payload(status), ("name", "size", "path"), (row,), essence=row[2:]))


def _payload(status: ModelStatus) -> dict[str, Any]:
    """Return a model's status as JSON."""
    return {
        "name": status.name,
        "fetched": status.fetched,
        "bytes": status.bytes,
        "licence": status.licence,
        "digest": status.digest,
        "path": str(status.path) if status.path else None,
    }


def _megabytes(count: int | None) -> str:
    """Return a size as a person reads it."""
    return f"{count / 1e6:,.0f} MB" if count else "–"
