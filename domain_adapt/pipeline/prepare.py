"""From a plan to what is trained on and what is asked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from domain_adapt.audit.record import DataFacts, SourceFacts
from domain_adapt.base.errors import DataError
from domain_adapt.base.files import write_text
from domain_adapt.base.records import EncodedExample, Example
from domain_adapt.data.batches import plan_epochs
from domain_adapt.data.builders.build import BuildResult, build_examples
from domain_adapt.data.dev import dev_split
from domain_adapt.data.encode import ChatEncoder, encode_examples
from domain_adapt.data.leaks import LabelIndex, check_no_overlap
from domain_adapt.data.sources import source_examples
from domain_adapt.data.split import ConceptSplit, split_concepts
from domain_adapt.engine.loop import TrainingPlan
from domain_adapt.evaluation.questions import Questions, choose_questions
from domain_adapt.pipeline.plan import PlannedSource, RunPlan

OVERLAP = "C12-suite"


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that was not trained on.

    Attributes:
        source: What the report calls the file or ontology that it comes from; ``suite`` for a
            concept that is not asked about.
        where: Line or example id; empty where a rule refused a whole group.
        rule: Id of the rule.
        message: What was wrong.
        count: How many examples.
    """

    source: str
    where: str
    rule: str
    message: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Prepared:
    """All inputs of training and evaluation.

    Attributes:
        tokenizer: The base model's.
        encoder: Turns words into its tokens.
        split: Which concepts are trained on and which never.
        examples: What is trained on, in words, dev examples included.
        training: The same in tokens, with the order of the steps.
        questions: What both models are asked.
        rejects: What is not trained on, and why.
        facts: The counts for the report.
    """

    tokenizer: Any
    encoder: ChatEncoder
    split: ConceptSplit
    examples: tuple[Example, ...]
    training: TrainingPlan
    questions: Questions
    rejects: tuple[Reject, ...]
    facts: DataFacts


def prepare(plan: RunPlan) -> Prepared:
    """Build, check, split and encode everything that the plan trains on and asks.

    Raises:
        DataError: There is nothing to train on, or an example cannot be encoded.
    """
    from domain_adapt.engine.convert_quiet import quiet_transformers
    from domain_adapt.engine.model import context_length, load_tokenizer

    recipe = plan.recipe
    split, mentioned = _split(plan)
    questions = choose_questions(
        plan.suite,
        plan.retention,
        plan.ontology,
        split,
        probes=recipe.evaluation.probes,
        retention_items=recipe.evaluation.retention_items,
        generated=recipe.evaluation.generated,
    )
    built = _build(plan, split)
    examples, overlapping = _without_overlap(plan, built, questions)
    tokenizer = load_tokenizer(plan.base.path)
    encoder = ChatEncoder(
        tokenizer,
        system_prompt=recipe.model.system_prompt,
        max_length=context_length(plan.base.path),
    )
    with quiet_transformers():  # it warns of rows too long for the model, which are refused here
        result = encode_examples(encoder, examples)
    refused = {where for where, _ in result.refused}
    kept = tuple(example for example in examples if example.id not in refused)
    training = _training_plan(plan, kept, {each.id: each for each in result.encoded})
    origins = _origins(plan, examples)
    rejects = (
        *_source_rejects(plan.sources),
        *(Reject(_ontology_name(plan), "", rule, "", n) for rule, n in built.refused.items()),
        *overlapping,
        *(
            Reject(origins[where], where, rule, "cannot be encoded")
            for where, rule in result.refused
        ),
        *mentioned,
    )
    return Prepared(
        tokenizer=tokenizer,
        encoder=encoder,
        split=split,
        examples=kept,
        training=training,
        questions=questions,
        rejects=rejects,
        facts=_facts(plan, kept, training, rejects, split),
    )


def longest_sequence(prepared: Prepared) -> int:
    """Return the tokens of the longest example."""
    examples = (*prepared.training.examples, *prepared.training.dev)
    return max(len(example.prefix) + len(example.body) for example in examples)


def write_prepared(prepared: Prepared, folder: Path) -> None:
    """Write the examples and the rejects as JSONL, and the counts."""
    write_text(folder / "data" / "examples.jsonl", _lines(prepared.examples))
    write_text(folder / "data" / "rejects.jsonl", _lines(prepared.rejects))
    facts = json.dumps(asdict(prepared.facts), indent=2, ensure_ascii=False)
    write_text(folder / "data_manifest.json", facts + "\n")


def _split(plan: RunPlan) -> tuple[ConceptSplit, tuple[Reject, ...]]:
    """Split the concepts; those that a user's source speaks of cannot count as never seen."""
    recipe = plan.recipe
    split = split_concepts(
        plan.ontology, seen=recipe.data.concepts, held_out=recipe.data.held_out, seed=recipe.seed
    )
    texts = [
        f"{document.question}\n{document.answer}"
        for source in plan.sources
        for document in source.content.documents
    ]
    indexes = {name: LabelIndex.of_concepts(plan.ontology, [name]) for name in split.unseen}
    spoken_of = {name for name, index in indexes.items() if any(index.find(text) for text in texts)}
    rejects = tuple(
        Reject("suite", name, "C12-spoken-of", "a source speaks of this never-seen concept")
        for name in sorted(spoken_of)
    )
    unseen = tuple(name for name in split.unseen if name not in spoken_of)
    return ConceptSplit(split.seen, unseen), rejects


