"""In which order facts are shown: fixed by the facts, never by how a mapping was filled."""

from __future__ import annotations

import re
from collections.abc import Mapping

from domain_adapt.audit.record import EvaluationFacts, RunRecord

Setting = str | bool | int | float


def family_codes(evaluation: EvaluationFacts) -> tuple[str, ...]:
    """Return the families' codes, those of the headline first, ``P2`` before ``P10``."""
    headline = set(evaluation.headline_families)
    return tuple(
        sorted(evaluation.families, key=lambda code: (code not in headline, *_natural(code)))
    )


def _natural(code: str) -> tuple[str, int, str]:
    match = re.fullmatch(r"(\D*)(\d{1,9})(.*)", code, flags=re.DOTALL)
    return (match[1], int(match[2]), match[3]) if match else (code, 0, "")


def family_title(evaluation: EvaluationFacts, code: str) -> str:
    """Return what a person calls a family, else its code."""
    return evaluation.family_titles.get(code, code)


def largest_first(amounts: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Return name and amount, the largest first, names in order where amounts are equal."""
    return tuple(sorted(amounts.items(), key=lambda item: (-item[1], item[0])))


def by_name(facts: Mapping[str, Setting]) -> tuple[tuple[str, Setting], ...]:
    """Return name and fact, by name."""
    return tuple(sorted(facts.items()))


def command(record: RunRecord) -> str:
    """Return the command that makes this run again (a user's own sources apart)."""
    import shlex

    words = ["domain-adapt", "run", record.pack, "--preset", record.preset, *record.overrides]
    return shlex.join(words)
