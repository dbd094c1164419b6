"""What ``run`` hands back, and the JSON that scripts read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain_adapt.audit.record import RunRecord
from domain_adapt.evaluation.estimates import Comparison

_GATE_FAILED = 6


@dataclass(frozen=True, slots=True)
class RunResult:
    """A finished version.

    Attributes:
        record: Everything the report shows.
        folder: The version's folder.
        already_done: Whether the same plan had run before, so that nothing was done.
    """

    record: RunRecord
    folder: Path
    already_done: bool

    @property
    def report_html(self) -> Path:
        """The report for people."""
        return self.folder / "report.html"

    @property
    def exit_code(self) -> int:
        """0, or 6 where a gate that the recipe enforces was missed."""
        return _GATE_FAILED if self.record.gates_enforced and not self.record.passed else 0

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON of ``run --format json``."""
        record = self.record
        evaluation = record.evaluation
        return {
            "version": record.version,
            "pack": record.pack,
            "preset": record.preset,
            "evaluation": {
                "suite": evaluation.suite,
                **_compared(evaluation.headline),
                "families": {
                    name: _compared(each) | {"p_holm": each.p_holm}
                    for name, each in evaluation.families.items()
                },
                "seen": _compared(evaluation.seen),
                "unseen": _compared(evaluation.unseen),
            },
            "retention": _measured(record.retention.comparison),
            "privacy": record.privacy,
            "gates": {
                "passed": record.passed,
                "enforced": record.gates_enforced,
                **{
                    gate.name: {"value": gate.value, "bar": gate.bar, "holds": gate.holds}
                    for gate in record.gates
                },
            },
            "report": {
                "html": str(self.report_html),
                "json": str(self.folder / "report.json"),
            },
            "seconds": record.seconds,
        }


def _compared(comparison: Comparison) -> dict[str, Any]:
    return _measured(comparison) | {"p_value": comparison.p_value}


def _measured(comparison: Comparison) -> dict[str, Any]:
    return {
        "n": comparison.n,
        "base_accuracy": comparison.base.value,
        "adapted_accuracy": comparison.adapted.value,
        "delta": comparison.delta,
        "delta_ci95": list(comparison.delta_ci95),
    }
