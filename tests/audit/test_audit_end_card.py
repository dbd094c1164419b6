from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from audit_sample_record import sample_record
from rich.console import Console

from domain_adapt.audit.card import end_card
from domain_adapt.audit.record import RunRecord

HTML = Path("adapt_state/versions/finance-3f9c1d7a52be/report.html")


def printed(record: RunRecord, *, width: int = 80, colour: bool = False) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, color_system="truecolor" if colour else None
    )
    console.print(end_card(record, HTML))
    return out.getvalue()


def test_everything_is_on_it() -> None:
    flat = " ".join(printed(sample_record()).replace("│", " ").split())
    for fact in (
        "finance · preset default",
        "Version finance-3f9c1d7a52be",
        "51.9 % → 80.8 % (n = 480) +29.0 points, 95 % CI 24.3 to 33.6, p < 0.001",
        "taught", "never seen", "General 84.8 % → 83.8 % (n = 520)",
        "could have shown a change of 3.5 points",
        "No private data was used",
        "✓ Gain on finance terms: +29.0 points (at least +14.0 points)",
        str(HTML), "8 min 01 s",
    ):  # fmt: skip
        assert fact in flat


@pytest.mark.parametrize("width", [60, 80, 200])
def test_it_fits_80_columns_and_less(width: int) -> None:
    lines = printed(sample_record(), width=width).splitlines()
    assert max(len(line) for line in lines) <= min(width, 80)


def test_a_missed_gate_is_readable_without_colour() -> None:
    record = sample_record()
    text = printed(replace(record, gates=(replace(record.gates[0], holds=False),)))
    assert "✗ Gain on finance terms" in text
    assert "\x1b" not in text


def test_colour_only_repeats_what_words_say() -> None:
    record = sample_record()
    coloured = printed(record, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == printed(record)


def test_texts_are_not_read_as_markup() -> None:
    record = replace(sample_record(), title="[red]x[/red]", pack="[bold]p")
    text = printed(record)
    assert "[red]x[/red]" in text
    assert "[bold]p" in text


def test_a_long_path_is_shown_whole() -> None:
    long = Path("/" + "/".join(f"folder{n}" for n in range(20)) + "/report.html")
    out = io.StringIO()
    Console(file=out, width=80).print(end_card(sample_record(), long))
    assert str(long) in "".join(line.strip("│ \n") for line in out.getvalue().splitlines())


def test_no_gate_is_not_shown_as_a_pass() -> None:
    text = printed(replace(sample_record(), gates=()))
    assert "nothing was promised" in text
    assert "✓" not in text
