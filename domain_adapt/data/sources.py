"""From a user's records to training examples."""

from __future__ import annotations

from collections.abc import Iterable

from domain_adapt.base.records import Example, SourceDocument

SOURCE_BUILDER = "source.v1"


def source_examples(documents: Iterable[SourceDocument]) -> tuple[Example, ...]:
    """Return the examples of a user's records: their words, unchanged, no concept attached."""
    return tuple(
        Example(
            id=document.id,
            builder=SOURCE_BUILDER,
            concept=None,
            prompt=document.question,
            answer=document.answer,
        )
        for document in documents
    )
