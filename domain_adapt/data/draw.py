"""Choosing by keyed hash: the same inputs and seed choose the same things on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import TypeVar

_Item = TypeVar("_Item")


def rank(seed: int, *parts: str) -> int:
    """Return a 64-bit number that depends on ``seed`` and ``parts`` only.

    Whatever is ordered by such ranks keeps its order when other things are added or removed,
    which a shuffle by a random generator does not.
    """
    text = "\x1f".join((str(seed), *parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def ranked(
    items: Iterable[_Item], *, seed: int, purpose: str, key: Callable[[_Item], str]
) -> list[_Item]:
    """Return ``items`` in the order of their ranks; ties (2⁻⁶⁴) fall back to the key."""
    return sorted(items, key=lambda item: (rank(seed, purpose, key(item)), key(item)))
