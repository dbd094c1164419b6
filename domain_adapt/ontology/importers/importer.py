"""What a reader of an ontology format promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from domain_adapt.ontology.concept import Concept, Scope
from domain_adapt.ontology.rules import Predicate, Rule


@dataclass(frozen=True, slots=True)
class Imported:
    """What one format's files say, before it becomes an ontology.

    Attributes:
        concepts: Unique ids; parents may lie outside of the files.
        rules: What the format states about use together (ICD-10-CM's Excludes notes).
        predicates: Relations with their domain and range, where declared.
        title: What the files call themselves; empty where they do not say.
        version: The same.
        licence: SPDX id where the files state one that has one, else their own words.
    """

    concepts: tuple[Concept, ...]
    rules: tuple[Rule, ...] = ()
    predicates: tuple[Predicate, ...] = ()
    title: str = ""
    version: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """What a format's files leave open and the user decides.

    Attributes:
        alt_label: How close SKOS' other names are: RELATED unless the user knows better.
        columns: Heading of a table to the column that it stands for, ``-`` to leave it out.
    """

    alt_label: Scope = Scope.RELATED
    columns: Mapping[str, str] = field(default_factory=dict)


class Importer(Protocol):
    """One format.

    Attributes:
        format: Its name, such as ``obo``.
        suffixes: File endings that it may have, with the dot, in lower case.
    """

    format: str
    suffixes: tuple[str, ...]

    def configured(self, options: Options) -> Importer:
        """Return the importer with those of the options that concern its format."""

    def recognises(self, path: Path, beginning: bytes) -> bool:
        """Say whether a file with one of the suffixes is in this format, by its first 4 KiB."""

    def read(self, paths: Sequence[Path]) -> Imported:
        """Read all files of this format as one ontology.

        Raises:
            DataError: A file is malformed; the message has file, line and reason. Nothing of the
                others is kept either.
        """
