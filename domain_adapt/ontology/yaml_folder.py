"""Reading an ontology from its folder of YAML files, every fault told at once."""

from __future__ import annotations

from pathlib import Path

from domain_adapt.base.errors import DataError
from domain_adapt.config.problems import Problem, summary
from domain_adapt.config.schema import check
from domain_adapt.config.yaml_text import read_yaml
from domain_adapt.ontology.checks import check_whole
from domain_adapt.ontology.draft import Draft
from domain_adapt.ontology.ontology import Head, Ontology, build_ontology
from domain_adapt.ontology.source import BranchFile, HeadFile
from domain_adapt.ontology.yaml_entries import new_draft, read_entries

HEAD_FILE = "ontology.yaml"


def load_folder(folder: Path) -> Ontology:
    """Load and check the ontology of a folder with ``ontology.yaml`` and branch files.

    Raises:
        DataError: Anything in it breaks a rule; the message lists all of it.
    """
    head, problems = _read_head(folder)
    draft = new_draft(head, problems)
    for path in sorted(folder.glob("*.yaml")):
        if path.name != HEAD_FILE:
            _read_branch(draft, path)
    check_whole(draft, folder)
    if draft.problems or head is None:
        raise DataError(
            draft.problems[0].code,
            summary(draft.problems, subject=f"the ontology '{folder}'"),
            hint="Correct this and run the same command again.",
        )
    return build_ontology(
        _head(head, draft),
        (placed.item for placed in draft.concepts),
        (placed.item for placed in draft.rules),
    )


def _read_head(folder: Path) -> tuple[HeadFile | None, list[Problem]]:
    path = folder / HEAD_FILE
    if not path.is_file():
        message = "is missing; expected name, title, prefix, version and licence in it."
        return None, [Problem("DA-ONTO-022", HEAD_FILE, message)]
    file = read_yaml(path, area="ONTO")
    if not file.readable:
        return None, list(file.problems)
    head, problems = check(HeadFile, file.value, place=file.place, area="ONTO")
    return head, [*file.problems, *problems]


def _head(file: HeadFile, draft: Draft) -> Head:
    return Head(
        name=file.name,
        title=file.title,
        prefix=file.prefix,
        version=file.version,
        licence=file.licence,
        sources=tuple(sorted(set(draft.sources))),
        predicates=draft.predicates,
    )


def _read_branch(draft: Draft, path: Path) -> None:
    file = read_yaml(path, area="ONTO")
    draft.problems.extend(file.problems)
    if not file.readable:
        return
    branch, problems = check(BranchFile, file.value, place=file.place, area="ONTO")
    draft.problems.extend(problems)
    if branch is None:
        return
    if not {"concepts", "rules"} & branch.model_fields_set:
        draft.report(12, file.place(()), "'concepts' is missing, and 'rules' too.")
    read_entries(draft, branch, file)
