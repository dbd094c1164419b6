"""What a run would do and need, for ``--dry-run``: nothing is written, nothing is spent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from domain_adapt.engine.estimate import Estimate, Shape, estimate
from domain_adapt.evaluation.answer import ROW_TOKENS
from domain_adapt.evaluation.questions import Questions
from domain_adapt.pipeline.plan import RunPlan
from domain_adapt.pipeline.prepare import Prepared, prepare

STAGES = ("data", "evaluate_base", "train", "evaluate_adapted", "report")


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan with its counts and estimates."""

    plan: RunPlan
    prepared: Prepared
    needs: Estimate

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON of ``run --dry-run --format json``."""
        plan, facts = self.plan, self.prepared.facts
        return {
            "version": plan.version,
            "pack": plan.pack.name,
            "preset": plan.loaded.preset,
            "stages": list(STAGES),
            "model": plan.base.name,
            "precision": plan.dtype,
            "concepts": {"seen": facts.seen_concepts, "unseen": facts.unseen_concepts},
            "examples": facts.examples_by_builder,
            "refused": facts.refused_by_rule,
            "steps": len(self.prepared.training.batches),
            "tokens": _training_tokens(self.prepared),
            "questions": len(self.prepared.questions),
            "seconds": round(self.needs.training_seconds + self.needs.evaluation_seconds),
            "memory_gib": round(self.needs.memory_gib, 1),
            "privacy": None,
            "gates": plan.recipe.gates.model_dump(mode="json"),
            "writes": str(plan.state / "versions" / plan.version),
        }

    def lines(self) -> tuple[tuple[str, str], ...]:
        """Return label and text of each line that a person reads."""
        plan, facts, needs = self.plan, self.prepared.facts, self.needs
        gates = plan.recipe.gates
        minutes = (needs.training_seconds + needs.evaluation_seconds) / 60
        return (
            ("version", plan.version),
            ("stages", " → ".join(STAGES)),
            ("base model", f"{plan.base.name} ({plan.dtype}, {plan.base.licence})"),
            ("concepts", f"{facts.seen_concepts} trained on, {facts.unseen_concepts} held out"),
            ("examples", _counts(facts.examples_by_builder)),
            ("refused", _counts(facts.refused_by_rule) or "none"),
            (
                "training",
                f"{len(self.prepared.training.batches)} steps, "
                f"{_training_tokens(self.prepared):,} tokens",
            ),
            ("questions", f"{len(self.prepared.questions)} to each of the two models"),
            ("time", f"about {minutes:.0f} minutes on this machine, if nothing else runs"),
            ("memory", f"about {needs.memory_gib:.1f} GiB"),
            ("privacy", "only public text: no budget is spent"),
            (
                "gates",
                f"gain on terms above {100 * gates.term_delta:.0f} points at p < {gates.p_value}, "
                f"trained concepts {gates.seen_accuracy:.0%}",
            ),
            ("writes", str(plan.state / "versions" / plan.version)),
        )


def preview(plan: RunPlan) -> Preview:
    """Prepare the plan's data in memory and estimate what the run needs."""
    from domain_adapt.engine.model import choose_device, choose_dtype

    prepared = prepare(plan)
    device = choose_device()
    needs = estimate(
        _shape(plan),
        dtype=choose_dtype(plan.recipe.model.dtype, device),
        device=device,
        row_tokens=max(plan.recipe.train.micro_tokens, ROW_TOKENS),
        training_tokens=_training_tokens(prepared),
        evaluation_tokens=_question_tokens(prepared, prepared.questions),
    )
    return Preview(plan, prepared, needs)


def _training_tokens(prepared: Prepared) -> int:
    """Return the tokens of all steps, shared system turns left out."""
    lengths = [len(example.body) for example in prepared.training.examples]
    return sum(lengths[index] for batch in prepared.training.batches for index in batch)


def _question_tokens(prepared: Prepared, questions: Questions) -> int:
    """Return about how many tokens one model reads and writes to answer everything."""
    encoder = prepared.encoder
    chosen = (*questions.headline, *questions.abstention, *questions.retention)
    read = sum(
        len(encoder.encode_choice_prompt(probe.prompt)[1])
        + sum(len(encoder.encode_choice(choice)) for choice in probe.choices)
        for probe in chosen
    )
    return read + len(questions.free) * (40 + questions.max_new_tokens)


def _shape(plan: RunPlan) -> Shape:
    """Return the base model's sizes, from its configuration and its weights' headers."""
    values = json.loads((plan.base.path / "config.json").read_text(encoding="utf-8"))
    hidden = int(values.get("hidden_size") or values.get("n_embd", 1024))
    layers = int(values.get("num_hidden_layers") or values.get("n_layer", 24))
    intermediate = int(values.get("intermediate_size") or 4 * hidden)
    rank = plan.recipe.adapter.rank
    return Shape(
        parameters=_parameters(plan),
        # four attention projections and three of the feed-forward part, at both ends
        trainable=layers * rank * (8 * hidden + 3 * (hidden + intermediate)),
        layers=layers,
        hidden=hidden,
        intermediate=intermediate,
        vocabulary=int(values.get("vocab_size", 50_000)),
    )


def _parameters(plan: RunPlan) -> int:
    """Return the base model's parameters, read off the headers of its weight files."""
    total = 0
    for path in sorted(plan.base.path.glob("*.safetensors")):
        with path.open("rb") as stream:
            size = int.from_bytes(stream.read(8), "little")
            header = json.loads(stream.read(size))
        for name, tensor in header.items():
            if name != "__metadata__":
                total += _product(tensor["shape"])
    return total


def _product(shape: list[int]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())
