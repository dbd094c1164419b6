"""``domain-adapt packs``: which packs there are and what one brings."""

from __future__ import annotations

from dataclasses import asdict

import click

from domain_adapt.cli.help import Group
from domain_adapt.cli.options import example, output_options
from domain_adapt.cli.output import Output, View


@click.group(cls=Group, name="packs", epilog=example("domain-adapt packs list"))
def packs_group() -> None:
    """List and show packs."""


@packs_group.command("list", epilog=example("domain-adapt packs list"))
@output_options
def list_command(output: Output) -> None:
    """List the packs that are installed."""
    from domain_adapt.packs.pack import load_pack, pack_names

    packs = tuple(load_pack(name) for name in pack_names())
    output.show(
        View(
            [asdict(pack) for pack in packs],
            ("name", "title", "description"),
            tuple((pack.name, pack.title, pack.description) for pack in packs),
            essence=tuple(pack.name for pack in packs),
        )
    )


@packs_group.command("show", epilog=example("domain-adapt packs show finance"))
@click.argument("name")
@output_options
def show_command(name: str, output: Output) -> None:
    """Show which recipe, ontology and suites the pack NAME brings."""
    from domain_adapt.packs.pack import load_pack

    pack = load_pack(name)
    values = asdict(pack)
    rows = tuple(
        (label, ", ".join(value) if isinstance(value, tuple) else str(value))
        for label, value in values.items()
    )
    output.show(View(values, (), rows, essence=(pack.name,)))
