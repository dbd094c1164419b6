"""The report's charts, from the record; each in a wide and a narrow drawing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from domain_adapt.audit.format import MINUS, fixed
from domain_adapt.audit.order import family_codes, family_title
from domain_adapt.audit.phrases import Phrases
from domain_adapt.audit.record import RunRecord
from domain_adapt.audit.svg import Frame
from domain_adapt.audit.svg_lines import Line, line_chart
from domain_adapt.audit.svg_pairs import Interval, Mark, PairRow, paired_chart
from domain_adapt.evaluation.estimates import Comparison, Estimate

WIDE_WIDTH = 740
NARROW_WIDTH = 328


@dataclass(frozen=True, slots=True)
class Charts:
    """The drawings of one report; empty where there is nothing to draw."""

    summary: Markup
    families: Markup
    loss: Markup
    rate: Markup


def charts(record: RunRecord, say: Phrases) -> Charts:
    """Return all drawings of the report."""
    return Charts(
        summary=_summary(record, say),
        families=_families(record, say),
        loss=_loss(record, say),
        rate=_rate(record, say),
    )


def _both(name: str, title: str, description: str, draw: Callable[[Frame], str]) -> Markup:
    """Return the wide and the narrow drawing; the page shows the one that fits."""
    parts = [
        f'<div class="plot {kind}">{draw(Frame(f"{name}-{kind}", title, description, width))}</div>'
        for kind, width in (("wide", WIDE_WIDTH), ("narrow", NARROW_WIDTH))
    ]
    return Markup("\n".join(parts))  # noqa: S704 - made by svg.py, which escapes every text


def _pairs(
    name: str, title: str, rows: tuple[tuple[str, Comparison], ...], say: Phrases, mark: Mark
) -> Markup:
    """Return a paired chart whose description lists every row for those who do not see it."""
    texts = say.strings.summary
    told = " ".join(
        texts.chart_row.format(label=label, shift=say.shift(c), change=say.change(c), n=fixed(c.n))
        for label, c in rows
    )
    drawn = tuple(_pair_row(label, comparison, say) for label, comparison in rows)

    def draw(frame: Frame) -> str:
        legend = (texts.before, texts.after)
        return paired_chart(drawn, frame=frame, mark=mark, legend=legend)

    return _both(name, title, texts.chart_description.format(rows=told), draw)


def _pair_row(label: str, comparison: Comparison, say: Phrases) -> PairRow:
    ci = say.interval(comparison.delta_ci95)
    return PairRow(
        label=label,
        note=say.strings.number.n.format(n=fixed(comparison.n)),
        before=_interval(comparison.base, say),
        after=_interval(comparison.adapted, say),
        change=say.points(comparison.delta),
        change_note=say.strings.summary.ci.format(interval=ci),
    )


def _interval(estimate: Estimate, say: Phrases) -> Interval:
    low, high = estimate.ci95
    return Interval(estimate.value, low, high, say.percent(estimate.value))


def _summary(record: RunRecord, say: Phrases) -> Markup:
    texts, facts = say.strings.summary, record.evaluation
    rows = (
        (texts.all_terms, facts.headline),
        (texts.seen, facts.seen),
        (texts.unseen, facts.unseen),
        (texts.retention, record.retention.comparison),
    )
    return _pairs("summary", texts.chart_title.format(title=record.title), rows, say, "dot")


def _families(record: RunRecord, say: Phrases) -> Markup:
    facts = record.evaluation
    rows = tuple(
        (f"{code} {family_title(facts, code)}", facts.families[code])
        for code in family_codes(facts)
    )
    if not rows:
        return Markup()
    return _pairs("families", say.strings.families.chart_title, rows, say, "bar")


def _loss(record: RunRecord, say: Phrases) -> Markup:
    curve, texts = record.training.curve, say.strings.training
    if not curve:
        return Markup()
    measured = tuple((float(p.step), p.dev_loss) for p in curve if p.dev_loss is not None)
    lines = (
        Line(texts.train_line, "train", tuple((float(p.step), p.train_loss) for p in curve)),
        Line(texts.dev_line, "dev", measured, dots=True),
    )
    best = record.training.best_step
    lowest = min((loss for _, loss in measured), default=None)
    told = texts.loss_description.format(
        first=fixed(curve[0].train_loss, 2),
        last=fixed(curve[-1].train_loss, 2),
        steps=fixed(record.training.steps),
        lowest=texts.unmeasured if lowest is None else fixed(lowest, 3),
    )
    marker = (float(best), texts.chosen.format(step=fixed(best)))
    return _both(
        "loss",
        texts.loss_title,
        told,
        lambda frame: line_chart(lines, frame=frame, height=220, tick_text=_tick, marker=marker),
    )


def _rate(record: RunRecord, say: Phrases) -> Markup:
    curve, texts = record.training.curve, say.strings.training
    if not curve:
        return Markup()
    points = tuple((float(p.step), p.learning_rate) for p in curve)
    rates = [rate for _, rate in points]
    told = texts.rate_description.format(peak=_short(max(rates)), last=_short(rates[-1]))
    lines = (Line(texts.rate_line, "rate", points),)
    return _both(
        "rate",
        texts.rate_title,
        told,
        lambda frame: line_chart(lines, frame=frame, height=90, tick_text=_tick),
    )


def _tick(value: float, distance: float) -> str:
    """Return a tick's text with as many decimals as tell ticks apart."""
    if distance < 0.01 or distance >= 1e5:
        return _short(value)
    return fixed(value, 2 if distance < 0.1 else 1 if distance < 1 else 0)


def _short(value: float) -> str:
    """Return ``2e−4``: a small number in few characters."""
    if not value:
        return "0"
    digits, power = f"{value:.1e}".split("e")
    return f"{digits.removesuffix('.0')}e{int(power)}".replace("-", MINUS)
