"""``definition.v1``: terms and their definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain_adapt.data.builders.facts import Fact
from domain_adapt.data.leaks import LabelIndex
from domain_adapt.ontology.ontology import Ontology

NAMES_TERM = "C8-names-term"


def definition_facts(
    ontology: Ontology, concept_ids: Sequence[str], *, seed: int
) -> Iterator[Fact]:
    """Yield term → definition and definition → term.

    The second is refused where the definition contains the term or a name of it: the answer
    could be copied from the question.
    """
    del seed
    for concept_id in concept_ids:
        concept = ontology.concepts[concept_id]
        if not concept.definition:
            continue
        name = concept.preferred()
        own_names = LabelIndex.of_concepts(ontology, [concept_id])
        refused = NAMES_TERM if own_names.find(concept.definition) else None
        yield Fact(concept_id, "term_to_definition", name, concept.definition)
        yield Fact(concept_id, "definition_to_term", concept.definition, name, refused)
