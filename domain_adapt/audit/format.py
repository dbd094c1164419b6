"""Numbers as people read them: one way to write each kind, the same in every output."""

from __future__ import annotations

from domain_adapt.evaluation.estimates import Comparison

MINUS = "\N{MINUS SIGN}"
SMALLEST_P = 0.001


def fixed(value: float, digits: int = 0) -> str:
    """Return ``value`` with thousands separators and a true minus; never ``-0``."""
    text = f"{abs(value):,.{digits}f}"
    return MINUS + text if value < 0 and text.strip("0.,") else text


def signed(value: float, digits: int = 0) -> str:
    """Return ``value`` with its sign; plain zero where it rounds to zero."""
    text = fixed(value, digits)
    return "+" + text if value > 0 and text.strip("0.,") else text


def plain(value: str | bool | int | float) -> str:
    """Return a setting as it would be written in a recipe, with a true minus before numbers."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return fixed(value) if abs(value) >= 10_000 else fixed(value).replace(",", "")
    return f"{value:.6g}".replace("-", MINUS)


def p_text(p_value: float) -> str:
    """Return ``p < 0.001``, ``p = 0.012`` or ``p = 0.34``; a p value is never shown as zero."""
    if p_value < SMALLEST_P:
        return f"p < {SMALLEST_P}"
    digits = 3 if p_value < 0.1 else 2
    return f"p = {p_value:.{digits}f}"


def compact(value: float) -> str:
    """Return a count in three to four figures with K, M or B, such as ``134.5 M``."""
    for unit, suffix in ((1e9, " B"), (1e6, " M"), (1e4, " K")):
        if abs(value) >= unit:
            scale = 1e3 if suffix == " K" else unit
            return fixed(value / scale, 1) + suffix
    return fixed(value)


def size(count: int) -> str:
    """Return a file's size in decimal units, such as ``9.8 MB``."""
    for unit, suffix in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if abs(count) >= unit:
            return f"{fixed(count / unit, 1)} {suffix}"
    return f"{count} B"


def duration(seconds: float) -> str:
    """Return ``4.2 s``, ``7 min 42 s`` or ``2 h 05 min``."""
    if seconds < 60:
        return f"{fixed(seconds, 1)} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60:02d} min"


def agreeing_digits(comparison: Comparison) -> int:
    """Return the fewest decimals with which before + change = after on paper.

    52.4 % to 82.6 % is +30.2 points: in whole numbers a reader would see 52 + 30 = 83.
    """
    before, after, change = (
        float(f"{100 * share:.0f}")
        for share in (comparison.base.value, comparison.adapted.value, comparison.delta)
    )
    return 0 if before + change == after else 1
