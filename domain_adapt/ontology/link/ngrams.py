"""Nearest names by the cosine of their character n-grams, weighted by rarity (TF-IDF).

Salton and Buckley 1988; an inverted file in numpy arrays, so that a query touches only the names
that share an n-gram with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIZES = (3, 4)


@dataclass(frozen=True, slots=True)
class NgramIndex:
    """Names by n-gram, in compressed sparse rows.

    Attributes:
        rows: n-gram to its row.
        starts: Shape (rows + 1,); row ``i`` is ``places[starts[i]:starts[i + 1]]``.
        places: Names that have the n-gram.
        values: Its weight in each of them; the weights of one name have the norm 1.
        idf: Weight of each row's n-gram.
        size: Number of names.
    """

    rows: Mapping[str, int]
    starts: NDArray[np.int64]
    places: NDArray[np.int64]
    values: NDArray[np.float32]
    idf: NDArray[np.float64]
    size: int

    def scores(self, text: str) -> NDArray[np.float32]:
        """Return the cosine of a text with every name, shape (size,), in [0, 1]."""
        unknown = float(np.log(1 + self.size)) + 1  # the idf of an n-gram that no name has
        weights: dict[str, float] = {}
        for gram, count in Counter(_ngrams(text)).items():
            idf = float(self.idf[self.rows[gram]]) if gram in self.rows else unknown
            weights[gram] = (1 + float(np.log(count))) * idf
        norm = float(np.sqrt(sum(weight * weight for weight in weights.values()))) or 1.0
        total = np.zeros(self.size, dtype=np.float32)
        for gram, weight in weights.items():
            row = self.rows.get(gram)
            if row is not None:
                here = slice(self.starts[row], self.starts[row + 1])
                total[self.places[here]] += np.float32(weight / norm) * self.values[here]
        return total


def build_ngram_index(names: Sequence[str]) -> NgramIndex:
    """Index names by their n-grams of :data:`SIZES` characters, word boundaries as blanks."""
    rows: dict[str, int] = {}
    grams = [[rows.setdefault(gram, len(rows)) for gram in _ngrams(name)] for name in names]
    lengths = np.fromiter(map(len, grams), np.int64, len(names))
    flat = np.fromiter((row for each in grams for row in each), np.int64, int(lengths.sum()))
    pairs, counts = np.unique(
        flat * len(names) + np.repeat(np.arange(len(names)), lengths), return_counts=True
    )
    row, place = np.divmod(pairs, len(names))
    frequency = np.bincount(row, minlength=len(rows))
    idf = np.log((1 + len(names)) / (1 + frequency)) + 1
    weights = (1 + np.log(counts)) * idf[row]
    norms = np.sqrt(np.bincount(place, weights * weights, minlength=len(names)))
    starts = np.concatenate(([0], np.cumsum(frequency)))
    values = (weights / norms[place]).astype(np.float32)
    return NgramIndex(rows, starts, place, values, idf, len(names))


def _ngrams(text: str) -> list[str]:
    padded = f" {text} "
    return [padded[at : at + n] for n in SIZES for at in range(len(padded) - n + 1)]
