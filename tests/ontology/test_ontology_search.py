"""Search: exact before prefix before words before near misses, in English and Chinese."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.ontology.concept import Concept, Label, LabelType, Scope, Status
from domain_adapt.ontology.ontology import Head, Ontology, build_ontology
from domain_adapt.ontology.search import Match, SearchIndex, build_search, search_key

ABBREVIATION = LabelType.ABBREVIATION
HEAD = Head(name="toy", title="Toy", prefix="t", version="1", licence="CC0-1.0")


def concept(name: str, *labels: tuple[str, LabelType], zh: str = "", gone: bool = False) -> Concept:
    found = [Label(name, "en", Scope.EXACT, LabelType.PREFERRED)]
    found += [Label(text, "en", Scope.EXACT, kind) for text, kind in labels]
    if zh:
        found.append(Label(zh, "zh", Scope.EXACT, LabelType.PREFERRED))
    return Concept(
        id=f"t:{name.lower().replace(' ', '_')}",
        branch="b",
        labels=tuple(found),
        definition="",
        parents=(),
        source="",
        status=Status.DEPRECATED if gone else Status.ACTIVE,
    )


ONTOLOGY: Ontology = build_ontology(
    HEAD,
    [
        concept("credit default swap", ("CDS", LabelType.ABBREVIATION), zh="信用违约互换"),
        concept(
            "loan credit default swap", ("LCDS", LabelType.ABBREVIATION), zh="贷款信用违约互换"
        ),
        concept("hypertension", ("high blood pressure", LabelType.LAYPERSON), zh="高血压"),
        concept("pulmonary hypertension", ("PH", LabelType.ABBREVIATION), zh="肺动脉高压"),
        concept("diabetes mellitus", ("DM", LabelType.ABBREVIATION), zh="糖尿病"),
        concept("diabetes insipidus", ("DI", LabelType.ABBREVIATION), zh="尿崩症"),
        concept("type 2 diabetes mellitus", ("T2DM", LabelType.ABBREVIATION), zh="2型糖尿病"),
        concept("anti-money laundering", ("AML", LabelType.ABBREVIATION), zh="反洗钱"),
        concept("acute myeloid leukemia", ("AML", LabelType.ABBREVIATION)),
        concept("aids to navigation", ("buoys", LabelType.SYNONYM)),
        concept("immune deficiency", ("AIDS", LabelType.ABBREVIATION)),
        concept("aids", gone=True),
    ],
)


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return build_search(ONTOLOGY)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("hypertention", "hypertension"),
        ("hypertenison", "hypertension"),
        ("hi blood presure", "hypertension"),
        ("credt defualt swap", "credit default swap"),
        ("credit-default  SWAP", "credit default swap"),
        ("diabetis melitus", "diabetes mellitus"),
        ("mellitus type 2", "type 2 diabetes mellitus"),
        ("anti money laundring", "anti-money laundering"),
        ("信用违约护换", "credit default swap"),
        ("信用违互换", "credit default swap"),
        ("糖料病", "diabetes mellitus"),
        ("反冼钱", "anti-money laundering"),
        ("ＣＤＳ", "credit default swap"),
        ("t:hypertension", "hypertension"),
        ("DIABETES_INSIPIDUS", "diabetes insipidus"),
    ],
)
def test_finds_first_what_was_meant(index: SearchIndex, query: str, name: str) -> None:
    assert index.search(query)[0].preferred == name


def test_exact_before_prefix_before_words(index: SearchIndex) -> None:
    hits = index.search("hypertension")
    assert [(hit.preferred, hit.match) for hit in hits] == [
        ("hypertension", Match.ID),
        ("pulmonary hypertension", Match.WORDS),
    ]
    hits = index.search("diabetes m")
    assert (hits[0].label, hits[0].match) == ("diabetes mellitus", Match.PREFIX)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_abbreviations_by_case(index: SearchIndex) -> None:
    upper, lower = index.search("AIDS"), index.search("aids")
    assert (upper[0].preferred, upper[0].score) == ("immune deficiency", 1.0)
    by_name = {hit.preferred: hit.score for hit in lower}
    assert by_name["immune deficiency"] == 0.95
    assert by_name["aids to navigation"] < 0.95
    assert [hit.score for hit in index.search("AML")] == [1.0, 1.0]


def test_abbreviations_are_never_near_misses(index: SearchIndex) -> None:
    assert index.search("DN") == ()
    assert all(hit.type is not LabelType.ABBREVIATION for hit in index.search("LCDX", limit=20))


def test_deprecated_concepts_come_later_and_say_so(index: SearchIndex) -> None:
    gone = next(hit for hit in index.search("aids") if hit.concept == "t:aids")
    assert gone.deprecated
    assert gone.score == 0.9


def test_chinese_query_is_answered_with_both_names(index: SearchIndex) -> None:
    hits = index.search("信用违约互换")
    assert [(hit.label, hit.preferred) for hit in hits] == [
        ("信用违约互换", "credit default swap"),
        ("贷款信用违约互换", "loan credit default swap"),
    ]


def test_nothing_near(index: SearchIndex) -> None:
    assert index.search("xylophone quartet") == ()
    assert index.search("  ") == ()
    assert build_search(build_ontology(HEAD, [])).search("bond") == ()


def test_limit(index: SearchIndex) -> None:
    assert len(index.search("diabetes", limit=2)) == 2


def test_named_is_exact_alone(index: SearchIndex) -> None:
    assert [hit.concept for hit in index.named("high blood pressure")] == ["t:hypertension"]
    assert index.named("high blood pressur") == ()


_NAMES = [hit.preferred() for hit in ONTOLOGY.concepts.values() if hit.status is Status.ACTIVE]
_LONG = [name for name in _NAMES if len(name) > 9]


@given(name=st.sampled_from(_LONG), place=st.integers(0, 100), letter=st.sampled_from("abcdexyz"))
def test_one_slip_of_the_pen_is_forgiven(name: str, place: int, letter: str) -> None:
    place = place % (len(name) - 1)
    for slip in (
        name[:place] + name[place + 1 :],
        name[:place] + letter + name[place:],
        name[:place] + letter + name[place + 1 :],
        name[:place] + name[place + 1] + name[place] + name[place + 2 :],
    ):
        assert name in [hit.preferred for hit in build_search(ONTOLOGY).search(slip)[:3]], slip


@given(st.text(max_size=12))
def test_any_query_is_answered_in_order(query: str) -> None:
    hits = build_search(ONTOLOGY).search(query, limit=5)
    assert len({hit.concept for hit in hits}) == len(hits) <= 5
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 < hit.score <= 1 for hit in hits)
    assert search_key(search_key(query)) == search_key(query)
