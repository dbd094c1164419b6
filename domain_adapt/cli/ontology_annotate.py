"""``domain-adapt ontology annotate``: the mentions of an ontology's concepts in a file of texts."""

from __future__ import annotations

from pathlib import Path

import click

from domain_adapt.cli.help import Command
from domain_adapt.cli.options import example, state_option
from domain_adapt.cli.output import open_output


@click.command(
    "annotate",
    cls=Command,
    epilog=example("domain-adapt ontology annotate finance texts.jsonl > mentions.jsonl"),
)
@click.argument("ontology")
@click.argument("input", type=click.Path(path_type=Path))
@click.option(
    "--context",
    is_flag=True,
    help="Also say what is uncertain, of the family or historical, and what else a name means.",
)
@state_option
def annotate_command(ontology: str, input: Path, *, context: bool, state: Path) -> None:
    """Find the terms of ONTOLOGY in the texts of INPUT, a JSONL file with 'id' and 'text'.

    Writes a JSON line for each text, with the place, concept and name of each mention, and
    whether the text says that it is not so. Places count characters, from 0.
    """
    import json

    from domain_adapt.ontology.annotate import annotate, read_passages
    from domain_adapt.ontology.load import load_ontology
    from domain_adapt.ontology.match.mentions import ontology_matcher

    output = open_output("json", verbose=False, quiet=False)
    passages = read_passages(input)
    matcher = ontology_matcher(load_ontology(ontology, state=state))
    for annotation in annotate(passages, matcher):
        output.line(json.dumps(annotation.to_json(context=context), ensure_ascii=False))
