"""The parent relation closed and laid out as arrays: who is above, below, beside and apart.

An ontology of 100,000 concepts has about a million pairs of concept and ancestor; as Python sets
they take gigabytes, as two arrays a few megabytes, and they are read back from disk without work.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain

Row = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of different length in one array (compressed sparse rows).

    Attributes:
        starts: Shape (rows + 1,); row ``i`` is ``values[starts[i]:starts[i + 1]]``.
        values: Indices of concepts, sorted within a row.
    """

    starts: array[int]
    values: array[int]

    def row(self, index: int) -> array[int]:
        """Return one row."""
        return self.values[self.starts[index] : self.starts[index + 1]]

    @classmethod
    def joined(cls, rows: Sequence[Sequence[int]]) -> Ragged:
        """Lay rows out that are sorted and without repetitions."""
        starts = array("i", accumulate(map(len, rows), initial=0))
        return cls(starts, array("i", chain.from_iterable(rows)))


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Parents, children, ancestors and disjointness of ``n`` concepts, by index of sorted id.

    Attributes:
        ids: All ids, sorted; an index below is a place in this tuple.
        parents: Directly above.
        children: Directly below.
        ancestors: All above, the concept itself left out.
        disjoint: The concepts declared disjoint from the concept or one of its ancestors.
    """

    ids: tuple[str, ...]
    parents: Ragged
    children: Ragged
    ancestors: Ragged
    disjoint: Ragged
    index: Mapping[str, int] = field(repr=False)

    def above(self, concept_id: str) -> frozenset[str]:
        """Return the ids of all ancestors."""
        return frozenset(self._named(self.ancestors.row(self.index[concept_id])))

    def below(self, concept_id: str) -> tuple[str, ...]:
        """Return the ids of the children, in order of id."""
        return self._named(self.children.row(self.index[concept_id]))

    def descendants(self, concept_id: str) -> tuple[str, ...]:
        """Return the ids of all concepts below, in order of id."""
        found, waiting = set[int](), [self.index[concept_id]]
        while waiting:
            fresh = set(self.children.row(waiting.pop())) - found
            found |= fresh
            waiting.extend(fresh)
        return tuple(self.ids[place] for place in sorted(found))

    def is_a(self, concept_id: str, ancestor_id: str) -> bool:
        """Say whether a concept is, or lies under, another."""
        place, above = self.index[concept_id], self.index[ancestor_id]
        return place == above or above in self.ancestors.row(place)

    def are_disjoint(self, first: str, second: str) -> bool:
        """Say whether nothing can be both, as declared for them or for concepts above them."""
        apart = self.disjoint.row(self.index[first])
        if not apart:
            return False
        place = self.index[second]
        return not {place, *self.ancestors.row(place)}.isdisjoint(apart)

    def lowest_common_ancestors(self, first: str, second: str) -> tuple[str, ...]:
        """Return the common ancestors that have no other below them, in order of id.

        A concept counts as its own ancestor.
        """
        shared = self._upward(first) & self._upward(second)
        higher = {x for place in shared for x in self.ancestors.row(place)}
        return tuple(self.ids[place] for place in sorted(shared - higher))

    def _upward(self, concept_id: str) -> set[int]:
        place = self.index[concept_id]
        return {place, *self.ancestors.row(place)}

    def _named(self, places: Iterable[int]) -> tuple[str, ...]:
        return tuple(self.ids[place] for place in places)


def build_hierarchy(
    parents: Mapping[str, tuple[str, ...]],
    disjoint: Iterable[tuple[str, str]] = (),
) -> Hierarchy:
    """Close a parent relation.

    Args:
        parents: Id to the ids directly above; parents and disjoint ids that are not keys are
            passed over, and so is everything behind a cycle (:func:`find_cycles`).
        disjoint: Declared pairs, in either order.
    """
    ids, index, above, below = _laid_out(parents)
    closed = _closure(above, below)
    return Hierarchy(
        ids=ids,
        parents=Ragged.joined(above),
        children=Ragged.joined(below),
        ancestors=Ragged.joined(closed),
        disjoint=Ragged.joined(_inherited(closed, index, disjoint)),
        index=index,
    )


def _laid_out(
    parents: Mapping[str, tuple[str, ...]],
) -> tuple[tuple[str, ...], dict[str, int], list[Row], list[list[int]]]:
    """Return the sorted ids, their places, and for each place those above and those below."""
    ids = tuple(sorted(parents))
    index = dict(zip(ids, range(len(ids)), strict=True))
    rows = [parents[concept] for concept in ids]
    above: list[Row] = [_places(names, index) if names else () for names in rows]
    below: list[list[int]] = [[] for _ in ids]
    for place, row in enumerate(above):
        for parent in row:
            below[parent].append(place)
    return ids, index, above, below


def _places(names: tuple[str, ...], index: Mapping[str, int]) -> Row:
    """Return the places of the names that are known, sorted and each once."""
    if len(names) == 1:  # nearly all concepts of nearly all ontologies
        place = index.get(names[0])
        return () if place is None else (place,)
    return tuple(sorted({index[name] for name in names if name in index}))


def _closure(above: Sequence[Row], below: Sequence[Sequence[int]]) -> list[Row]:
    """Return the sorted ancestors of each place, one row shared by all children of a place."""
    closed: list[Row] = [()] * len(above)
    shared: dict[Row, Row] = {(): ()}
    for place in _from_the_top(above, below):
        parents = above[place]
        row = shared.get(parents)
        if row is None:
            row = tuple(sorted({*parents, *(x for parent in parents for x in closed[parent])}))
            shared[parents] = row
        closed[place] = row
    return closed


def _from_the_top(above: Sequence[Row], below: Sequence[Sequence[int]]) -> list[int]:
    """Return the places so that parents come before children; those behind a cycle are left out.

    Kahn's algorithm: no recursion, so no depth is too deep.
    """
    waiting = [*map(len, above)]
    order = [place for place, count in enumerate(waiting) if not count]
    for place in order:  # grows while it is walked
        for child in below[place]:
            waiting[child] -= 1
            if not waiting[child]:
                order.append(child)
    return order


def _inherited(
    closed: Sequence[Row], index: Mapping[str, int], pairs: Iterable[tuple[str, str]]
) -> list[Row]:
    declared: dict[int, set[int]] = defaultdict(set)
    for first, second in pairs:
        if first in index and second in index:
            declared[index[first]].add(index[second])
            declared[index[second]].add(index[first])
    if not declared:
        return [()] * len(closed)
    found: list[Row] = []
    for place, above in enumerate(closed):
        own = [declared[x] for x in (place, *above) if x in declared]
        found.append(tuple(sorted(set().union(*own))) if own else ())
    return found


def find_cycles(parents: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Return cycles of the parent relation, each from a concept round to itself.

    Every group of concepts that are above one another yields at least one. Parents that are
    not keys of ``parents`` are passed over.
    """
    left = {child: tuple(p for p in above if p in parents) for child, above in parents.items()}
    cycles: list[tuple[str, ...]] = []
    while left := _without(left, _reached(left)):
        cycle = _walk_round(left)
        cycles.append(cycle)
        left = _without(left, cycle)
    return tuple(cycles)


def _reached(parents: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the ids that are not behind a cycle."""
    ids, _, above, below = _laid_out(parents)
    return [ids[place] for place in _from_the_top(above, below)]


def _without(
    parents: Mapping[str, tuple[str, ...]], gone: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    removed = set(gone)
    return {
        child: tuple(parent for parent in above if parent not in removed)
        for child, above in parents.items()
        if child not in removed
    }


def _walk_round(parents: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Go up from any concept until one comes again; all of them have a parent here."""
    walk = [min(parents)]
    while (above := parents[walk[-1]][0]) not in walk:
        walk.append(above)
    return (*walk[walk.index(above) :], above)
