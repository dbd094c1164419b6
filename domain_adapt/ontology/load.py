"""Reading an ontology from its folder of YAML files, every fault told at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from domain_adapt.base.assets import assets_root
from domain_adapt.base.errors import DataError, UsageError
from domain_adapt.base.suggest import did_you_mean
from domain_adapt.config.problems import Problem, summary
from domain_adapt.config.schema import check, show
from domain_adapt.config.yaml_text import YamlText, read_yaml
from domain_adapt.ontology.concept import Concept, Label, LabelType, Scope
from domain_adapt.ontology.ontology import Head, Ontology, build_ontology, find_cycles
from domain_adapt.ontology.source import BranchFile, ConceptEntry, HeadFile, to_concept

HEAD_FILE = "ontology.yaml"
_NO_PREFIX = "unknown"  # where the head is faulty, so that the concepts are checked all the same


@dataclass(frozen=True, slots=True)
class _Placed:
    """A concept and where it was written."""

    concept: Concept
    file: YamlText
    index: int

    def place(self, *path: str | int) -> str:
        return self.file.place(("concepts", self.index, *path))


@dataclass(slots=True)
class _Draft:
    """An ontology under construction.

    ``ids`` holds the ids of faulty entries too: a parent that exists but has a typing error
    is not a missing parent.
    """

    prefix: str
    placed: list[_Placed] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def report(self, number: int, place: str, message: str) -> None:
        self.problems.append(Problem(f"DA-ONTO-{number:03}", place, message))


def load_ontology(name_or_path: str) -> Ontology:
    """Load and check an ontology.

    Args:
        name_or_path: Name of a bundled ontology, or path of a folder with ``ontology.yaml``
            and branch files.

    Raises:
        UsageError: There is no such ontology.
        DataError: Anything in it breaks a rule; the message lists all of it.
    """
    folder = find_ontology(name_or_path)
    head, problems = _read_head(folder)
    draft = _Draft(prefix=head.prefix if head else _NO_PREFIX, problems=problems)
    for path in sorted(folder.glob("*.yaml")):
        if path.name != HEAD_FILE:
            _read_branch(draft, path)
    _check_whole(draft, folder)
    if draft.problems or head is None:
        raise DataError(
            draft.problems[0].code,
            summary(draft.problems, subject=f"the ontology '{name_or_path}'"),
            hint="Correct this and run the same command again.",
        )
    return build_ontology(Head(**head.model_dump()), (each.concept for each in draft.placed))


def ontology_names() -> tuple[str, ...]:
    """Return the names of the bundled ontologies, sorted."""
    found = (assets_root() / "ontologies").glob(f"*/{HEAD_FILE}")
    return tuple(sorted(path.parent.name for path in found))


def find_ontology(name_or_path: str) -> Path:
    """Return the folder of a bundled ontology's name or of a path.

    Raises:
        UsageError: There is no such ontology or folder.
    """
    if "/" in name_or_path or "\\" in name_or_path or name_or_path in (".", ".."):
        folder = Path(name_or_path).expanduser()
        if folder.is_dir():
            return folder
        raise UsageError(
            "DA-ONTO-021",
            f"There is no folder '{name_or_path}'.",
            hint="Name the folder that holds the ontology's ontology.yaml.",
        )
    if name_or_path in ontology_names():
        return assets_root() / "ontologies" / name_or_path
    raise UsageError(
        "DA-ONTO-020",
        f"There is no ontology '{name_or_path}'.",
        hint=f"{did_you_mean(name_or_path, ontology_names())} A folder of your own is written "
        f"with a slash: ./{name_or_path}",
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


def _read_branch(draft: _Draft, path: Path) -> None:
    file = read_yaml(path, area="ONTO")
    draft.problems.extend(file.problems)
    if not file.readable:
        return
    branch, problems = check(BranchFile, file.value, place=file.place, area="ONTO")
    draft.problems.extend(problems)
    for index, entry in enumerate(branch.concepts if branch else ()):
        _read_concept(draft, entry, file=file, index=index, branch=branch.branch if branch else "")


def _read_concept(draft: _Draft, raw: object, *, file: YamlText, index: int, branch: str) -> None:
    entry, problems = check(
        ConceptEntry, raw, place=lambda path: file.place(("concepts", index, *path)), area="ONTO"
    )
    draft.problems.extend(problems)
    if entry is None:
        if isinstance(raw, dict):
            draft.ids.add(f"{draft.prefix}:{raw.get('id')}")
        return
    placed = _Placed(to_concept(entry, prefix=draft.prefix, branch=branch), file, index)
    _check_entry(draft, placed, entry)
    draft.placed.append(placed)
    draft.ids.add(placed.concept.id)


def _check_entry(draft: _Draft, placed: _Placed, entry: ConceptEntry) -> None:
    if "en" not in entry.label:
        known = ", ".join(entry.label) or "none"
        message = f"'{entry.id}' has no label.en (labels: {known}); every concept needs one."
        draft.report(13, placed.place("label"), message)
    if not entry.definition:
        message = f"'{entry.id}' has an empty definition; expected one sentence."
        draft.report(18, placed.place("definition"), message)


def _check_whole(draft: _Draft, folder: Path) -> None:
    """Check what only shows over all files: ids, parents, cycles, labels, emptiness."""
    _check_ids(draft)
    _check_parents(draft)
    _check_cycles(draft)
    _check_labels(draft)
    if not draft.ids and not draft.problems:
        message = f"no concept in any *.yaml beside it in '{folder}'; expected at least one."
        draft.report(19, HEAD_FILE, message)


def _check_ids(draft: _Draft) -> None:
    """Report ids that are there twice; only the first goes on, its labels would all clash."""
    first: dict[str, _Placed] = {}
    for placed in draft.placed:
        earlier = first.setdefault(placed.concept.id, placed)
        if earlier is not placed:
            message = f"the id '{placed.concept.id}' is taken by {earlier.place('id')}."
            draft.report(14, placed.place("id"), message)
    draft.placed = list(first.values())


def _check_parents(draft: _Draft) -> None:
    for placed in draft.placed:
        for number, parent in enumerate(placed.concept.parents):
            if parent not in draft.ids:
                bare = {known.partition(":")[2] for known in draft.ids}
                name = parent.partition(":")[2]
                message = f"'{placed.concept.id}' has the parent '{name}', which does not exist. "
                message += did_you_mean(name, bare) if len(bare) < 50 else _nearest(name, bare)
                draft.report(15, placed.place("parents", number), message)


def _nearest(name: str, known: set[str]) -> str:
    # a list of hundreds of ids helps nobody
    text = did_you_mean(name, known)
    return text if text.startswith("Did you mean") else "No id is near to it."


def _check_cycles(draft: _Draft) -> None:
    places = {placed.concept.id: placed.place("parents") for placed in draft.placed}
    parents = {placed.concept.id: placed.concept.parents for placed in draft.placed}
    for cycle in find_cycles(parents):
        message = f"parents go round: {' → '.join(cycle)}; expected no concept above itself."
        draft.report(16, places[cycle[0]], message)


def _check_labels(draft: _Draft) -> None:
    first: dict[tuple[str, str, bool], _Placed] = {}
    for placed in draft.placed:
        for label in _exact_labels(placed.concept):
            abbreviation = label.type is LabelType.ABBREVIATION
            text = label.text if abbreviation else label.text.casefold()
            key = (label.language, text, abbreviation)
            if key not in first:
                first[key] = placed
                continue
            message = f"'{placed.concept.id}' has the label {show(label.text)}, which "
            message += _whose(first[key], placed)
            draft.report(17, placed.place(*_label_path(placed, label)), message)


def _exact_labels(concept: Concept) -> Iterator[Label]:
    return (label for label in concept.labels if label.scope is Scope.EXACT)


def _whose(first: _Placed, second: _Placed) -> str:
    if first is second:
        return "it has already; write each name once."
    return (
        f"is also exact for '{first.concept.id}' ({first.place()}); expected one meaning: "
        "make it 'related', 'narrow' or 'broad' in one of them."
    )


def _label_path(placed: _Placed, label: Label) -> tuple[str, str] | tuple[str]:
    if label.type is LabelType.PREFERRED:
        return ("label", label.language)
    return ("abbreviations" if label.type is LabelType.ABBREVIATION else "synonyms",)
