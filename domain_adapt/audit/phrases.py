"""Facts in words: every phrase carries n, and an interval where it is an estimate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import yaml

from domain_adapt.audit.format import agreeing_digits, compact, fixed, p_text, signed
from domain_adapt.audit.record import GateFacts, RunRecord
from domain_adapt.evaluation.estimates import Comparison

TEMPLATES = Path(__file__).parent / "templates"
SIGNIFICANT = 0.05
SMALL_MODEL = 3_000_000_000
_TIED = re.compile(r"\b[np] [=<] \d[\d.,]*( \(Holm\))?|\b95 % CI\b")
Verdict = Literal["gain", "loss", "none"]


@cache
def load_strings(language: str = "en") -> SimpleNamespace:
    """Return the catalogue of user-facing texts, ``strings.<language>.yaml``, by attribute."""
    path = TEMPLATES / f"strings.{language}.yaml"
    return _namespace(yaml.safe_load(path.read_text(encoding="utf-8")))


def _namespace(texts: Mapping[str, Any]) -> SimpleNamespace:
    """Return nested mappings as attributes; lists and strings as they are."""
    return SimpleNamespace(
        **{
            name: _namespace(value) if isinstance(value, Mapping) else value
            for name, value in texts.items()
        }
    )


def verdict(comparison: Comparison, *, lower_is_better: bool = False) -> Verdict:
    """Return whether the measurement shows a gain, a loss, or neither.

    A gain needs both the interval and the p value (Holm's, where there is one); for a loss
    either is enough, so that no doubt is resolved in the model's favour.
    """
    low, high = comparison.delta_ci95
    p_value = comparison.p_value if comparison.p_holm is None else comparison.p_holm
    outside, significant = low > 0 or high < 0, p_value < SIGNIFICANT
    better = comparison.delta < 0 if lower_is_better else comparison.delta > 0
    if better:
        return "gain" if outside and significant else "none"
    return "loss" if comparison.delta != 0 and (outside or significant) else "none"


@dataclass(frozen=True, slots=True)
class Phrases:
    """The record's numbers as phrases of one language.

    Attributes:
        strings: The catalogue.
        space: What stands between a number and its unit: a no-break space where lines wrap.
    """

    strings: SimpleNamespace
    space: str = " "

    def tie(self, text: str) -> str:
        """Return ``text`` with what belongs together, such as ``p < 0.001``, kept on one line."""
        return _TIED.sub(lambda match: match[0].replace(" ", self.space), text)

    def percent(self, share: float, digits: int = 1) -> str:
        """Return a share as ``52.4 %``."""
        return f"{fixed(100 * share, digits)}{self.space}%"

    def points(self, difference: float, digits: int = 1) -> str:
        """Return a difference of shares as ``+31.0 points``."""
        return self._unit(signed(100 * difference, digits))

    def _unit(self, number: str) -> str:
        one = number.lstrip("+\N{MINUS SIGN}") == "1"
        unit = self.strings.number.point if one else self.strings.number.points
        return f"{number}{self.space}{unit}"

    def interval(self, bounds: tuple[float, float], digits: int = 1) -> str:
        """Return ``27.0 to 35.0``, in points."""
        low, high = (fixed(100 * bound, digits) for bound in bounds)
        return str(self.strings.number.interval).format(low=low, high=high)

    def shift(self, comparison: Comparison, digits: int = 1) -> str:
        """Return ``52.4 % → 82.6 %``."""
        before, after = comparison.base.value, comparison.adapted.value
        return f"{self.percent(before, digits)} → {self.percent(after, digits)}"

    def p_value(self, comparison: Comparison) -> str:
        """Return the p value, after Holm's correction where there is one."""
        if comparison.p_holm is None:
            return p_text(comparison.p_value)
        return str(self.strings.number.holm).format(p=p_text(comparison.p_holm))

    def change(self, comparison: Comparison, digits: int = 1) -> str:
        """Return ``+31.0 points, 95 % CI 27.0 to 35.0, p < 0.001``."""
        return str(self.strings.number.change).format(
            points=self.points(comparison.delta, digits),
            interval=self.interval(comparison.delta_ci95, digits),
            p=self.p_value(comparison),
        )

    def detectable(self, comparison: Comparison) -> str:
        """Return ``n = 120 could have shown a change of 9.0 points``."""
        points = self._unit(fixed(100 * comparison.detectable, 1))
        return str(self.strings.number.detectable).format(n=fixed(comparison.n), points=points)

    def could_show(self, comparison: Comparison) -> str:
        """Return ``could have shown 9.0 points``, beside an n that stands there already."""
        points = self._unit(fixed(100 * comparison.detectable, 1))
        return str(self.strings.families.could_show).format(points=points)

    def finding(self, comparison: Comparison, *, lower_is_better: bool = False) -> str:
        """Return what the comparison shows; "no difference" with the change it could have seen."""
        shown = verdict(comparison, lower_is_better=lower_is_better)
        return str(getattr(self.strings.finding, shown)).format(
            detectable=self.detectable(comparison)
        )

    def headline(self, comparison: Comparison) -> tuple[str, str, str]:
        """Return before, after and the change of the first line, with agreeing decimals."""
        digits = agreeing_digits(comparison)
        return (
            self.percent(comparison.base.value, digits),
            self.percent(comparison.adapted.value, digits),
            self.change(comparison, digits),
        )

    def gate_value(self, gate: GateFacts, value: float) -> str:
        """Return a gate's measured value or its bar in the gate's unit."""
        match gate.unit:
            case "points":
                return self.points(value)
            case "percent":
                return self.percent(value)
            case "p":
                return p_text(value).removeprefix("p = ").removeprefix("p ")
            case unit:
                return f"{value:.4g}".replace("-", "\N{MINUS SIGN}") + (f" {unit}" if unit else "")

    def gate_bar(self, gate: GateFacts) -> str:
        """Return what the gate demands, such as ``at least +14.0 points``."""
        bar = f"{gate.bar:g}" if gate.unit == "p" else self.gate_value(gate, gate.bar)
        direction = getattr(self.strings.direction, gate.direction, gate.direction)
        return f"{direction} {bar}"

    def limits(self, record: RunRecord) -> tuple[str, ...]:
        """Return what the figures do not say, each with the run's own numbers."""
        texts, retention = self.strings.limits, record.retention
        known = {
            "parameters": compact(record.model.parameters),
            "suite": retention.suite,
            "n": fixed(retention.comparison.n),
        }
        names = ["research", "small", "choice", "ontology", "unseen"]
        names += ["retention", "interval", "absent", "legal"]
        if record.model.parameters >= SMALL_MODEL:
            names.remove("small")
        return tuple(getattr(texts, name).format(**known) for name in names)

    def gates(self, record: RunRecord) -> str:
        """Return the verdict over all gates; no gate at all is not a pass."""
        texts, count = self.strings.gates, len(record.gates)
        failed = sum(not gate.holds for gate in record.gates)
        if not count:
            return str(texts.none)
        if not failed:
            return str(texts.all_hold if count > 1 else texts.one_holds).format(count=count)
        return str(texts.failed).format(failed=failed, count=count)
