"""The concepts and rules of a YAML file, each checked by itself so that all faults are found."""

from __future__ import annotations

from collections.abc import Sequence

from domain_adapt.config.problems import Problem
from domain_adapt.config.schema import check
from domain_adapt.config.yaml_text import YamlText
from domain_adapt.ontology.checks import check_entry
from domain_adapt.ontology.draft import Draft, Placed
from domain_adapt.ontology.source import (
    BranchFile,
    ConceptEntry,
    HeadFile,
    RuleEntry,
    to_concept,
    to_predicate,
    to_rule,
)

_NO_PREFIX = "unknown"  # where the head is faulty, so that the concepts are checked all the same


def new_draft(head: HeadFile | None, problems: Sequence[Problem]) -> Draft:
    """Return an empty draft with what the head says, if it could be read."""
    if head is None:
        return Draft(prefix=_NO_PREFIX, problems=list(problems))
    predicates = tuple(to_predicate(each, prefix=head.prefix) for each in head.predicates)
    return Draft(prefix=head.prefix, problems=list(problems), predicates=predicates)


def read_entries(draft: Draft, branch: BranchFile, file: YamlText) -> None:
    """Add the sources, concepts and rules of a file to a draft, and what is wrong with them."""
    draft.sources.extend(branch.sources)
    for index, entry in enumerate(branch.concepts):
        _read_concept(draft, entry, file=file, index=index, branch=branch.branch)
    for index, entry in enumerate(branch.rules):
        _read_rule(draft, entry, file=file, index=index)


def _read_concept(draft: Draft, raw: object, *, file: YamlText, index: int, branch: str) -> None:
    entry, problems = check(
        ConceptEntry, raw, place=lambda path: file.place(("concepts", index, *path)), area="ONTO"
    )
    draft.problems.extend(problems)
    if entry is None:
        if isinstance(raw, dict):
            draft.ids.add(f"{draft.prefix}:{raw.get('id')}")
        return
    concept = to_concept(entry, prefix=draft.prefix, branch=branch)
    placed = Placed(concept, file, "concepts", index)
    check_entry(draft, placed, entry)
    draft.concepts.append(placed)
    draft.ids.add(concept.id)


def _read_rule(draft: Draft, raw: object, *, file: YamlText, index: int) -> None:
    entry, problems = check(
        RuleEntry, raw, place=lambda path: file.place(("rules", index, *path)), area="ONTO"
    )
    draft.problems.extend(problems)
    if entry is not None:
        rule = to_rule(entry, prefix=draft.prefix)
        draft.rules.append(Placed(rule, file, "rules", index))
