"""``synonym.v1``: other names of the same thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain_adapt.data.builders.facts import Fact
from domain_adapt.ontology.concept import LabelType
from domain_adapt.ontology.ontology import Ontology


def synonym_facts(ontology: Ontology, concept_ids: Sequence[str], *, seed: int) -> Iterator[Fact]:
    """Yield every EXACT synonym → preferred label, and the first one back again.

    Other scopes are left out: a narrower or related label is not another name.
    """
    del seed
    for concept_id in concept_ids:
        concept = ontology.concepts[concept_id]
        name, synonyms = concept.preferred(), concept.names(LabelType.SYNONYM)
        for synonym in synonyms:
            yield Fact(concept_id, "synonym_to_term", synonym, name)
        for synonym in synonyms[:1]:
            yield Fact(concept_id, "term_to_synonym", name, synonym)
