"""The YAML format of an ontology: its head, its branch files and the concepts in them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from domain_adapt.ontology.concept import (
    Concept,
    Label,
    LabelType,
    Mapping,
    Quantity,
    Relation,
    Scope,
    Status,
)
from domain_adapt.ontology.rules import Bound, Comparison, Predicate, Rule, RuleKind, Severity

Text = Annotated[str, StringConstraints(min_length=1)]
BareId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
Prefix = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Curie = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*:\S+$")]
Number = int | float

_HAN = re.compile(r"[\u3400-\u9fff]")


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", str_strip_whitespace=True)


class PredicateEntry(_Strict):
    """A relation that concepts of this ontology may state."""

    id: BareId = Field(description="name, as relations write it")
    label: dict[Language, Text] = Field(default={}, description="what a person calls it")
    domain: tuple[BareId, ...] = Field(default=(), description="the subject is one of these")
    range: tuple[BareId, ...] = Field(default=(), description="the target is one of these")


class HeadFile(_Strict):
    """``ontology.yaml``."""

    name: Text = Field(description="short name, as recipes write it")
    title: Text = Field(description="what a person calls it")
    prefix: Prefix = Field(description="what ids begin with: fin gives fin:bond")
    version: Text = Field(description="its own version")
    licence: str = Field(default="", description="SPDX id")
    predicates: tuple[PredicateEntry, ...] = Field(default=(), description="relations")


class BranchFile(_Strict):
    """One branch; its entries are checked one by one, so that all faults are found."""

    branch: Text = Field(description="name of this part of the ontology")
    sources: tuple[Text, ...] = Field(default=(), description="what its facts were checked against")
    concepts: tuple[Any, ...] = Field(default=(), description="list of concepts")
    rules: tuple[Any, ...] = Field(default=(), description="list of rules")


class QuantityEntry(_Strict):
    """What values a measured concept takes in one unit."""

    unit: Text = Field(description="as written in practice")
    plausible: tuple[Number, Number] = Field(description="lowest and highest value without a slip")
    reference: tuple[Number | None, Number | None] = Field(
        default=(None, None), description="what is called normal"
    )
    note: str = Field(default="", description="whom or what the reference is for")

    @model_validator(mode="after")
    def _in_order(self) -> QuantityEntry:
        low, high = self.plausible
        if not low < high:
            raise ValueError(f"plausible [{low}, {high}] must rise")
        inside = [value for value in self.reference if value is not None]
        if inside != sorted(inside) or any(not low <= value <= high for value in inside):
            raise ValueError(f"reference {inside} must rise and lie within {[low, high]}")
        return self


class ConceptEntry(_Strict):
    """One concept as written."""

    id: BareId = Field(description="name without prefix, in lower_snake_case")
    label: dict[Language, Text] = Field(description="preferred name by language; en is needed")
    abbreviations: tuple[Text, ...] = Field(default=(), description="exact short forms")
    synonyms: tuple[Text, ...] = Field(default=(), description="exact other names")
    spellings: tuple[Text, ...] = Field(default=(), description="exact names, spelled otherwise")
    plurals: tuple[Text, ...] = Field(default=(), description="plurals that no rule would find")
    layperson: tuple[Text, ...] = Field(default=(), description="exact names in everyday words")
    brands: tuple[Text, ...] = Field(default=(), description="exact trade names")
    codes: tuple[Text, ...] = Field(default=(), description="exact codes that texts use as names")
    related: tuple[Text, ...] = Field(default=(), description="names of something near to it")
    narrow: tuple[Text, ...] = Field(default=(), description="names of something more special")
    broad: tuple[Text, ...] = Field(default=(), description="names of something more general")
    definition: str = Field(description="one English sentence")
    parents: tuple[BareId, ...] = Field(default=(), description="ids of more general concepts")
    source: str = Field(default="", description="where the facts can be checked")
    relations: dict[BareId, tuple[BareId, ...]] = Field(
        default={}, description="predicate to ids of concepts"
    )
    disjoint_with: tuple[BareId, ...] = Field(
        default=(), description="ids of what nothing can be at the same time"
    )
    quantities: tuple[QuantityEntry, ...] = Field(default=(), description="units and ranges")
    mappings: tuple[Curie, ...] = Field(default=(), description="the same concept elsewhere")
    deprecated: bool = Field(default=False, description="no longer in use")
    replaced_by: BareId | None = Field(default=None, description="what to use instead")


class WhenEntry(_Strict):
    """A bound: one of ``below``, ``at_most``, ``at_least`` and ``above``."""

    concept: BareId = Field(description="what is measured")
    below: Number | None = None
    at_most: Number | None = None
    at_least: Number | None = None
    above: Number | None = None
    unit: Text = Field(description="unit of the value")

    @model_validator(mode="after")
    def _one_or_two(self) -> WhenEntry:
        count = sum(value is not None for value in self._values().values())
        if count not in {1, 2}:
            raise ValueError(f"expected one or two of {', '.join(self._values())}; got {count}")
        return self

    def _values(self) -> dict[str, Number | None]:
        return {each: getattr(self, each) for each in ("below", "at_most", "at_least", "above")}

    def bounds(self, prefix: str) -> tuple[Bound, ...]:
        """Return the bounds; two where a value must lie between."""
        return tuple(
            Bound(f"{prefix}:{self.concept}", Comparison(name), float(value), self.unit)
            for name, value in self._values().items()
            if value is not None
        )


class RuleEntry(_Strict):
    """One rule as written."""

    id: BareId = Field(description="name without prefix")
    kind: RuleKind = Field(strict=False, description="what the rule says of its subject")
    subject: BareId = Field(description="id of the concept it is about")
    object: BareId | None = Field(default=None, description="id of the other concept")
    when: WhenEntry | tuple[WhenEntry, ...] = Field(default=(), description="bounds; all must hold")
    severity: Severity = Field(default=Severity.ABSOLUTE, strict=False)
    statement: dict[Language, Text] = Field(description="the rule as a sentence")
    source: Text = Field(description="where it can be checked")

    @model_validator(mode="after")
    def _judges(self) -> RuleEntry:
        if self.object is None and not self.when and self.kind is not RuleKind.CONDUCT:
            raise ValueError("expected an object or a when: the rule would judge nothing")
        return self


def to_rule(entry: RuleEntry, *, prefix: str) -> Rule:
    """Return the rule of an entry; ids get the ontology's prefix."""
    entries = (entry.when,) if isinstance(entry.when, WhenEntry) else entry.when
    return Rule(
        id=f"{prefix}:{entry.id}",
        kind=entry.kind,
        subject=f"{prefix}:{entry.subject}",
        object=f"{prefix}:{entry.object}" if entry.object else "",
        bounds=tuple(bound for each in entries for bound in each.bounds(prefix)),
        severity=entry.severity,
        statement=entry.statement,
        source=entry.source,
    )


