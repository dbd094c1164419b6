"""The command line as a script meets it: exit codes, pure stdout, coded errors, no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from domain_adapt import __version__
from domain_adapt.base.errors import DataError, StateLockedError
from domain_adapt.cli import packs
from domain_adapt.cli.main import COMMANDS, cli, main
from domain_adapt.packs import pack as pack_module


def command_paths(
    command: click.Command = cli, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            child = command.get_command(click.Context(command), name)
            assert child is not None
            yield from command_paths(child, (*path, name))


PATHS = list(command_paths())


def fail_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make ``packs list`` fail."""

    def broken() -> tuple[str, ...]:
        raise error

    monkeypatch.setattr(pack_module, "pack_names", broken)


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_ends_with_an_example_that_names_the_command(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*path, "--help"]) == 0
    shown = capsys.readouterr()
    last = shown.out.rstrip().splitlines()[-1]
    assert last.startswith(" ".join(["Example: domain-adapt", *path]))
    assert shown.err == ""


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_shows_every_option(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name)  # type: ignore[assignment]
    main([*path, "--help"])
    shown = capsys.readouterr().out
    options = [item for item in command.params if isinstance(item, click.Option)]
    assert [item.opts[0] for item in options if item.opts[0] not in shown] == []
    assert [item.name for item in options if not item.help] == []


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"domain-adapt {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["rnu", "finance"], 2, "DA-CLI-003: No such command 'rnu'. Did you mean 'run'?"),
        (["run"], 2, "DA-CLI-003: Missing argument 'PACK'"),
        (["run", "finance", "--prest", "tiny"], 2, "'--preset'"),
        (["run", "finance", "--source", "absent.jsonl"], 2, "absent.jsonl"),
        (["packs", "list", "--format", "xml"], 2, "'xml'"),
        (["packs", "show", "fiannce"], 2, "DA-PACK-001: There is no pack 'fiannce'"),
        (["models", "fetch", "nosuchmodel"], 2, "DA-MODEL-"),
        (["config", "show", "finance", "train.lerning_rate=1"], 3, "train.learning_rate"),
        (["config", "show", "finance", "train.learning_rate=minus"], 3, '"minus"'),
        (["config", "show", "finance", "--preset", "tny"], 3, "'tiny'"),
        (["config", "show", "fiannce"], 2, "'finance'"),
    ],
)
def test_bad_input_gets_a_code_the_value_and_what_to_do(
    arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert shown.err.startswith("DA-")
    assert "Traceback" not in shown.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DataError("DA-DATA-999", "Bad.", hint="Mend it."), 4),
        (StateLockedError("DA-STATE-999", "Busy.", hint="Wait."), 8),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
    ],
)
def test_the_error_decides_the_exit_code(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(error, monkeypatch)
    assert main(["packs", "list"]) == code


def test_what_nobody_foresaw_goes_to_a_log_and_not_to_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("domain_adapt.cli.env.environment", lambda _: 1 / 0)
    assert main(["env", "--state", str(tmp_path / "state")]) == 1
    shown = capsys.readouterr()
    (log,) = (tmp_path / "state" / "logs").iterdir()
    assert shown.out == ""
    assert shown.err.startswith("DA-CLI-001: Something unexpected happened: ZeroDivisionError")
    assert str(log) in shown.err.replace("\n", "")
    assert "Traceback" not in shown.err
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_an_unwritable_state_does_not_hide_what_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("domain_adapt.cli.env.environment", lambda _: 1 / 0)
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "logs").write_text("a file where the folder should be")
    assert main(["env", "--state", str(tmp_path / "state")]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_state_comes_from_the_environment_unless_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOMAIN_ADAPT_STATE", str(tmp_path / "of_environment"))
    main(["env", "--format", "json"])
    main(["env", "--format", "json", "--state", str(tmp_path / "named")])
    decoder = json.JSONDecoder()
    text = capsys.readouterr().out
    first, end = decoder.raw_decode(text)
    second, _ = decoder.raw_decode(text[end:].lstrip())
    assert first["state"] == str(tmp_path / "of_environment")
    assert second["state"] == str(tmp_path / "named")


@pytest.mark.parametrize(
    "arguments",
    [
        ["packs", "list"],
        ["packs", "show", "finance"],
        ["models", "list"],
        ["config", "show", "finance"],
        ["config", "show", "finance", "--origin"],
        ["env"],
    ],
    ids=" ".join,
)
def test_json_is_all_that_stdout_holds(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--format", "json"]) == 0
    shown = capsys.readouterr()
    json.loads(shown.out)
    assert shown.err == ""


def test_quiet_prints_names_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs", "list", "--format", "quiet"]) == 0
    assert capsys.readouterr().out.splitlines() == list(pack_module.pack_names())


def test_elsewhere_than_on_a_terminal_rows_are_tab_separated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["packs", "list"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("finance\t")]
    assert len(row.split("\t")) == 3


def test_a_reader_that_leaves_is_no_error() -> None:
    program = [sys.executable, "-m", "domain_adapt", "config", "schema"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert (process.wait(), process.stderr.read()) == (0, b"")


def test_the_table_of_commands_is_complete_and_loads() -> None:
    for name, lazy in COMMANDS.items():
        command = cli.get_command(click.Context(cli), name)
        assert isinstance(command, click.Command)
        assert command.name == name
        assert command.get_short_help_str(100) == lazy.summary


def test_help_of_the_top_imports_no_command_it_does_not_need() -> None:
    program = (
        "import sys; from domain_adapt.cli.main import main; main(['--help'])\n"
        "heavy = {'torch', 'pydantic', 'yaml', 'transformers', 'rich', 'domain_adapt.cli.run'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stderr == "[]\n"


def test_packs_of_others_come_from_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    assert packs.packs_group.name == "packs"
    good = pack_module.metadata.EntryPoint("law", f"{__name__}:LAW_PACK", pack_module.ENTRY_POINTS)
    bad = pack_module.metadata.EntryPoint("bad", f"{__name__}:PATHS", pack_module.ENTRY_POINTS)
    gone = pack_module.metadata.EntryPoint("gone", "no_such_module:P", pack_module.ENTRY_POINTS)
    registered = pack_module.metadata.EntryPoints([good, bad, gone])
    monkeypatch.setattr(pack_module, "_registered", lambda: registered)
    assert pack_module.pack_names() == ("finance", "bad", "gone", "law")
    assert pack_module.load_pack("law") is LAW_PACK


LAW_PACK = pack_module.Pack("law", "Law", "Terms of law.", "law", "law", ("law/terms",))


@pytest.mark.parametrize("value", [f"{__name__}:PATHS", "no_such_module:PACK"])
def test_a_broken_pack_of_others_is_named(
    value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = pack_module.metadata.EntryPoint("broken", value, pack_module.ENTRY_POINTS)
    registered = pack_module.metadata.EntryPoints([entry])
    monkeypatch.setattr(pack_module, "_registered", lambda: registered)
    assert main(["packs", "show", "broken"]) == 1
    assert f"DA-PACK-002: The pack 'broken' ({value})" in capsys.readouterr().err
