"""How long `--help` of every command takes, against importing click and rich alone.

Each command and the baseline run in turn, many times, in fresh processes; the fastest run of each
counts, because everything else on the machine only ever adds time.

Run: ``.venv/bin/python benchmarks/cli_latency.py``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import click
from _report import bar, finish

from domain_adapt.cli.main import cli

REPEATS = 15
RATIO_BAR = 2.5
SECONDS_BAR = 0.25
BASELINE = [sys.executable, "-c", "import click, rich"]


def command_paths(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command and group, the root included."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from command_paths(child, (*path, name))


def seconds(arguments: list[str]) -> float:
    """Return the wall-clock time of one fresh process."""
    began = time.perf_counter()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> int:
    """Measure, print a line per command, and return the exit code."""
    helps = {
        " ".join(("domain-adapt", *path)): [sys.executable, "-m", "domain_adapt", *path, "--help"]
        for path in command_paths(cli)
    }
    fastest = dict.fromkeys(("baseline", *helps), float("inf"))
    for _ in range(REPEATS):
        for name, arguments in {"baseline": BASELINE, **helps}.items():
            fastest[name] = min(fastest[name], seconds(arguments))
    for name, value in fastest.items():
        print(f"{value:.3f} s  {name}")
    slowest = max(helps, key=lambda name: fastest[name])
    return finish(
        "cli_latency",
        figures={"repeats": REPEATS, "slowest": slowest, "fastest_seconds": fastest},
        bars=[
            bar(
                "slowest --help against importing click and rich",
                value=fastest[slowest] / fastest["baseline"],
                limit=RATIO_BAR,
                direction="<=",
            ),
            bar("slowest --help, s", value=fastest[slowest], limit=SECONDS_BAR, direction="<="),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
