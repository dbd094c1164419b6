from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.errors import DataError
from domain_adapt.ontology.trie import NONE, ROOT, build_trie

STOP = 0
labels = st.lists(
    st.lists(st.integers(1, 5), min_size=1, max_size=5).map(tuple), min_size=1, unique=True
)


@given(sequences=labels, path=st.lists(st.integers(0, 6), max_size=6))
def test_allows_exactly_what_some_label_goes_on_with(
    sequences: list[tuple[int, ...]], path: list[int]
) -> None:
    trie = build_trie(sequences, stop_id=STOP)
    ended = [(*sequence, STOP) for sequence in sequences]
    behind = [row for row in ended if row[: len(path)] == tuple(path)]
    node = trie.walk(path)
    assert (node == NONE) == (not behind)
    if node != NONE:
        expected = sorted({row[len(path)] for row in behind if len(row) > len(path)})
        assert list(trie.allowed(node)) == expected
        assert [trie.step(node, token) for token in expected] == list(trie.edges(node)[1])


@given(sequences=labels)
def test_every_label_ends_in_its_own_leaf(sequences: list[tuple[int, ...]]) -> None:
    trie = build_trie(sequences, stop_id=STOP)
    for index, sequence in enumerate(sequences):
        assert trie.sequence(trie.walk(sequence)) == NONE
        leaf = trie.walk((*sequence, STOP))
        assert trie.sequence(leaf) == index
        assert list(trie.allowed(leaf)) == []
    assert sum(leaf != NONE for leaf in trie.leaves) == len(sequences)


def test_shared_beginnings_are_kept_once() -> None:
    trie = build_trie([(1, 2, 3), (1, 2, 4), (1, 2)], stop_id=STOP)
    # root, 1, 1 2, then stop, 3, 4, and the stops behind the last two
    assert len(trie) == 8
    assert trie.step(ROOT, 2) == NONE
    assert trie.size_bytes() == 4 * (8 + 1 + 7 + 7 + 8)


@pytest.mark.parametrize(
    ("sequences", "code", "word"),
    [
        ([(1,), ()], "DA-ONTO-090", "number 1"),
        ([(1, STOP, 2)], "DA-ONTO-090", "token 0"),
        ([(1, 2), (3,), (1, 2)], "DA-ONTO-091", "0 and 2"),
        ([], "DA-ONTO-092", "no label"),
    ],
)
def test_lists_that_are_no_closed_set(
    sequences: list[tuple[int, ...]], code: str, word: str
) -> None:
    with pytest.raises(DataError) as caught:
        build_trie(sequences, stop_id=STOP)
    assert caught.value.code == code
    assert word in caught.value.message
