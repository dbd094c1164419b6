"""The record of one run: everything the report shows, and nothing it does not know.

``report.json`` is this record; ``report.html`` and the model card are rendered from it alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain_adapt.evaluation.estimates import Comparison, Estimate

SCHEMA = "domain-adapt.run-record.v1"
"""Value of ``RunRecord.schema``; a reader of another version refuses rather than guesses."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The base model and the adapter on it."""

    name: str
    digest: str
    licence: str
    architecture: str
    parameters: int
    trainable: int
    dtype: str
    method: str
    adapted_modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OntologyFacts:
    """The ontology that was taught."""

    name: str
    version: str
    licence: str
    digest: str
    concepts: int
    labels: int


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source of training text: the ontology's own concepts, or a user's file."""

    name: str
    sensitivity: str
    licence: str
    digest: str
    documents: int
    examples: int
    refused: int


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What was trained on, and what was refused and why."""

    sources: tuple[SourceFacts, ...]
    examples_by_builder: dict[str, int]
    examples_by_split: dict[str, int]
    refused_by_rule: dict[str, int]
    seen_concepts: int
    unseen_concepts: int
    target_tokens: int


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Training at one step; ``dev_loss`` only where it was measured. Losses in nats a token."""

    step: int
    train_loss: float
    dev_loss: float | None
    learning_rate: float
    gradient_norm: float


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """How training went."""

    steps: int
    planned_steps: int
    epochs: float
    stopped_early: bool
    best_step: int
    tokens: int
    tokens_per_second: float
    hyperparameters: dict[str, str | bool | int | float]
    curve: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class ShownProbe:
    """One probe with both answers, for the reader's own eyes."""

    family: str
    concept: str
    split: str
    prompt: str
    right: str
    base_answer: str
    adapted_answer: str


@dataclass(frozen=True, slots=True)
class EvaluationFacts:
    """Terms before and after.

    Attributes:
        families: Family code (``P1``) to its comparison; the headline pools those of them
            listed in ``headline_families``.
        family_titles: Family code to what a person calls it.
        matrix: Family code to split (``seen``, ``unseen``) to comparison.
        generation: Split (``seen``, ``unseen``) to free answers (greedy), right where a clause of
            them ends with one of the concept's names; empty where none were asked for.
        abstention: Share of invented terms on which the model says that it does not know them.
        false_abstention: Share of real terms on which it says so, wrongly.
        fixed: Probes that were wrong before and are right after.
        broken: Probes that were right before and are wrong after.
    """

    suite: str
    suite_version: str
    suite_digest: str
    headline_families: tuple[str, ...]
    headline: Comparison
    seen: Comparison
    unseen: Comparison
    families: dict[str, Comparison]
    family_titles: dict[str, str]
    matrix: dict[str, dict[str, Comparison]]
    generation: dict[str, Comparison]
    abstention: Comparison | None
    false_abstention: Comparison | None
    fixed: tuple[ShownProbe, ...]
    broken: tuple[ShownProbe, ...]


@dataclass(frozen=True, slots=True)
class RetentionFacts:
    """General knowledge before and after."""

    suite: str
    suite_digest: str
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class GateFacts:
    """One promise of the recipe and whether the measurement keeps it.

    Attributes:
        direction: ``at_least`` or ``at_most``: on which side of ``bar`` a value holds.
        unit: How ``value`` and ``bar`` are shown: ``points`` (a difference of shares),
            ``percent`` (a share), ``p`` (a p value), or empty for the plain number.
    """

    name: str
    title: str
    value: float
    bar: float
    direction: str
    holds: bool
    unit: str = ""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file of the version folder."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """All facts of one run.

    Attributes:
        schema: Version of this record's shape.
        created: UTC time, ISO 8601 to the second.
        privacy: None: no private source was used, so there is nothing to account for.
        environment: Name to version or fact (python, torch, cpu, dtype …).
        seconds: Stage to wall-clock seconds.
        overrides: The ``key=value`` arguments of the command, for whoever runs it again.
    """

    schema: str
    version: str
    pack: str
    title: str
    preset: str
    created: str
    model: ModelFacts
    ontology: OntologyFacts
    data: DataFacts
    training: TrainingFacts
    evaluation: EvaluationFacts
    retention: RetentionFacts
    privacy: None
    gates: tuple[GateFacts, ...]
    gates_enforced: bool
    files: tuple[FileFacts, ...]
    environment: dict[str, str]
    seconds: dict[str, float]
    overrides: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every gate holds."""
        return all(gate.holds for gate in self.gates)


__all__ = ["SCHEMA", "Comparison", "Estimate", "RunRecord"]
