"""``hypernym.v1``: what kind of thing a term is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain_adapt.data.builders.facts import Fact
from domain_adapt.ontology.ontology import Ontology


def hypernym_facts(ontology: Ontology, concept_ids: Sequence[str], *, seed: int) -> Iterator[Fact]:
    """Yield term → label of its first parent; two parents would be two answers to one question."""
    del seed
    for concept_id in concept_ids:
        concept = ontology.concepts[concept_id]
        for parent in concept.parents[:1]:
            wanted = ontology.concepts[parent].preferred()
            yield Fact(concept_id, "term_to_parent", concept.preferred(), wanted)
