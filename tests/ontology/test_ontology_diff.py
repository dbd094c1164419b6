"""Diff: nothing between equals; every change that is planted is told, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.ontology.concept import (
    Concept,
    Kind,
    Label,
    LabelType,
    Mapping,
    Quantity,
    Relation,
    Scope,
    Status,
)
from domain_adapt.ontology.diff import Change, ChangeKind, diff
from domain_adapt.ontology.load import load_ontology
from domain_adapt.ontology.ontology import Head, Ontology, build_ontology
from domain_adapt.ontology.rules import Predicate, Rule, RuleKind

HEAD = Head(name="toy", title="Toy", prefix="t", version="1", licence="CC0-1.0")
IDS = [f"t:{number}" for number in range(6)]


def concept(identifier: str) -> Concept:
    return Concept(
        id=identifier,
        branch="b",
        labels=(
            Label(f"name {identifier}", "en", Scope.EXACT, LabelType.PREFERRED),
            Label(f"名 {identifier}", "zh", Scope.EXACT, LabelType.PREFERRED),
            Label("short", "en", Scope.EXACT, LabelType.ABBREVIATION),
        ),
        definition="What it is.",
        parents=("t:0",) if identifier != "t:0" else (),
        source="S",
    )


BASE = {each: concept(each) for each in IDS}
RULES = tuple(
    Rule(f"t:r{n}", RuleKind.FORBIDDEN, "t:1", f"t:{n}", statement={"en": f"No {n}."})
    for n in range(2, 5)
)
OLD = build_ontology(HEAD, BASE.values(), RULES)

Edit = Callable[[Concept], Concept]


def relabel(kind: LabelType, language: str, text: str) -> Edit:
    def edit(each: Concept) -> Concept:
        labels = [
            replace(x, text=text) if (x.type, x.language) == (kind, language) else x
            for x in each.labels
        ]
        return replace(each, labels=tuple(labels))

    return edit


EDITS: dict[str, tuple[ChangeKind, Edit]] = {
    "preferred label": (ChangeKind.RENAMED, relabel(LabelType.PREFERRED, "zh", "新名")),
    "names": (ChangeKind.RELABELLED, relabel(LabelType.ABBREVIATION, "en", "SHT")),
    "definition": (ChangeKind.REDEFINED, lambda x: replace(x, definition="Another.")),
    "parents": (ChangeKind.MOVED, lambda x: replace(x, parents=("t:9",))),
    "status": (ChangeKind.DEPRECATED, lambda x: replace(x, status=Status.DEPRECATED)),
    "replaced_by": (ChangeKind.CHANGED, lambda x: replace(x, replaced_by="t:9")),
    "branch": (ChangeKind.CHANGED, lambda x: replace(x, branch="c")),
    "kind": (ChangeKind.CHANGED, lambda x: replace(x, kind=Kind.INDIVIDUAL)),
    "source": (ChangeKind.CHANGED, lambda x: replace(x, source="")),
    "relations": (ChangeKind.CHANGED, lambda x: replace(x, relations=(Relation("p", "t:9"),))),
    "disjoint_with": (ChangeKind.CHANGED, lambda x: replace(x, disjoint_with=("t:9",))),
    "quantities": (ChangeKind.CHANGED, lambda x: replace(x, quantities=(Quantity("g", (1, 2)),))),
    "mappings": (ChangeKind.CHANGED, lambda x: replace(x, mappings=(Mapping("m", "X:1"),))),
}


def changes(new: Ontology, old: Ontology = OLD) -> set[tuple[ChangeKind, str, str]]:
    found = diff(old, new)
    keys = {(each.kind, each.id, each.field) for each in found}
    assert len(keys) == len(found)
    return keys


@given(
    edits=st.dictionaries(st.sampled_from(IDS), st.sets(st.sampled_from(sorted(EDITS)))),
    removed=st.sets(st.sampled_from(IDS)),
    added=st.sets(st.sampled_from(["t:9", "t:a"])),
    rule_edits=st.dictionaries(
        st.sampled_from(range(len(RULES))),
        st.sampled_from(["removed", "source", "object", "statement"]),
    ),
)
def test_every_planted_change_is_told_and_nothing_else(
    edits: dict[str, set[str]],
    removed: set[str],
    added: set[str],
    rule_edits: dict[int, str],
) -> None:
    expected: set[tuple[ChangeKind, str, str]] = set()
    concepts = {**BASE, **{each: concept(each) for each in added}}
    for identifier in added:
        expected.add((ChangeKind.ADDED, identifier, "concept"))
    for identifier in removed:
        del concepts[identifier]
        expected.add((ChangeKind.REMOVED, identifier, "concept"))
    for identifier, fields in edits.items():
        for field in fields if identifier in concepts else ():
            kind, edit = EDITS[field]
            concepts[identifier] = edit(concepts[identifier])
            expected.add((kind, identifier, field))
    rules = list(RULES)
    for number, field in rule_edits.items():
        rule = RULES[number]
        rules.remove(rule)
        if field == "removed":
            expected.add((ChangeKind.RULE_REMOVED, rule.id, "rule"))
            continue
        value = {"en": "New."} if field == "statement" else "new"
        rules.append(replace(rule, **{field: value}))
        expected.add((ChangeKind.RULE_CHANGED, rule.id, field))
    new = build_ontology(HEAD, concepts.values(), rules)
    assert changes(new) == expected
    # backwards the same places change; and what is equal has the same digest
    assert {(x.id, x.field) for x in diff(new, OLD)} == {(x[1], x[2]) for x in expected}
    assert (new.digest == OLD.digest) == (not expected)


def test_nothing_between_equals() -> None:
    assert diff(OLD, OLD) == ()
    assert diff(OLD, build_ontology(HEAD, reversed(list(BASE.values())), reversed(RULES))) == ()
    finance = load_ontology("finance")
    assert diff(finance, finance) == ()


def test_order_and_origin_mean_nothing() -> None:
    turned = replace(BASE["t:1"], labels=BASE["t:1"].labels[::-1], origin="elsewhere.obo")
    assert diff(OLD, build_ontology(HEAD, [*(BASE | {"t:1": turned}).values()], RULES)) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", "2"),
        ("licence", "MIT"),
        ("title", "New"),
        ("sources", ("Book",)),
        ("predicates", (Predicate("p"),)),
    ],
)
def test_head(field: str, value: object) -> None:
    new = build_ontology(replace(HEAD, **{field: value}), BASE.values(), RULES)  # type: ignore[arg-type]
    assert changes(new) == {(ChangeKind.HEAD_CHANGED, "", field)}


def test_changes_say_what_was_and_what_is() -> None:
    kind, edit = EDITS["names"]
    new = build_ontology(HEAD, (BASE | {"t:1": edit(BASE["t:1"])}).values(), RULES)
    assert diff(OLD, new) == (
        Change(
            kind,
            "t:1",
            "name t:1",
            "names",
            ("short (en, exact abbreviation)",),
            ("SHT (en, exact abbreviation)",),
        ),
    )


def test_same_name_in_another_scope_is_relabelled() -> None:
    labels = (*BASE["t:1"].labels[:2], replace(BASE["t:1"].labels[2], scope=Scope.BROAD))
    new = build_ontology(
        HEAD, (BASE | {"t:1": replace(BASE["t:1"], labels=labels)}).values(), RULES
    )
    (change,) = diff(OLD, new)
    assert (change.kind, change.new) == (ChangeKind.RELABELLED, ("short (en, broad abbreviation)",))


def test_restored_and_rule_added() -> None:
    gone = build_ontology(
        HEAD, (BASE | {"t:1": replace(BASE["t:1"], status=Status.DEPRECATED)}).values(), RULES[1:]
    )
    assert changes(OLD, gone) == {
        (ChangeKind.RESTORED, "t:1", "status"),
        (ChangeKind.RULE_ADDED, "t:r2", "rule"),
    }
