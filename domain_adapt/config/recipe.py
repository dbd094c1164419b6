"""The recipe: every knob of a run, typed, bounded and described."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

Name = Annotated[str, StringConstraints(min_length=1)]
BuilderName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.v[1-9][0-9]*$")]
Phrasings = Annotated[int, Field(ge=0, le=50)]


class Section(BaseModel):
    """A part of a recipe: strict types, no change after loading, no unknown keys."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


class ModelConfig(Section):
    """The base model."""

    base: Name = Field(
        default="smollm2-135m-instruct",
        description="what is adapted: a built-in name, a folder, a GGUF file or a Hub id",
    )
    revision: Name | None = Field(
        default=None, description="pins a Hub id to one commit; null for everything else"
    )
    dtype: Literal["auto", "bf16", "fp32"] = Field(
        default="auto", description="number format: auto takes bf16 where the machine is fast at it"
    )
    system_prompt: str | None = Field(
        default=None, description="the system turn; null leaves the chat template's own"
    )


class SourceConfig(Section):
    """One file of the user's own text."""

    path: Name = Field(
        description="JSONL of question and answer, or of text; bundled:… lies beside the recipes"
    )
    sensitivity: Literal["public", "private"] = Field(
        description="private text is only learned under a privacy budget"
    )
    licence: Name = Field(default="unknown", description="licence of the text, as SPDX id")
    unit: Name | None = Field(
        default=None, description="column that names the person or client a row belongs to"
    )
    redistributable: bool = Field(
        default=False, description="whether reports may show rows of it to others"
    )


class DataConfig(Section):
    """What is trained on."""

    builders: dict[BuilderName, Phrasings] = Field(
        min_length=1,
        description="builder to phrasings per example: more phrasings, longer training; 0 is off",
    )
    concepts: int | None = Field(
        default=None, ge=1, le=1_000_000, description="concepts to train on; null takes all"
    )
    held_out: int = Field(
        ge=0, le=1_000_000, description="concepts never trained on, to see what else has moved"
    )
    dev_fraction: float = Field(
        gt=0, le=0.5, description="share of examples kept back to decide when to stop"
    )
    sources: tuple[SourceConfig, ...] = Field(
        default=(), description="further text of your own to learn from"
    )
    refusal_limit: float = Field(
        default=0.05, ge=0, le=1, description="stop when a larger share of examples is refused"
    )


class AdapterConfig(Section):
    """The small set of weights that is trained."""

    method: Literal["lora"] = Field(description="how the base model is adapted")
    rank: int = Field(ge=1, le=512, description="capacity: higher remembers more, costs more")
    alpha: float = Field(
        gt=0, le=4096, description="strength: the update is scaled by alpha divided by rank"
    )
    dropout: float = Field(ge=0, lt=1, description="share of adapter inputs dropped in training")
    target_modules: Literal["auto"] | Annotated[tuple[Name, ...], Field(min_length=1)] = Field(
        default="auto", description="layers that get an adapter: auto takes every linear one"
    )
    interpolation: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="share of the trained update that is kept: less knows a little less of the "
        "new and forgets less of the old",
    )


class TrainConfig(Section):
    """How it is trained."""

    epochs: float = Field(gt=0, le=1000, description="passes over the examples")
    batch_size: int = Field(ge=1, le=65_536, description="examples per optimiser step")
    micro_tokens: int = Field(
        ge=1, le=10_000_000, description="tokens computed at once: memory, never the result"
    )
    learning_rate: float = Field(gt=0, le=1, description="size of a step at its highest")
    warmup: float = Field(ge=0, lt=1, description="share of all steps in which the rate rises")
    schedule: Literal["cosine", "linear", "constant"] = Field(
        description="how the rate falls after the warm-up"
    )
    weight_decay: float = Field(ge=0, le=1, description="pull of the adapter towards zero")
    max_gradient_norm: float = Field(gt=0, le=1e6, description="longer gradients are cut to this")
    check_every: int = Field(ge=1, le=1_000_000, description="steps between checks of dev loss")
    patience: int = Field(
        default=3, ge=1, le=1000, description="stop after so many checks without improvement"
    )
    checkpoint_every: int = Field(
        ge=1, le=1_000_000, description="steps between checkpoints to resume from"
    )


class EvaluationConfig(Section):
    """What is measured before and after."""

    suite: Name = Field(default="finance/terms", description="suite of questions about terms")
    probes: int = Field(
        ge=1, le=1_000_000, description="questions about terms: more, narrower intervals"
    )
    retention: Name = Field(
        default="general/everyday", description="suite of questions nothing should change on"
    )
    retention_items: int = Field(ge=1, le=1_000_000, description="questions of it that are asked")
    generated: int = Field(ge=0, le=1_000_000, description="questions answered in free text")
    bootstrap: int = Field(
        default=2000, ge=100, le=1_000_000, description="resamples behind each interval"
    )
    permutations: int = Field(
        default=10_000, ge=100, le=10_000_000, description="permutations behind the p value"
    )


class GatesConfig(Section):
    """What a run must reach; shares from 0 to 1, so 0.05 is five points."""

    term_delta: float = Field(
        ge=-1, le=1, description="lower bound of the gain on terms must exceed this"
    )
    p_value: float = Field(gt=0, le=1, description="p value of that gain must be below this")
    seen_accuracy: float = Field(
        ge=0, le=1, description="accuracy on trained concepts must reach this"
    )
    unseen_delta: float = Field(
        ge=-1, le=1, description="lower bound of the change on never-seen concepts"
    )
    retention_delta: float = Field(
        ge=-1, le=1, description="lower bound of the change on general knowledge"
    )
    enforced: bool = Field(description="whether a missed gate fails the run (exit 6)")


class Recipe(Section):
    """One run, completely described."""

    pack: Name = Field(description="field of work whose builders and suites are used")
    title: Name = Field(description="what the report is headed with")
    description: str = Field(default="", description="one sentence for lists of recipes")
    seed: int = Field(ge=0, le=2**32 - 1, description="all chance comes from this number")
    ontology: Name = Field(description="bundled ontology, or folder of your own")
    model: ModelConfig = Field(default_factory=ModelConfig, description="the base model")
    data: DataConfig = Field(description="what is trained on")
    adapter: AdapterConfig = Field(description="the small set of weights that is trained")
    train: TrainConfig = Field(description="how it is trained")
    evaluation: EvaluationConfig = Field(description="what is measured before and after")
    gates: GatesConfig = Field(description="what a run must reach")

    @model_validator(mode="after")
    def _p_value_can_be_reached(self) -> Recipe:
        # a permutation test cannot report less than 1 / (permutations + 1)
        smallest = 1 / (self.evaluation.permutations + 1)
        if smallest >= self.gates.p_value:
            raise PydanticCustomError(
                "rule",
                "'gates.p_value' is {bar}, which {permutations} permutations cannot reach; "
                "expected more than {smallest}, or more 'evaluation.permutations'",
                {
                    "key": "gates.p_value",
                    "bar": self.gates.p_value,
                    "permutations": self.evaluation.permutations,
                    "smallest": f"{smallest:.2g}",
                },
            )
        return self
