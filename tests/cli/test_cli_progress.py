"""Progress and output, on a terminal and in a log."""

from __future__ import annotations

import io
import re
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from domain_adapt.base.progress import Progress, SilentProgress
from domain_adapt.cli.output import Output, View, open_output
from domain_adapt.cli.progress import PlainProgress, TerminalProgress, figures_text


def ticking(step: float = 1.0):  # type: ignore[no-untyped-def]
    ticks = count()
    return lambda: next(ticks) * step


def test_a_log_gets_one_line_where_a_stage_starts_and_one_where_it_ends() -> None:
    lines: list[str] = []
    progress = PlainProgress(lines.append, clock=ticking(2.0))
    with progress.stage("train", 3) as task:
        for loss in (3.0, 2.0, 1.0):
            task.advance(loss=loss, tokens_per_second=512.0)
    assert lines == ["train …", "train: done in 8.0 s, loss 1, tokens/s 512"]


def test_a_long_stage_gets_a_line_every_half_minute() -> None:
    lines: list[str] = []
    progress = PlainProgress(lines.append, clock=ticking(20.0))
    with progress.stage("train", 4) as task:
        for loss in (4.0, 3.0, 2.0, 1.0):
            task.advance(loss=loss)
    assert lines[1] == "train 50% loss 3"
    assert lines[2].startswith("train 100%") or lines[2].startswith("train 75%")


def test_a_log_says_nothing_of_an_end_that_was_none() -> None:
    lines: list[str] = []
    with pytest.raises(ValueError, match="diverged"), PlainProgress(lines.append).stage("train", 3):
        raise ValueError("diverged")
    assert lines == ["train …"]


def test_a_verbose_log_gets_figures_now_and_then() -> None:
    lines: list[str] = []
    progress = PlainProgress(lines.append, verbose=True, clock=ticking(6.0))
    with progress.stage("train", 4) as task:
        for _ in range(4):
            task.advance(loss=0.5)
    assert "train 50% loss 0.5" in lines


def last_line(stream: io.StringIO) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue()).strip().splitlines()[-1]


def terminal() -> tuple[io.StringIO, TerminalProgress]:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=120, color_system=None)
    return stream, TerminalProgress(console)


def test_a_terminal_gets_a_full_bar_with_the_last_figures() -> None:
    stream, progress = terminal()
    with progress.stage("train", 2) as task:
        task.advance(loss=2.0)
        task.advance(loss=0.25)
    last = last_line(stream)
    assert "train" in last
    assert "100%" in last
    assert "loss 0.25" in last


def test_a_bar_that_was_stopped_is_not_full() -> None:
    stream, progress = terminal()

    def stopped() -> None:
        with progress.stage("train", 4) as task:
            task.advance()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    last = last_line(stream)
    assert "25%" in last
    assert "100%" not in last


def test_stages_of_unknown_length_and_inside_each_other_end() -> None:
    stream, progress = terminal()
    with progress.stage("outer", None), progress.stage("inner", 1) as task:
        task.advance()
    with progress.stage("next", None):
        pass
    assert all(name in stream.getvalue() for name in ("outer", "inner", "next"))


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9))
def test_figures_keep_three_digits(value: float) -> None:
    name, _, number = figures_text({"loss": value}).rpartition(" ")
    assert name == "loss"
    shown = float(number.replace(",", ""))
    assert abs(shown - value) <= max(0.005 * abs(value), 1e-12)


def test_the_listener_suits_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def listener(output: Output, *, terminal: bool) -> Progress:
        console = Console(file=io.StringIO(), force_terminal=terminal)
        monkeypatch.setattr(Output, "console", lambda *_, **__: console)
        return output.progress()

    monkeypatch.setenv("TERM", "xterm")
    loud = open_output("json", verbose=False, quiet=False)
    assert isinstance(listener(loud, terminal=True), TerminalProgress)
    assert isinstance(listener(loud, terminal=False), PlainProgress)
    hushed = open_output("quiet", verbose=False, quiet=False)
    assert isinstance(listener(hushed, terminal=True), SilentProgress)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(listener(loud, terminal=True), PlainProgress)


def test_notes_go_to_stderr_and_data_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    output = open_output("human", verbose=False, quiet=False)
    output.note("by the way")
    output.show(View({}, ("name",), (("[bold]finance",),)))
    shown = capsys.readouterr()
    assert shown.err == "by the way\n"
    assert "[bold]finance" in shown.out


def test_what_is_drawn_for_a_person_stays_off_a_piped_stdout(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("auto", "human", "json", "quiet"):
        open_output(name, verbose=False, quiet=False).render(name)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.split() == ["auto", "human"]


def test_json_refuses_what_is_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="JSON"):
        open_output("json", verbose=False, quiet=False).show(View({"p": float("nan")}, (), ()))
