"""A script: train a model slowly enough to be stopped, as the command line would.

Arguments: folder of the base model, checkpoint, file for the trained weights.
"""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

import torch
from engine_helpers import adapted, training_plan
from safetensors.torch import save_file

from domain_adapt.base.errors import DomainAdaptError
from domain_adapt.base.progress import SilentProgress, SilentTask, Task
from domain_adapt.base.stopping import stop_on_signals
from domain_adapt.engine.adapters import trainable_parameters
from domain_adapt.engine.fit import fit
from domain_adapt.engine.loop import TrainingPlan
from domain_adapt.engine.model import load_model


class _SlowTask(SilentTask):
    def advance(self, amount: float = 1.0, **figures: float) -> None:
        if figures:
            print(figures["loss"], flush=True)
            time.sleep(0.05)  # long enough for a signal to come between two steps


class _SlowProgress(SilentProgress):
    def stage(self, name: str, total: float | None) -> contextlib.AbstractContextManager[Task]:
        return contextlib.nullcontext(_SlowTask())


def plan() -> TrainingPlan:
    return training_plan(steps=16, checkpoint_every=3)


def main(folder: Path, checkpoint: Path, weights: Path) -> None:
    torch.set_num_threads(1)
    base = load_model(folder, dtype=torch.float32, device=torch.device("cpu"))
    model = adapted(base, dropout=0.3)
    with stop_on_signals() as flag:
        fit(
            model,
            plan(),
            checkpoint=checkpoint,
            progress=_SlowProgress(),
            check_stop=flag.check,
        )
    save_file({name: each.data for name, each in trainable_parameters(model).items()}, weights)


if __name__ == "__main__":
    try:
        main(*map(Path, sys.argv[1:]))
    except DomainAdaptError as error:
        print(error.code, file=sys.stderr)
        sys.exit(error.exit_code)
