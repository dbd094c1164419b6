"""The YAML format of an ontology: its head, its branch files and the concepts in them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from domain_adapt.ontology.concept import Concept, Label, LabelType, Scope

Text = Annotated[str, StringConstraints(min_length=1)]
BareId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
Prefix = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]

_HAN = re.compile(r"[\u3400-\u9fff]")


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", str_strip_whitespace=True)


class HeadFile(_Strict):
    """``ontology.yaml``."""

    name: Text = Field(description="short name, as recipes write it")
    title: Text = Field(description="what a person calls it")
    prefix: Prefix = Field(description="what ids begin with: fin gives fin:bond")
    version: Text = Field(description="its own version")
    licence: str = Field(default="", description="SPDX id")


class BranchFile(_Strict):
    """One branch; its concepts are checked one by one, so that all faults are found."""

    branch: Text = Field(description="name of this part of the ontology")
    concepts: tuple[Any, ...] = Field(description="list of concepts")


class ConceptEntry(_Strict):
    """One concept as written."""

    id: BareId = Field(description="name without prefix, in lower_snake_case")
    label: dict[Language, Text] = Field(description="preferred name by language; en is needed")
    abbreviations: tuple[Text, ...] = Field(default=(), description="exact short forms")
    synonyms: tuple[Text, ...] = Field(default=(), description="exact other names")
    related: tuple[Text, ...] = Field(default=(), description="names of something near to it")
    narrow: tuple[Text, ...] = Field(default=(), description="names of something more special")
    broad: tuple[Text, ...] = Field(default=(), description="names of something more general")
    definition: str = Field(description="one English sentence")
    parents: tuple[BareId, ...] = Field(default=(), description="ids of more general concepts")
    source: str = Field(default="", description="where the facts can be checked")


def to_concept(entry: ConceptEntry, *, prefix: str, branch: str) -> Concept:
    """Return the concept of an entry; ids get the ontology's prefix."""
    return Concept(
        id=f"{prefix}:{entry.id}",
        branch=branch,
        labels=_labels(entry),
        definition=entry.definition,
        parents=tuple(f"{prefix}:{parent}" for parent in entry.parents),
        source=entry.source,
    )


def _labels(entry: ConceptEntry) -> tuple[Label, ...]:
    preferred = [
        Label(text, language, Scope.EXACT, LabelType.PREFERRED)
        for language, text in entry.label.items()
    ]
    others = [
        Label(text, _language(text), scope, kind)
        for texts, scope, kind in (
            (entry.abbreviations, Scope.EXACT, LabelType.ABBREVIATION),
            (entry.synonyms, Scope.EXACT, LabelType.SYNONYM),
            (entry.related, Scope.RELATED, LabelType.SYNONYM),
            (entry.narrow, Scope.NARROW, LabelType.SYNONYM),
            (entry.broad, Scope.BROAD, LabelType.SYNONYM),
        )
        for text in texts
    ]
    return (*preferred, *others)


def _language(text: str) -> str:
    """Return ``zh`` for a name in Chinese characters, else ``en``; lists carry no language."""
    return "zh" if _HAN.search(text) else "en"
