"""Concepts and rules as lines of JSON: what digests are taken of and compiled files hold.

Written by hand, string by string: an ontology of 100,000 concepts is written in a quarter of the
time that the encoder of lists takes, and once for both uses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from enum import StrEnum
from json.encoder import encode_basestring as _text
from typing import Any, TypeVar

from domain_adapt.ontology import concept as model
from domain_adapt.ontology.concept import Concept, Kind, Label, LabelType, Scope, Status
from domain_adapt.ontology.rules import Bound, Comparison, Rule, RuleKind, Severity

Member = TypeVar("Member", bound=StrEnum)


def _members(kind: type[Member]) -> dict[str, Member]:
    # calling an enum takes five times as long as looking its member up
    return {member.value: member for member in kind}


_SCOPES, _LABEL_TYPES = _members(Scope), _members(LabelType)
_KINDS, _STATUSES = _members(Kind), _members(Status)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def pack(concept: Concept) -> str:
    """Return a concept's content as one line of JSON, without the file that it came from."""
    labels = [
        f"[{_text(x.text)},{_text(x.language)},{_text(x.scope)},{_text(x.type)}]"
        for x in concept.labels
    ]
    quantities = (
        _encode([[x.unit, x.plausible, x.reference, x.note] for x in concept.quantities])
        if concept.quantities
        else "[]"
    )
    relations = _pairs(concept.relations) if concept.relations else ""
    disjoint = _texts(concept.disjoint_with) if concept.disjoint_with else ""
    mappings = _pairs(concept.mappings) if concept.mappings else ""
    return (
        f"[{_text(concept.id)},{_text(concept.branch)},[{','.join(labels)}],"
        f"{_text(concept.definition)},[{_texts(concept.parents)}],{_text(concept.source)},"
        f"{_text(concept.kind)},[{relations}],[{disjoint}],{quantities},[{mappings}],"
        f"{_text(concept.status)},{_text(concept.replaced_by)}]"
    )


def pack_in_order(concept: Concept, packed: str) -> str:
    """Return the line of a concept whose parents and disjoint concepts are put in order.

    Args:
        concept: The concept.
        packed: Its line as it is; returned where they are in order already.
    """
    parents, disjoint = tuple(sorted(concept.parents)), tuple(sorted(concept.disjoint_with))
    if parents == concept.parents and disjoint == concept.disjoint_with:
        return packed
    return pack(replace(concept, parents=parents, disjoint_with=disjoint))


def unpack(line: bytes, origin: str) -> Concept:
    """Return the concept of a line.

    Raises:
        ValueError: The line is not one that :func:`pack` wrote (so do KeyError and TypeError).
    """
    values: list[Any] = json.loads(line)
    name, branch, labels, definition, parents, source, kind, relations, disjoint, *rest = values
    quantities, mappings, status, replaced_by = rest
    return Concept(
        name,
        branch,
        tuple([Label(t, n, _SCOPES[s], _LABEL_TYPES[k]) for t, n, s, k in labels]),
        definition,
        tuple(parents),
        source,
        _KINDS[kind],
        tuple([model.Relation(*each) for each in relations]),
        tuple(disjoint),
        tuple([_quantity(*each) for each in quantities]),
        tuple([model.Mapping(*each) for each in mappings]),
        _STATUSES[status],
        replaced_by,
        origin,
    )


def pack_rule(rule: Rule) -> str:
    """Return a rule as one line of JSON."""
    bounds = _encode([asdict(bound) for bound in rule.bounds]) if rule.bounds else "[]"
    statement = _encode(dict(sorted(rule.statement.items()))) if rule.statement else "{}"
    return (
        f"[{_text(rule.id)},{_text(rule.kind)},{_text(rule.subject)},{_text(rule.object)},"
        f"{bounds},{_text(rule.severity)},{statement},{_text(rule.source)}]"
    )


def unpack_rule(line: bytes) -> Rule:
    """Return the rule of a line."""
    name, kind, subject, target, bounds, severity, statement, source = json.loads(line)
    return Rule(
        name,
        RuleKind(kind),
        subject,
        target,
        tuple([_bound(each) for each in bounds]),
        Severity(severity),
        statement,
        source,
    )


def _bound(values: Mapping[str, Any]) -> Bound:
    comparison = Comparison(values["comparison"])
    return Bound(values["concept"], comparison, values["value"], values["unit"])


def _quantity(
    unit: str, plausible: list[float], reference: list[float | None], note: str
) -> model.Quantity:
    (low, high), (below, above) = plausible, reference
    return model.Quantity(unit, (low, high), (below, above), note)


def _texts(values: Iterable[str]) -> str:
    return ",".join(map(_text, values))


def _pairs(values: Iterable[model.Relation | model.Mapping]) -> str:
    return ",".join([f"[{_text(x.predicate)},{_text(x.target)}]" for x in values])
