"""Cards and summaries: what is around a concept, and what is in an ontology."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.errors import UsageError
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
from domain_adapt.ontology.ontology import Head, Ontology, build_ontology
from domain_adapt.ontology.rules import Bound, Comparison, Predicate, Rule, RuleKind
from domain_adapt.ontology.show import (
    MOST_PATHS,
    Link,
    Name,
    Reference,
    find_concept,
    make_card,
    summarise,
)

HEAD = Head(
    name="toy",
    title="Toy",
    prefix="t",
    version="1.2",
    licence="CC0-1.0",
    sources=("Book",),
    predicates=(Predicate("treats", {"en": "treats", "zh": "治疗"}),),
)


def concept(name: str, *parents: str, labels: tuple[Label, ...] = ()) -> Concept:
    preferred = Label(name, "en", Scope.EXACT, LabelType.PREFERRED)
    return Concept(
        f"t:{name}", "b", (preferred, *labels), "", tuple(f"t:{each}" for each in parents), "S"
    )


def label(text: str, kind: LabelType, *, scope: Scope = Scope.EXACT, zh: bool = False) -> Label:
    return Label(text, "zh" if zh else "en", scope, kind)


GLUCOSE = Quantity("mmol/L", (1.0, 50.0), (3.9, 5.6), "fasting")
CONCEPTS = (
    concept("thing"),
    concept("drug", "thing"),
    concept("ill", "thing", labels=(label("AML", LabelType.ABBREVIATION),)),
    replace(
        concept(
            "metformin",
            "drug",
            labels=(
                label("glucophage", LabelType.BRAND),
                label("MET", LabelType.ABBREVIATION),
                label("biguanide", LabelType.SYNONYM, scope=Scope.BROAD),
                label("二甲双胍", LabelType.PREFERRED, zh=True),
            ),
        ),
        relations=(Relation("treats", "t:ill"), Relation("part_of", "x:elsewhere")),
        mappings=(Mapping("skos:exactMatch", "ATC:A10"), Mapping("skos:exactMatch", "ATC:A11")),
        quantities=(GLUCOSE,),
    ),
    replace(concept("aspirin", "drug"), disjoint_with=("t:metformin",)),
    concept("slow metformin", "metformin"),
    replace(
        concept("old", "drug", labels=(label("AML", LabelType.ABBREVIATION),)),
        status=Status.DEPRECATED,
        replaced_by="t:metformin",
    ),
)
RULES = (
    Rule("t:r1", RuleKind.CAUTION, "t:metformin", "t:ill", statement={"en": "Watch it."}),
    Rule("t:r2", RuleKind.CONDUCT, "t:drug", statement={"en": "Ask first."}),
    Rule(
        "t:r3",
        RuleKind.THRESHOLD,
        "t:ill",
        bounds=(Bound("t:metformin", Comparison.ABOVE, 1.0, "g/L"),),
        statement={"zh": "超标"},
    ),
)
ONTOLOGY = build_ontology(HEAD, CONCEPTS, RULES)


def ref(name: str) -> Reference:
    return Reference(f"t:{name}", name)


def test_card_shows_all_around_a_concept() -> None:
    card = make_card(ONTOLOGY, "t:metformin")
    assert card.label == "metformin"
    assert card.names == {
        "en": (
            Name("metformin", Scope.EXACT, LabelType.PREFERRED),
            Name("MET", Scope.EXACT, LabelType.ABBREVIATION),
            Name("glucophage", Scope.EXACT, LabelType.BRAND),
            Name("biguanide", Scope.BROAD, LabelType.SYNONYM),
        ),
        "zh": (Name("二甲双胍", Scope.EXACT, LabelType.PREFERRED),),
    }
    assert card.paths == ((ref("thing"), ref("drug")),)
    assert not card.more_paths
    assert card.children == (ref("slow metformin"),)
    assert card.siblings == (ref("aspirin"), ref("old"))
    elsewhere = Reference("x:elsewhere", "x:elsewhere")
    assert card.relations == (Link("treats", ref("ill")), Link("part of", elsewhere))
    assert make_card(ONTOLOGY, "t:ill").related_from == (Link("treats", ref("metformin")),)
    assert card.disjoint_with == (ref("aspirin"),)
    assert [rule.id for rule in card.rules] == ["t:r1", "t:r3"]
    assert [rule.id for rule in card.inherited_rules] == ["t:r2"]
    assert card.replaced_by is None
    assert make_card(ONTOLOGY, "t:old").replaced_by == ref("metformin")


def test_disjointness_is_inherited() -> None:
    assert make_card(ONTOLOGY, "t:slow metformin").disjoint_with == (ref("aspirin"),)


def ladder(rungs: int) -> Ontology:
    """Two concepts a level, each under both above: twice as many ways each level."""
    found = [concept("0a"), concept("0b")]
    for level in range(1, rungs):
        found += [concept(f"{level}{x}", f"{level - 1}a", f"{level - 1}b") for x in "ab"]
    return build_ontology(HEAD, found)


def test_ways_up_are_cut_even_where_there_are_millions() -> None:
    card = make_card(ladder(60), "t:59a")
    assert (len(card.paths), card.more_paths) == (MOST_PATHS, True)
    assert all(len(path) == 59 for path in card.paths)


def test_short_ways_first_and_cycles_do_not_hold_up() -> None:
    found = [
        concept("root"),
        concept("mid", "root"),
        concept("leaf", "mid", "root", "absent"),
        concept("a", "b", "root"),
        concept("b", "a"),
        concept("lone", "lone2"),
        concept("lone2", "lone"),
    ]
    ontology = build_ontology(HEAD, found)
    card = make_card(ontology, "t:leaf")
    assert card.paths == ((ref("root"),), (ref("root"), ref("mid")))
    assert make_card(ontology, "t:b").paths == ((ref("root"), ref("a")),)
    assert make_card(ontology, "t:lone").paths == ()


@given(st.lists(st.sets(st.integers(0, 7), max_size=3), min_size=1, max_size=8))
def test_paths_are_all_ways_to_a_root_shortest_first(above: list[set[int]]) -> None:
    parents = {n: sorted(p for p in row if p < n) for n, row in enumerate(above)}
    ontology = build_ontology(HEAD, [concept(str(n), *map(str, row)) for n, row in parents.items()])

    def ways(n: int) -> list[tuple[str, ...]]:
        return [(*way, str(p)) for p in parents[n] for way in (ways(p) or [()])]

    last = len(above) - 1
    every = ways(last)
    card = make_card(ontology, f"t:{last}")
    found = [tuple(each.label for each in path) for path in card.paths]
    assert len(set(found)) == len(found) == min(len(every), MOST_PATHS)
    assert set(found) <= set(every)
    assert card.more_paths == (len(every) > MOST_PATHS)
    assert [len(way) for way in found] == sorted(len(way) for way in every)[:MOST_PATHS]


def test_summary_counts() -> None:
    summary = summarise(ONTOLOGY)
    assert (summary.concepts, summary.deprecated, summary.roots, summary.depth) == (7, 1, 1, 3)
    assert summary.languages == {"en": 12, "zh": 1}
    assert summary.label_types == {
        "preferred": 8,
        "abbreviation": 3,
        "brand": 1,
        "synonym": 1,
    }
    assert summary.scopes == {"exact": 12, "broad": 1}
    assert summary.relations == {"treats": 1, "part_of": 1}
    assert summary.rules == {"caution": 1, "conduct": 1, "threshold": 1}
    assert summary.mappings == {"ATC": 2}
    assert (summary.sources, summary.branches, summary.definitions) == (("Book",), {"b": 7}, 0)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("t:metformin", "metformin"),
        ("T:METFORMIN", "metformin"),
        ("Slow-Metformin", "slow metformin"),
        ("二甲双胍", "metformin"),
        ("MET", "metformin"),
        ("met", "metformin"),
        ("Glucophage", "metformin"),
        ("AML", "ill"),  # the other one is deprecated
    ],
)
def test_concept_by_id_name_or_abbreviation(text: str, name: str) -> None:
    assert find_concept(ONTOLOGY, text) == f"t:{name}"


def test_concept_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="no concept 'metformine'") as raised:
        find_concept(ONTOLOGY, "metformine")
    assert raised.value.code == "DA-ONTO-063"
    assert "'metformin' (t:metformin)" in raised.value.hint
    with pytest.raises(UsageError) as raised:
        find_concept(ONTOLOGY, "qqqqqq")
    assert "ontology search" in raised.value.hint


def test_name_that_several_concepts_have() -> None:
    twin = concept("ill2", labels=(label("AML", LabelType.ABBREVIATION),))
    ontology = build_ontology(HEAD, [*CONCEPTS, twin])
    with pytest.raises(UsageError, match=r"t:ill \(ill\), t:ill2 \(ill2\)") as raised:
        find_concept(ontology, "AML")
    assert raised.value.code == "DA-ONTO-064"


def test_preferred_label_goes_before_anothers_synonym() -> None:
    twin = concept("other", labels=(label("metformin", LabelType.SYNONYM),))
    ontology = build_ontology(HEAD, [*CONCEPTS[:3], CONCEPTS[3], twin])
    assert find_concept(ontology, "metformin") == "t:metformin"
