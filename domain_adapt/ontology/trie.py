"""A trie over tokenised labels: which tokens may come next if the answer is to be a real term.

The nodes lie in three flat arrays (compressed sparse rows), so that 100,000 labels take a few
megabytes, and a step is one binary search within the row of a node.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain_adapt.base.errors import DataError

ROOT = 0
NONE = -1
_INT = "i"  # four bytes on every platform that torch runs on


@dataclass(frozen=True, slots=True)
class LabelTrie:
    """A set of token sequences, each ended by a stop token. Build it with :func:`build_trie`.

    Nodes are numbered from :data:`ROOT` in breadth-first order. The edges of node ``i`` are the
    places ``starts[i]`` to ``starts[i + 1]`` of ``tokens`` and ``nodes``, in order of token.

    Attributes:
        starts: First edge of each node, and the number of edges at the end.
        tokens: Token of each edge.
        nodes: Where each edge leads.
        leaves: Index of the sequence that ends in a node; :data:`NONE` where none does.
        stop_id: The token that ends every sequence.
    """

    starts: array[int]
    tokens: array[int]
    nodes: array[int]
    leaves: array[int]
    stop_id: int

    def step(self, node: int, token: int) -> int:
        """Return the node that ``token`` leads to; :data:`NONE` where it may not come."""
        first, last = self.starts[node], self.starts[node + 1]
        place = bisect_left(self.tokens, token, first, last)
        if place < last and self.tokens[place] == token:
            return self.nodes[place]
        return NONE

    def allowed(self, node: int) -> array[int]:
        """Return the tokens that may come after a node, in order; none after a stop token."""
        return self.tokens[self.starts[node] : self.starts[node + 1]]

    def edges(self, node: int) -> tuple[array[int], array[int]]:
        """Return the tokens that may come after a node, and the nodes they lead to."""
        row = slice(self.starts[node], self.starts[node + 1])
        return self.tokens[row], self.nodes[row]

    def walk(self, tokens: Sequence[int]) -> int:
        """Return the node after ``tokens``; :data:`NONE` where they begin no sequence."""
        node = ROOT
        for token in tokens:
            node = self.step(node, token)
            if node == NONE:
                return NONE
        return node

    def sequence(self, node: int) -> int:
        """Return the index of the sequence that a node ends; :data:`NONE` before the stop."""
        return self.leaves[node]

    def __len__(self) -> int:
        """Return the number of nodes."""
        return len(self.leaves)

    def size_bytes(self) -> int:
        """Return the memory that the arrays take."""
        arrays = (self.starts, self.tokens, self.nodes, self.leaves)
        return sum(len(each) * each.itemsize for each in arrays)


def build_trie(sequences: Sequence[Sequence[int]], *, stop_id: int) -> LabelTrie:
    """Build the trie of token sequences.

    Args:
        sequences: At least one; different, not empty, without the stop token.
        stop_id: Appended to each, so that a label that begins another can end.

    Raises:
        DataError: There is no sequence, or one is empty, repeated or holds the stop token.
    """
    ordered = _in_order(sequences, stop_id)
    starts, tokens = array(_INT, [0]), array(_INT)
    nodes, leaves = array(_INT), array(_INT)
    level, depth = [(0, len(ordered))], 0
    made = 1
    while level:
        following: list[tuple[int, int]] = []
        for low, high in level:
            row = ordered[low]
            leaves.append(row[1] if len(row[0]) == depth else NONE)
            for token, begin, end in _groups(ordered, low, high, depth):
                tokens.append(token)
                nodes.append(made)
                made += 1
                following.append((begin, end))
            starts.append(len(tokens))
        level, depth = following, depth + 1
    return LabelTrie(starts, tokens, nodes, leaves, stop_id)


Row = tuple[tuple[int, ...], int]


def _in_order(sequences: Sequence[Sequence[int]], stop_id: int) -> list[Row]:
    rows = [((*sequence, stop_id), index) for index, sequence in enumerate(sequences)]
    for row, index in rows:
        if len(row) == 1 or stop_id in row[:-1]:
            raise DataError(
                "DA-ONTO-090",
                f"Label number {index} is empty or holds the token {stop_id}, which ends answers.",
                hint="Leave the label out of the list.",
            )
    rows.sort()
    for (first, index), (second, other) in pairwise(rows):
        if first == second:
            raise DataError(
                "DA-ONTO-091",
                f"Labels number {index} and {other} are the same {len(first) - 1} tokens.",
                hint="Give each label once, and keep the concepts of a label beside it.",
            )
    if not rows:
        raise DataError(
            "DA-ONTO-092",
            "There is no label to choose from.",
            hint="Name an ontology with labels in the language that is asked for.",
        )
    return rows


def _groups(rows: list[Row], low: int, high: int, depth: int) -> list[tuple[int, int, int]]:
    """Cut sorted rows into runs with the same token at a depth: token, first row, end."""
    found: list[tuple[int, int, int]] = []
    if len(rows[low][0]) == depth:
        return found  # a stop token ended it, and sequences are different: the run is one row
    begin = low
    while begin < high:
        token = rows[begin][0][depth]
        end = begin + 1
        while end < high and rows[end][0][depth] == token:
            end += 1
        found.append((token, begin, end))
        begin = end
    return found