def to_predicate(entry: PredicateEntry, *, prefix: str) -> Predicate:
    """Return the predicate of an entry."""
    return Predicate(
        id=entry.id,
        label=entry.label,
        domain=tuple(f"{prefix}:{each}" for each in entry.domain),
        range=tuple(f"{prefix}:{each}" for each in entry.range),
    )


def to_concept(entry: ConceptEntry, *, prefix: str, branch: str) -> Concept:
    """Return the concept of an entry; ids get the ontology's prefix."""
    return Concept(
        id=f"{prefix}:{entry.id}",
        branch=branch,
        labels=_labels(entry),
        definition=entry.definition,
        parents=tuple(f"{prefix}:{parent}" for parent in entry.parents),
        source=entry.source,
        relations=tuple(
            Relation(predicate, f"{prefix}:{target}")
            for predicate, targets in entry.relations.items()
            for target in targets
        ),
        disjoint_with=tuple(f"{prefix}:{other}" for other in entry.disjoint_with),
        quantities=tuple(_quantity(each) for each in entry.quantities),
        mappings=tuple(Mapping("skos:exactMatch", target) for target in entry.mappings),
        status=Status.DEPRECATED if entry.deprecated else Status.ACTIVE,
        replaced_by=f"{prefix}:{entry.replaced_by}" if entry.replaced_by else "",
    )


def _quantity(entry: QuantityEntry) -> Quantity:
    low, high = entry.plausible
    below, above = entry.reference
    return Quantity(
        entry.unit,
        (float(low), float(high)),
        (None if below is None else float(below), None if above is None else float(above)),
        entry.note,
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
            (entry.spellings, Scope.EXACT, LabelType.SPELLING),
            (entry.plurals, Scope.EXACT, LabelType.PLURAL),
            (entry.layperson, Scope.EXACT, LabelType.LAYPERSON),
            (entry.brands, Scope.EXACT, LabelType.BRAND),
            (entry.codes, Scope.EXACT, LabelType.CODE),
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