def _build(plan: RunPlan, split: ConceptSplit) -> BuildResult:
    recipe = plan.recipe
    return build_examples(
        plan.ontology,
        split.seen,
        builders=recipe.data.builders,
        field=plan.suite.field,
        seed=recipe.seed,
        forbidden=LabelIndex.of_concepts(plan.ontology, split.unseen),
    )


def _without_overlap(
    plan: RunPlan, built: BuildResult, questions: Questions
) -> tuple[tuple[Example, ...], list[Reject]]:
    """Add the sources' examples and drop every one that gives a question of a suite away."""
    documents = [each for source in plan.sources for each in source.content.documents]
    examples = (*built.examples, *source_examples(documents))
    asked = (*questions.headline, *questions.abstention, *questions.retention)
    slots = [
        text
        for concept in plan.ontology.concepts.values()
        for text in (concept.definition, *(label.text for label in concept.labels))
    ]
    overlaps = check_no_overlap(examples, [probe.prompt for probe in asked], slot_texts=slots)
    dropped = {overlap.example: overlap.rule for overlap in overlaps}
    kept = tuple(example for example in examples if example.id not in dropped)
    origins = _origins(plan, examples)
    rejects = [Reject(origins[where], where, OVERLAP, rule) for where, rule in dropped.items()]
    return kept, rejects


def _ontology_name(plan: RunPlan) -> str:
    return f"ontology {plan.ontology.name} {plan.ontology.version}"


def _origins(plan: RunPlan, examples: Iterable[Example]) -> dict[str, str]:
    """Return what the report calls the source of each example, by the example's id."""
    files = {
        document.id: source.name for source in plan.sources for document in source.content.documents
    }
    return {example.id: files.get(example.id, _ontology_name(plan)) for example in examples}


def _training_plan(
    plan: RunPlan, examples: tuple[Example, ...], encoded: dict[str, EncodedExample]
) -> TrainingPlan:
    recipe = plan.recipe
    train, dev = dev_split(examples, fraction=recipe.data.dev_fraction, seed=recipe.seed)
    if not train:
        raise DataError(
            "DA-DATA-060",
            "Nothing is left to train on.",
            hint="Look at data.builders and data.concepts, or add a source.",
        )
    batches = plan_epochs(
        [len(encoded[example.id].body) for example in train],
        batch_size=recipe.train.batch_size,
        epochs=recipe.train.epochs,
        seed=recipe.seed,
    )
    return TrainingPlan(
        examples=tuple(encoded[example.id] for example in train),
        dev=tuple(encoded[example.id] for example in dev),
        batches=batches,
        config=recipe.train,
        seed=recipe.seed,
    )


def _source_rejects(sources: Iterable[PlannedSource]) -> Iterator[Reject]:
    for source in sources:
        for refusal in source.content.refused:
            yield Reject(source.name, f"line {refusal.line}", refusal.rule, refusal.message)


def _facts(
    plan: RunPlan,
    examples: tuple[Example, ...],
    training: TrainingPlan,
    rejects: tuple[Reject, ...],
    split: ConceptSplit,
) -> DataFacts:
    by_rule: Counter[str] = Counter()
    for reject in rejects:
        by_rule[reject.rule] += reject.count
    everything = (*training.examples, *training.dev)
    taught = Counter(_origins(plan, examples).values())
    refused: Counter[str] = Counter()
    for reject in rejects:
        refused[reject.source] += reject.count
    return DataFacts(
        sources=tuple(
            replace(facts, examples=taught[facts.name], refused=refused[facts.name])
            for facts in (_ontology_source(plan), *map(_file_source, plan.sources))
        ),
        examples_by_builder=dict(sorted(Counter(each.builder for each in examples).items())),
        examples_by_split={"train": len(training.examples), "dev": len(training.dev)},
        refused_by_rule=dict(sorted(by_rule.items())),
        seen_concepts=len(split.seen),
        unseen_concepts=len(split.unseen),
        target_tokens=sum(len(each.body) - each.target_start for each in everything),
    )


def _ontology_source(plan: RunPlan) -> SourceFacts:
    return SourceFacts(
        name=_ontology_name(plan),
        sensitivity="public",
        licence=plan.ontology.licence,
        digest=plan.ontology.digest,
        documents=len(plan.ontology.concepts),
        examples=0,
        refused=0,
    )


def _file_source(source: PlannedSource) -> SourceFacts:
    return SourceFacts(
        name=source.name,
        sensitivity=source.config.sensitivity,
        licence=source.config.licence,
        digest=source.digest,
        documents=len(source.content.documents) + len(source.content.refused),
        examples=0,
        refused=0,
    )


def _lines(rows: Iterable[Any]) -> str:
    return "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
