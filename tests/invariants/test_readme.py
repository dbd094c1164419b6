"""The commands that the pages show exist as written; the cheap ones are run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from domain_adapt.cli.main import cli, main
from domain_adapt.config.load import load_recipe

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md")
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def shown_commands() -> list[tuple[str, ...]]:
    """Return the words of each command that a page shows after ``$``."""
    blocks = [block for page in PAGES for block in BLOCK.findall((ROOT / page).read_text("utf-8"))]
    lines = [line for block in blocks for line in block.splitlines()]
    assert all(line.startswith("$ ") for line in lines)
    return [tuple(shlex.split(line.removeprefix("$ "))) for line in dict.fromkeys(lines)]


COMMANDS = shown_commands()
OURS = [words for words in COMMANDS if words[0] == "domain-adapt"]
MAKE = [words for words in COMMANDS if words[0] == "make"]
CHEAP = [
    words
    for words in OURS
    if words[1:3]
    in [("packs", "list"), ("models", "list"), ("config", "show"), ("config", "schema")]
    or words[1] == "env"
]


def parse(words: tuple[str, ...]) -> click.Context:
    """Let click parse a command line down to its command, without running it."""
    command: click.Command = cli
    context = click.Context(cli, info_name=words[0])
    rest = list(words[1:])
    while isinstance(command, click.Group):
        found = command.get_command(context, rest.pop(0))
        assert found is not None, words
        command = found
        context = click.Context(command, parent=context)
    return command.make_context(command.name, rest, parent=context.parent)


def test_the_two_commands_of_a_newcomer_are_shown_alone() -> None:
    assert ("make", "run") in COMMANDS
    assert ("make", "test") in COMMANDS


def test_every_command_is_of_a_kind_that_is_checked() -> None:
    others = [words for words in COMMANDS if words not in OURS and words not in MAKE]
    assert others == [("pip", "install", ".")]


@pytest.mark.parametrize("words", OURS, ids=" ".join)
def test_commands_and_options_exist(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for word in words:
        if word.endswith(".jsonl"):
            Path(word).touch()
    values = parse(words).params
    assert values
    for override in values.get("overrides") or ():
        load_recipe("finance", overrides=[override])
    if "preset" in values:
        load_recipe("finance", preset=values["preset"])


@pytest.mark.parametrize("words", MAKE, ids=" ".join)
def test_make_targets_exist(words: tuple[str, ...]) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("words", CHEAP, ids=" ".join)
def test_cheap_commands_work(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words[1:]) == 0
    assert capsys.readouterr().out


def test_documented_exit_codes_are_those_of_the_errors() -> None:
    from domain_adapt.base import errors

    text = (ROOT / "README.md").read_text("utf-8")
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    raised = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type)}
    assert raised | {0} == documented


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text("utf-8")):
            assert target.startswith("https://") or (ROOT / target).exists(), target
