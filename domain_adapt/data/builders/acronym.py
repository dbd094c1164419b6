"""``acronym.v1``: abbreviations and what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain_adapt.data.builders.facts import Fact
from domain_adapt.ontology.concept import LabelType
from domain_adapt.ontology.ontology import Ontology


def acronym_facts(ontology: Ontology, concept_ids: Sequence[str], *, seed: int) -> Iterator[Fact]:
    """Yield every EXACT abbreviation → preferred label, and the first one back again.

    Only the first abbreviation is taught as the answer: two would contradict each other.
    """
    del seed
    for concept_id in concept_ids:
        concept = ontology.concepts[concept_id]
        name, abbreviations = concept.preferred(), concept.names(LabelType.ABBREVIATION)
        for abbreviation in abbreviations:
            yield Fact(concept_id, "abbreviation_to_expansion", abbreviation, name)
        for abbreviation in abbreviations[:1]:
            yield Fact(concept_id, "expansion_to_abbreviation", name, abbreviation)
