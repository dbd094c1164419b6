"""OBO 1.2 and 1.4 (Human Phenotype Ontology, Disease Ontology, Symptom Ontology, …).

The format: https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html. Terms become
classes, instances individuals, typedefs predicates. ``intersection_of`` gives its genus as a
parent and its differentia as relations: both follow from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain_adapt.base.memory import collection_paused
from domain_adapt.ontology.importers.importer import Imported, Options
from domain_adapt.ontology.importers.obo_frames import Frames
from domain_adapt.ontology.importers.obo_lines import HEADER, read_stanzas
from domain_adapt.ontology.importers.text import malformed


@dataclass(frozen=True, slots=True)
class OboImporter:
    """Reads OBO files; several that share terms (slims) are merged term by term."""

    format: str = "obo"
    suffixes: tuple[str, ...] = (".obo",)

    def configured(self, options: Options) -> OboImporter:
        """Return the importer: the format leaves nothing open."""
        return self

    def recognises(self, path: Path, beginning: bytes) -> bool:
        """Say whether the file looks like OBO: a version line, or a stanza."""
        return b"format-version:" in beginning or b"[Term]" in beginning

    def read(self, paths: Sequence[Path]) -> Imported:
        """Read files as one ontology.

        Raises:
            DataError: A line, stanza or value is malformed, or a file has no term.
        """
        with collection_paused():
            frames = Frames()
            for path in paths:
                _read_file(frames, path)
            return frames.imported()


def _read_file(frames: Frames, path: Path) -> None:
    before = frames.stanzas
    for stanza in read_stanzas(path):
        if stanza.kind == HEADER:
            frames.header(stanza)
        else:
            frames.add(stanza)
    if frames.stanzas == before:
        raise malformed("DA-ONTO-055", path.name, 1, "no [Term] in the file; expected an ontology.")


IMPORTER = OboImporter()
