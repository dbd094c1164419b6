"""The page: Jinja2 templates over the record, with every value escaped."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from domain_adapt.audit import format as numbers
from domain_adapt.audit import order
from domain_adapt.audit.phrases import TEMPLATES, Phrases, load_strings, verdict
from domain_adapt.audit.plots import charts

if TYPE_CHECKING:
    from jinja2 import Environment

    from domain_adapt.audit.record import RunRecord

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@cache
def environment(finalize: Callable[[object], object] | None = None) -> Environment:
    """Return the templates' environment: autoescape on, an unknown name is an error.

    Args:
        finalize: Applied to every value before it is escaped.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=finalize,
    )
    made.filters |= {
        "fixed": numbers.fixed,
        "plain": numbers.plain,
        "compact": numbers.compact,
        "size": numbers.size,
        "duration": numbers.duration,
        "largest_first": order.largest_first,
        "by_name": order.by_name,
        "code": _code,
    }
    return made


def _code(text: str) -> Markup:
    """Return a line for Markdown's fenced block, which shows all but its own end as it is."""
    return Markup(" ".join(text.split()).replace("`", "'"))  # noqa: S704 - Markdown, not HTML


def page(record: RunRecord, *, language: str = "en") -> str:
    """Return ``report.html`` for a record whose numbers are all finite."""
    strings = load_strings(language)
    say = Phrases(strings, space=NO_BREAK_SPACE)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            record=record,
            evaluation=record.evaluation,
            t=strings,
            say=say,
            charts=charts(record, say),
            families=order.family_codes(record.evaluation),
            family_title=order.family_title,
            command=order.command(record),
            limits=say.limits(record),
            verdict=verdict,
        )
    )
