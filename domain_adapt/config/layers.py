"""Laying one file over another while remembering where each value was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain_adapt.config.yaml_text import KeyPath


@dataclass(slots=True)
class Layers:
    """A tree of values and the place of each.

    Attributes:
        tree: Nested dicts, tuples and scalars, all layers merged.
        places: Path of every value to where it was written.
    """

    tree: dict[str, Any] = field(default_factory=dict)
    places: dict[KeyPath, str] = field(default_factory=dict)

    def lay(self, values: Mapping[str, Any], *, place: Callable[[KeyPath], str]) -> None:
        """Merge ``values`` over the tree: mappings key by key, all else replaced whole.

        Args:
            values: The upper layer.
            place: Where the value at a path of that layer was written.
        """
        self._merge(self.tree, values, (), place)

    def take(self, key: str) -> tuple[Any, dict[KeyPath, str]]:
        """Remove a key; return its value and the places below it (paths relative to it)."""
        below = {path[1:]: self.places.pop(path) for path in list(self.places) if path[0] == key}
        return self.tree.pop(key, None), below

    def place(self, path: KeyPath) -> str:
        """Return where the value at ``path`` was written, or the nearest value around it."""
        return nearest(self.places, path)

    def _merge(
        self,
        base: dict[str, Any],
        values: Mapping[str, Any],
        path: KeyPath,
        place: Callable[[KeyPath], str],
    ) -> None:
        for key, value in values.items():
            here = (*path, key)
            if isinstance(value, dict) and isinstance(base.get(key), dict):
                self._merge(base[key], value, here, place)
                continue
            for old in [known for known in self.places if known[: len(here)] == here]:
                del self.places[old]
            base[key] = _copy(value)
            self.places.update({below: place(below) for below in _paths(value, here)})


def nearest(places: Mapping[KeyPath, str], path: KeyPath) -> str:
    """Return the place of ``path``, or of the nearest path around it that has one."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, "the recipe")


def _copy(value: Any) -> Any:
    # the merged tree must not write into the layer that it came from
    if isinstance(value, dict):
        return {key: _copy(below) for key, below in value.items()}
    return value


def _paths(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    yield path
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _paths(below, (*path, key))
    elif isinstance(value, tuple):
        for index, below in enumerate(value):
            yield from _paths(below, (*path, index))
