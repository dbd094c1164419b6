"""The card at the end of a run: the whole result on one screen of 80 columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from domain_adapt.audit.format import duration, fixed
from domain_adapt.audit.phrases import Phrases, load_strings, verdict
from domain_adapt.audit.record import GateFacts, RunRecord
from domain_adapt.evaluation.estimates import Comparison

if TYPE_CHECKING:
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

WIDTH = 80
_STYLES = {"gain": "green", "loss": "red", "none": ""}


def end_card(record: RunRecord, html_path: Path) -> Panel:
    """Return the end card; every fact is in words, colour only repeats it."""
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    strings = load_strings()
    say, texts = Phrases(strings), strings.end_card
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", max_width=16)
    grid.add_column(overflow="fold")
    grid.add_row(texts.version, Text(record.version, overflow="fold"))
    for name, comparison in _measures(record, say):
        grid.add_row(Text(name), _measure(comparison, say))
    grid.add_row(texts.privacy, strings.summary.privacy_none)
    grid.add_row(texts.gates, _gates(record, say))
    grid.add_row(texts.report, Text(str(html_path), overflow="fold"))
    grid.add_row(texts.took, duration(sum(record.seconds.values())))
    title = texts.title.format(pack=record.pack, preset=record.preset)
    return Panel(grid, title=Text(title), title_align="left", width=WIDTH, padding=(1, 2))


def _measures(record: RunRecord, say: Phrases) -> tuple[tuple[str, Comparison], ...]:
    """Return name and comparison of each line of results."""
    facts = record.evaluation
    names = say.strings.end_card
    return (
        (record.title, facts.headline),
        (f"  {names.seen}", facts.seen),
        (f"  {names.unseen}", facts.unseen),
        (names.retention, record.retention.comparison),
    )


def _measure(comparison: Comparison, say: Phrases) -> Text:
    """Return two lines: before, after and n; the change with interval and p."""
    from rich.text import Text

    shown = verdict(comparison)
    first = f"{say.shift(comparison)}  ({say.strings.end_card.n.format(n=fixed(comparison.n))})\n"
    text = Text(first).append(say.change(comparison), style=_STYLES[shown])
    if shown == "none":
        text.append(f"\n{say.finding(comparison)}")
    return text


def _gates(record: RunRecord, say: Phrases) -> Table:
    """Return the verdict over all gates and one line for each."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(overflow="fold")
    verdict_text = say.gates(record)
    if not record.gates_enforced and record.gates:
        verdict_text += f" {say.strings.gates.reported}"
    grid.add_row(Text(verdict_text))
    gates = Table.grid(padding=(0, 1, 0, 0))
    gates.add_column(no_wrap=True)
    gates.add_column(overflow="fold")
    for gate in record.gates:
        sign = Text("✓", style="green") if gate.holds else Text("✗", style="red")
        gates.add_row(sign, Text(_gate(gate, say)))
    grid.add_row(gates)
    return grid


def _gate(gate: GateFacts, say: Phrases) -> str:
    return str(say.strings.end_card.gate).format(
        title=gate.title, value=say.gate_value(gate, gate.value), bar=say.gate_bar(gate)
    )
