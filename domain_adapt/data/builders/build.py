"""From concepts to training examples: facts, checks, wording."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain_adapt.base.errors import ConfigError
from domain_adapt.base.records import Example
from domain_adapt.base.suggest import did_you_mean
from domain_adapt.data.builders.abstention import abstention_facts
from domain_adapt.data.builders.acronym import acronym_facts
from domain_adapt.data.builders.definition import definition_facts
from domain_adapt.data.builders.facts import Builder, Fact
from domain_adapt.data.builders.hypernym import hypernym_facts
from domain_adapt.data.builders.synonym import synonym_facts
from domain_adapt.data.leaks import LabelIndex
from domain_adapt.data.phrasings import bundled_directions, choose_phrasings
from domain_adapt.ontology.ontology import Ontology

BUILDERS: Mapping[str, Builder] = {
    "acronym.v1": acronym_facts,
    "definition.v1": definition_facts,
    "hypernym.v1": hypernym_facts,
    "synonym.v1": synonym_facts,
    "abstention.v1": abstention_facts,
}
"""What a recipe may name. A builder that changes its output gets a new version beside the old."""

CONTRADICTION = "C9-contradiction"
HELD_OUT = "C12-held-out"
SAME_TEXT = "C13-same-text"


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What was built and what was not.

    Attributes:
        examples: In the order of builders, concepts and phrasings.
        refused: How many examples (or, for rules about facts, examples that the fact would have
            given) each rule refused.
    """

    examples: tuple[Example, ...]
    refused: Mapping[str, int]


def build_examples(
    ontology: Ontology,
    concept_ids: Sequence[str],
    *,
    builders: Mapping[str, int],
    field: str,
    seed: int,
    forbidden: LabelIndex,
) -> BuildResult:
    """Build the training examples of some concepts.

    Args:
        ontology: Where the concepts come from.
        concept_ids: What to teach.
        builders: Phrasings a fact by builder name; 0 leaves a builder out.
        field: The pack's word for its field, such as ``finance``.
        seed: Decides which phrasings and which invented terms.
        forbidden: Labels that no prompt and no answer may contain: those of held-out concepts.

    Raises:
        ConfigError: Unknown builder (``DA-DATA-020``), or a number of phrasings that there is
            not (``DA-DATA-021``, ``DA-DATA-022``).
    """
    _check_builders(builders)
    refused: Counter[str] = Counter()
    examples: dict[tuple[str, str], Example] = {}
    for name, count in builders.items():
        for fact in _usable_facts(BUILDERS[name](ontology, concept_ids, seed=seed), count, refused):
            for example in _worded(fact, name, count, field=field, seed=seed):
                if forbidden.find(example.prompt) or forbidden.find(example.answer):
                    refused[HELD_OUT] += 1
                elif (example.prompt, example.answer) in examples:
                    refused[SAME_TEXT] += 1
                else:
                    examples[example.prompt, example.answer] = example
    return BuildResult(tuple(examples.values()), dict(sorted(refused.items())))


def fact_of(example: Example) -> str:
    """Return the id of the fact that an example puts into words; its own id for other sources."""
    return example.id.rpartition("/")[0] or example.id


def _check_builders(builders: Mapping[str, int]) -> None:
    for name, count in builders.items():
        if name not in BUILDERS:
            raise ConfigError(
                "DA-DATA-020",
                f"There is no builder '{name}'.",
                hint=did_you_mean(name, BUILDERS),
            )
        if count < 0:
            raise ConfigError(
                "DA-DATA-022",
                f"Builder '{name}' is asked for {count} phrasings a fact.",
                hint="Give 0 (leave it out) or more.",
            )


def _usable_facts(facts: Iterable[Fact], count: int, refused: Counter[str]) -> Iterator[Fact]:
    """Yield the facts that contradict no other and that their builder did not refuse."""
    known = list(dict.fromkeys(facts))
    answers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for fact in known:
        answers[fact.direction, fact.given].add(fact.wanted)
    for fact in known:
        contradicted = len(answers[fact.direction, fact.given]) > 1
        rule = CONTRADICTION if contradicted else fact.refused
        if rule is None:
            yield fact
        else:
            refused[rule] += count


def _worded(fact: Fact, builder: str, count: int, *, field: str, seed: int) -> Iterator[Example]:
    direction = bundled_directions()[fact.direction]
    fact_id = "/".join((builder, fact.concept or "none", fact.direction, _key(fact)))
    slots = {direction.given: fact.given, "field": field}
    if direction.wanted:
        slots[direction.wanted] = fact.wanted
    for phrasing in choose_phrasings(direction, count, fact=fact_id, seed=seed):
        yield Example(
            id=f"{fact_id}/{phrasing.id}",
            builder=builder,
            concept=fact.concept,
            prompt=phrasing.prompt.format(**slots),
            answer=phrasing.answer.format(**slots),
        )


def _key(fact: Fact) -> str:
    """Return what tells facts of one concept and direction apart."""
    return "definition" if fact.direction == "definition_to_term" else fact.given
