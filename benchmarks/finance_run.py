"""What `domain-adapt run finance` achieves, how long it takes and how much memory it needs.

Runs the command itself, `tiny` and `default` (and `full` with `--full`), each in a new state and
without any answers of the base model kept from earlier runs. The bars are those of a CPU with
AVX512-BF16; on others the line says so and the times are what they are.

Run: ``.venv/bin/python benchmarks/finance_run.py [--preset default …]``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from _report import Bar, bar, finish

from domain_adapt.base.assets import cache_root

SECONDS = {"tiny": 120.0, "default": 600.0}
SEEN = {"default": 0.85, "full": 0.92}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command."""

    preset: str
    result: dict[str, Any]
    seconds: float
    peak_gib: float


def run(preset: str, keep: Path | None = None) -> Run:
    """Run one preset from nothing but the fetched base model; `keep` is where its state stays."""
    with tempfile.TemporaryDirectory() as scratch:
        state = keep / preset if keep else Path(scratch) / "state"
        cache = Path(scratch) / "cache"
        cache.mkdir()
        (cache / "models").symlink_to(cache_root() / "models")
        environment = os.environ | {"DOMAIN_ADAPT_CACHE": str(cache)}
        command = [sys.executable, "-m", "domain_adapt", "run", "finance", "--preset", preset]
        command += ["--yes", "--format", "json", "--state", str(state)]
        began = time.perf_counter()
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)
        seconds = time.perf_counter() - began
    if done.returncode not in {0, 6}:
        raise SystemExit(f"'{' '.join(command)}' ended with exit code {done.returncode}")
    # the largest child so far: presets run from small to large
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    return Run(preset, json.loads(done.stdout), seconds, peak)


def bars(measured: Run) -> list[Bar]:
    """Hold one run against what the project promises."""
    name, result = measured.preset, measured.result
    evaluation = result["evaluation"]
    held = [bar(f"{name}: peak memory, GiB", value=measured.peak_gib, limit=4, direction="<=")]
    if name in SECONDS:
        seconds = SECONDS[name]
        held.append(bar(f"{name}: seconds", value=measured.seconds, limit=seconds, direction="<="))
    if name == "tiny":
        return held
    unseen, retention = evaluation["unseen"]["delta_ci95"][0], result["retention"]["delta_ci95"][0]
    seen = evaluation["seen"]["adapted_accuracy"]
    return [
        *held,
        bar(f"{name}: probes", value=evaluation["n"], limit=400, direction=">="),
        bar(f"{name}: gain on terms", value=evaluation["delta"], limit=0.14, direction=">="),
        bar(f"{name}: p of that gain", value=evaluation["p_value"], limit=0.001, direction="<"),
        bar(f"{name}: seen concepts", value=seen, limit=SEEN[name], direction=">="),
        bar(f"{name}: unseen, lower bound", value=unseen, limit=-0.05, direction=">="),
        bar(f"{name}: retention, lower bound", value=retention, limit=-0.05, direction=">="),
    ]


def main() -> int:
    """Run the presets, print what each gave, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="run the preset full as well")
    parser.add_argument("--preset", action="append", help="run only this one; may be repeated")
    parser.add_argument("--keep", type=Path, help="an empty folder for the states of the runs")
    options = parser.parse_args()
    if options.keep and options.keep.exists() and any(options.keep.iterdir()):
        parser.error(f"--keep {options.keep}: not empty, so a run could find its work done")
    presets = options.preset or ["tiny", "default", *(["full"] if options.full else [])]
    runs = [run(preset, options.keep) for preset in presets]
    capabilities = torch.cpu.get_capabilities()
    for each in runs:
        print(json.dumps(each.result | {"wall_seconds": each.seconds}, ensure_ascii=False))
    return finish(
        "finance_run",
        figures={
            "avx512_bf16": bool(capabilities.get("avx512_bf16")),
            "cores": os.cpu_count(),
            **{
                each.preset: {
                    "wall_seconds": round(each.seconds, 1),
                    "peak_gib": round(each.peak_gib, 2),
                    "evaluation": each.result["evaluation"],
                    "retention": each.result["retention"],
                    "stage_seconds": each.result["seconds"],
                }
                for each in runs
            },
        },
        bars=[held for each in runs for held in bars(each)],
    )


if __name__ == "__main__":
    raise SystemExit(main())
