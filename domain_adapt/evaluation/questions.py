"""Everything that one model is asked in a run, and its answers on disk."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from domain_adapt.base.errors import UsageError
from domain_adapt.base.files import write_text
from domain_adapt.base.hashing import digest_json
from domain_adapt.base.records import Outcome, Probe
from domain_adapt.data.draw import rank
from domain_adapt.data.split import ConceptSplit
from domain_adapt.evaluation.items import read_items
from domain_adapt.evaluation.probes import build_abstention_probes, build_probes
from domain_adapt.evaluation.suite import GeneratedSuite, ItemsSuite, LoadedSuite, Scoring
from domain_adapt.ontology.ontology import Ontology


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked.

    Attributes:
        headline: Probes about terms.
        abstention: Invented and real terms (P12).
        free: Probes to be answered in free text.
        retention: General knowledge.
        scoring: How the choices of terms are scored.
        retention_scoring: How those of general knowledge are.
        max_new_tokens: Where a free answer is cut off.
    """

    headline: tuple[Probe, ...]
    abstention: tuple[Probe, ...]
    free: tuple[Probe, ...]
    retention: tuple[Probe, ...]
    scoring: Scoring
    retention_scoring: Scoring
    max_new_tokens: int

    def digest(self) -> str:
        """Return the identity of everything that is asked."""
        return digest_json(asdict(self))

    def __len__(self) -> int:
        """How many answers are wanted."""
        return sum(map(len, (self.headline, self.abstention, self.free, self.retention)))


@dataclass(frozen=True, slots=True)
class Answers:
    """One model's outcomes, in the order of the questions."""

    headline: tuple[Outcome, ...]
    abstention: tuple[Outcome, ...]
    free: tuple[Outcome, ...]
    retention: tuple[Outcome, ...]


def choose_questions(
    suite: GeneratedSuite,
    retention: LoadedSuite,
    ontology: Ontology,
    split: ConceptSplit,
    *,
    probes: int,
    retention_items: int,
    generated: int,
) -> Questions:
    """Choose what is asked: the same for the same inputs, and for both models.

    Args:
        suite: About terms.
        retention: About general knowledge; a suite of items.
        ontology: Where probes come from.
        split: Which concepts are trained on.
        probes: How many about terms.
        retention_items: How many about general knowledge, at most.
        generated: How many are asked again in free text, at most.
    """
    headline = build_probes(suite, ontology, split, count=probes)
    open_probes = [probe for probe in headline if probe.family == suite.generation.family]
    open_probes.sort(key=lambda probe: rank(suite.seed, "free", probe.id))
    free = [replace(probe, id=f"free:{probe.id}") for probe in open_probes[:generated]]
    general = sorted(
        suite_items(retention), key=lambda probe: rank(suite.seed, "retention", probe.id)
    )
    return Questions(
        headline=headline,
        abstention=build_abstention_probes(suite, ontology, split, headline=len(headline)),
        free=tuple(free),
        retention=tuple(general[:retention_items]),
        scoring=suite.scoring,
        retention_scoring=retention.suite.scoring,
        max_new_tokens=suite.generation.max_new_tokens,
    )


def suite_items(loaded: LoadedSuite) -> tuple[Probe, ...]:
    """Return the probes of a suite that lists them."""
    if not isinstance(loaded.suite, ItemsSuite):
        raise UsageError(
            "DA-EVAL-008",
            f"Suite '{loaded.suite.name}' is generated from an ontology and lists no items.",
            hint="Name a suite of items, such as general/everyday, or a JSONL file.",
        )
    return read_items(loaded.path.parent / loaded.suite.items)


def write_answers(path: Path, answers: Answers) -> None:
    """Write one JSON line an outcome."""
    lines = [
        json.dumps({"part": part, **asdict(outcome)}, ensure_ascii=False)
        for part in Answers.__slots__
        for outcome in getattr(answers, part)
    ]
    write_text(path, "\n".join(lines) + "\n")


def read_answers(path: Path, questions: Questions) -> Answers | None:
    """Read what ``write_answers`` wrote for the same questions; None where there is nothing.

    A file that does not hold exactly the answers to these questions counts as nothing: asking
    again is right, and cheap beside trusting it.
    """
    parts: dict[str, list[Outcome]] = {part: [] for part in Answers.__slots__}
    try:
        # not splitlines(): an answer may hold line breaks of Unicode as they are
        for line in filter(None, path.read_text(encoding="utf-8").split("\n")):
            row = json.loads(line)
            part = row.pop("part")
            parts[part].append(Outcome(**row | {"scores": tuple(row["scores"])}))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    for part, outcomes in parts.items():
        asked = [probe.id for probe in getattr(questions, part)]
        if asked != [outcome.probe for outcome in outcomes]:
            return None
    return Answers(**{part: tuple(outcomes) for part, outcomes in parts.items()})
