"""Defined terms of regulations, recognised without their marks and held against them.

Reads every ``reg_<number>.jsonl`` (one paragraph a line: ``section``, ``text``, ``mentions`` as
``[start, end, term]``) beside its ``reg_<number>_terms.jsonl`` (``term``, ``section``,
``offset``). The recogniser gets sections, texts and terms, never the marks. Spans are compared
exactly; regulations with fewer than 50 marks are skipped and named.

Run: ``.venv/bin/python benchmarks/cfpb_terms.py ../shared/data/cfpb``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _report import bar, finish

from domain_adapt.ontology.defined_terms import Definition, Paragraph, find_defined_terms

FEWEST_MARKS = 50
PRECISION_BAR = 0.88
RECALL_BAR = 0.97


@dataclass(frozen=True, slots=True)
class Counts:
    """Spans: found and marked, found, marked."""

    right: int = 0
    found: int = 0
    marked: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Pool the spans of two regulations."""
        return Counts(
            self.right + other.right, self.found + other.found, self.marked + other.marked
        )

    def figures(self) -> dict[str, float]:
        """Return precision and recall with what they are made of."""
        return {
            "precision": self.right / self.found if self.found else float("nan"),
            "recall": self.right / self.marked if self.marked else float("nan"),
            "found": self.found,
            "marked": self.marked,
        }


def read_lines(path: Path, keys: set[str]) -> list[dict[str, Any]]:
    """Return the objects of a JSONL file; a line without the keys ends the run with its number."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            sys.exit(f"{path}:{number}: not JSON: {error}")
        if not isinstance(row, dict) or keys - row.keys():
            sys.exit(f"{path}:{number}: expected an object with {', '.join(sorted(keys))}")
        rows.append(row)
    return rows


def measure(path: Path, terms: Path) -> Counts:
    """Recognise one regulation's terms and count the spans."""
    rows = read_lines(path, {"section", "text", "mentions"})
    definitions = [
        Definition(row["term"], row["section"], row["offset"][0])
        for row in read_lines(terms, {"term", "section", "offset"})
    ]
    paragraphs = [Paragraph(row["section"], row["text"]) for row in rows]
    total = Counts()
    for row, mentions in zip(rows, find_defined_terms(paragraphs, definitions), strict=True):
        found = {(each.start, each.end) for each in mentions}
        marked = {(start, end) for start, end, _ in row["mentions"]}
        total += Counts(len(found & marked), len(found), len(marked))
    return total


def regulations(folder: Path) -> dict[str, tuple[Path, Path]]:
    """Return name to text file and terms file of the regulations in a folder."""
    found = {}
    for terms in sorted(folder.glob("reg_*_terms.jsonl")):
        name = terms.name.removesuffix("_terms.jsonl").removeprefix("reg_")
        text = folder / f"reg_{name}.jsonl"
        if text.is_file():
            found[name] = (text, terms)
    return found


def main() -> int:
    """Measure every regulation of the folder and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with reg_*.jsonl and reg_*_terms.jsonl")
    folder = parser.parse_args().folder
    began = time.perf_counter()
    counts = {name: measure(*paths) for name, paths in regulations(folder).items()}
    seconds = time.perf_counter() - began
    if not counts:
        sys.exit(f"{folder}: no reg_*.jsonl with a reg_*_terms.jsonl beside it")
    used = {name: each for name, each in counts.items() if each.marked >= FEWEST_MARKS}
    skipped = {name: each.marked for name, each in counts.items() if name not in used}
    for name, marks in skipped.items():
        print(f"skipped: regulation {name} has {marks} marks, fewer than {FEWEST_MARKS}")
    pooled = sum(used.values(), Counts()).figures()
    return finish(
        "cfpb_terms",
        figures={
            **pooled,
            "by_regulation": {name: each.figures() for name, each in used.items()},
            "skipped": skipped,
            "seconds": seconds,
        },
        bars=[
            bar("precision", value=pooled["precision"], limit=PRECISION_BAR, direction=">="),
            bar("recall", value=pooled["recall"], limit=RECALL_BAR, direction=">="),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
