"""Checks of quantities: one concept's ranges in two units of the same dimension must agree.

Units are taken apart into prefixes and bases, so any two of the same dimension can be compared
(g/L and mg/dL; mmHg and kPa). Mass and amount of substance need the molar mass of the analyte and
are not compared; degrees Celsius and Fahrenheit are, by their formula.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from domain_adapt.ontology.concept import Concept, Quantity
from domain_adapt.ontology.lint_finding import Finding

TOLERANCE = 0.1
"""Share by which bounds may differ: people round them in each unit."""

_PREFIXES = {"p": 1e-12, "n": 1e-9, "µ": 1e-6, "u": 1e-6, "m": 1e-3, "c": 1e-2, "d": 1e-1, "k": 1e3}
_BASES: dict[str, tuple[str, float]] = {
    "g": ("mass", 1.0),
    "mol": ("amount", 1.0),
    "L": ("volume", 1.0),
    "l": ("volume", 1.0),
    "m": ("length", 1.0),
    "Pa": ("pressure", 1.0),
    "U": ("activity", 1.0),
    "IU": ("activity", 1.0),
    "Eq": ("charge", 1.0),
    "s": ("time", 1.0),
    "cal": ("energy", 4.184),
    "J": ("energy", 1.0),
}
_WHOLE: dict[str, tuple[str, float]] = {
    "mmHg": ("pressure", 133.322),
    "cmH2O": ("pressure", 98.0665),
    "min": ("time", 60.0),
    "h": ("time", 3600.0),
    "d": ("time", 86400.0),
    "day": ("time", 86400.0),
    "lb": ("mass", 453.592),
    "in": ("length", 0.0254),
    "ft": ("length", 0.3048),
    "%": ("", 0.01),
    "°C": ("celsius", 1.0),
    "°F": ("fahrenheit", 1.0),
}
_POWER = re.compile(r"(?:[×x]\s?)?10(?:[\^*](\d+)|([⁰¹²³⁴⁵⁶⁷⁸⁹]+))")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit taken apart.

    Attributes:
        dimension: Each base with its exponent, sorted; unknown parts stand for themselves.
        factor: What one of it is in base units.
    """

    dimension: tuple[tuple[str, int], ...]
    factor: float


def parse_unit(text: str) -> Unit:
    """Return a unit taken apart; a part that is not known is a dimension of its own."""
    exponents: Counter[str] = Counter()
    factor = 1.0
    for number, part in enumerate(text.replace("μ", "µ").split("/")):
        sign = 1 if number == 0 else -1
        for piece in part.split():
            base, size = _piece(piece)
            factor *= size**sign
            if base:
                exponents[base] += sign
    return Unit(tuple(sorted(each for each in exponents.items() if each[1])), factor)


def _piece(text: str) -> tuple[str, float]:
    """Return the dimension and the size of one part."""
    if found := _POWER.fullmatch(text):
        return "", 10.0 ** int((found[1] or found[2]).translate(_RAISED))
    if text in _WHOLE:
        return _WHOLE[text]
    if text in _BASES:
        return _BASES[text]
    base = _BASES.get(text[1:])
    if base and text[0] in _PREFIXES:
        return base[0], base[1] * _PREFIXES[text[0]]
    return text, 1.0


def disagreeing_units(concept: Concept) -> Iterator[Finding]:
    """Find pairs of a concept's quantities, for the same people, that cannot both be right."""
    quantities = concept.quantities
    for number, first in enumerate(quantities):
        for second in quantities[number + 1 :]:
            if first.note == second.note and first.unit != second.unit:
                yield from _disagreements(concept, first, second)


def _disagreements(concept: Concept, first: Quantity, second: Quantity) -> Iterator[Finding]:
    for name, left, right in (
        ("plausible", first.plausible, second.plausible),
        ("reference", first.reference, second.reference),
    ):
        for low, high in zip(left, right, strict=True):
            if low is None or high is None:
                continue
            converted = convert(low, first.unit, second.unit)
            if converted is None or _near(converted, high):
                continue
            message = f"{name}: {low:g} {first.unit} is {converted:.3g} {second.unit}, "
            message += f"but {high:g} {second.unit} is given."
            yield Finding("units-disagree", concept.id, message)


def convert(value: float, unit: str, other: str) -> float | None:
    """Return a value in another unit; None where the dimensions differ or are not known."""
    if (unit, other) == ("°C", "°F"):
        return value * 9 / 5 + 32
    if (unit, other) == ("°F", "°C"):
        return (value - 32) * 5 / 9
    left, right = parse_unit(unit), parse_unit(other)
    if left.dimension != right.dimension:
        return None
    return value * left.factor / right.factor


def _near(first: float, second: float) -> bool:
    return abs(first - second) <= TOLERANCE * max(abs(first), abs(second))
