from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.errors import DataError
from domain_adapt.ontology.concept import (
    Concept,
    Label,
    LabelType,
    Mapping,
    Scope,
    Status,
)
from domain_adapt.ontology.link.linker import Link, Step, build_linker
from domain_adapt.ontology.link.names import LinkName, borrowed_names, names_of

CHECKOUT = Path(__file__).resolve().parents[2]

NAMES = (
    LinkName("colon cancer", ("M:1",)),
    LinkName("ataxia telangiectasia", ("M:2",)),
    LinkName("breast cancer", ("M:3",)),
    LinkName("hemolytic anemia", ("M:4",)),
    LinkName("anemia", ("M:5",)),
    LinkName("AT", ("M:6",)),
)
LINKER = build_linker(NAMES)


def linked(mention: str) -> tuple[tuple[str, ...], Step] | None:
    link = LINKER.link(mention)
    return None if link is None else (link.ids, link.step)


def concept(
    name: str, label: str, *, parents: tuple[str, ...] = (), maps: tuple[str, ...] = ()
) -> Concept:
    return Concept(
        id=name,
        branch="",
        labels=(
            Label(label, "en", Scope.EXACT, LabelType.PREFERRED),
            Label(f"{label} syndrome", "en", Scope.BROAD, LabelType.SYNONYM),
        ),
        definition="",
        parents=parents,
        source="",
        mappings=tuple(Mapping("oboInOwl:hasDbXref", each) for each in maps),
    )


@pytest.mark.parametrize(
    ("mention", "ids", "step"),
    [
        ("Colon cancer", ("M:1",), Step.WRITTEN),
        ("haemolytic anaemias", ("M:4",), Step.SPELLING),
        ("tumour of the breast", ("M:3",), Step.WORDS),
        ("breast and colon cancer", ("M:1", "M:3"), Step.COMPOSITE),
        ("ataxia-telangiectasias-like", ("M:2",), Step.CLOSE),
        ("very mysterious sporadic colonic cancers", ("M:1",), Step.ENDING),
        ("panemical", ("M:5",), Step.NEAREST),
    ],
)
def test_the_strictest_comparison_decides(mention: str, ids: tuple[str, ...], step: Step):
    assert linked(mention) == (ids, step)


def test_what_shares_nothing_with_any_name_is_not_linked():
    assert linked("xyz") is None
    assert linked("") is None
    assert linked("of the") is None


def test_documents_explain_their_short_forms():
    text = "Ataxia telangiectasia (AT) is rare. Patients with AT have anaemia."
    spans = [(50, 52), (58, 65), (0, 21)]
    assert [text[a:b] for a, b in spans] == ["AT", "anaemia", "Ataxia telangiectasia"]
    links = LINKER.link_document(text, spans)
    assert [each.ids for each in links if each] == [("M:2",), ("M:5",), ("M:2",)]
    assert LINKER.link("AT") == Link(("M:6",), Step.WRITTEN)


def test_the_lowest_rank_decides_between_equal_names():
    names = (LinkName("goitre", ("late",), 3), LinkName("Goitre", ("early",), 1))
    link = build_linker(names).link("goitre")
    assert link is not None
    assert link.ids == ("early",)


def test_names_of_signs_alone_do_not_match_everything():
    linker = build_linker((LinkName("the", ("M:9",)), LinkName("goitre", ("M:8",))))
    assert linker.link("of a type") is None


def test_a_linker_needs_names():
    with pytest.raises(DataError, match="0 names") as caught:
        build_linker(())
    assert caught.value.code == "DA-ONTO-081"


@given(st.lists(st.sampled_from(NAMES), min_size=1, unique=True), st.randoms())
def test_every_name_is_linked_to_its_own_ids_in_any_order(names: list[LinkName], random):
    random.shuffle(names)
    linker = build_linker(names)
    for name in names:
        assert linker.link(name.text) == Link(name.ids, Step.WRITTEN)


def test_concepts_without_ids_get_those_of_the_nearest_ancestor():
    concepts = (
        concept("D:1", "disease"),
        concept("D:2", "anemia", parents=("D:1",)),
        concept("D:3", "pale anemia", parents=("D:2", "D:unknown")),
        concept("D:4", "loop", parents=("D:5",)),
        concept("D:5", "noose", parents=("D:4",)),
    )
    names = {each.text: each for each in names_of(concepts, {"D:1": ("M:1",), "D:2": ("M:2",)})}
    assert names["anemia"] == LinkName("anemia", ("M:2",), 0)
    assert names["anemia syndrome"] == LinkName("anemia syndrome", ("M:2",), 3)
    assert names["pale anemia"] == LinkName("pale anemia", ("M:2",), 10)
    assert names.keys().isdisjoint({"loop", "noose"})


def test_files_that_share_a_concept_add_up():
    concepts = (concept("D:2", "anemia"), concept("D:2", "anaemia", parents=("D:1",)))
    names = names_of((*concepts, concept("D:1", "disease")), {"D:1": ("M:1",)})
    assert {each.text for each in names} >= {"anemia", "anaemia", "disease"}
    assert {each.ids for each in names} == {("M:1",)}


def test_deprecated_concepts_lend_and_give_no_names():
    gone = replace(concept("D:1", "dropsy", maps=("UMLS:1",)), status=Status.DEPRECATED)
    assert names_of((gone,), {"D:1": ("M:1",)}) == ()
    assert borrowed_names((gone,), {"UMLS:1": LinkName("edema", ("M:1",))}) == ()


def test_another_ontology_lends_its_names():
    lenders = (concept("H:1", "swelling", maps=("SCT:5", "UMLS:1")), concept("H:2", "itch"))
    names = borrowed_names(lenders, {"UMLS:1": LinkName("edema", ("M:1",), 10)})
    assert names == (
        LinkName("swelling", ("M:1",), 30),
        LinkName("swelling syndrome", ("M:1",), 33),
    )


def run_benchmark(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(CHECKOUT / "benchmarks" / "entity_linking.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_benchmark_names_file_and_line_of_what_it_cannot_read(tmp_path: Path):
    path = tmp_path / "broken.txt"
    path.write_text("1|t|Title\n1|a|Abstract\n1\t0\t5\n", encoding="utf-8")
    run = run_benchmark(path)
    assert run.returncode != 0
    assert "broken.txt:3" in run.stderr


@pytest.mark.real_data
def test_ncbi_disease_devel_with_open_ontologies_alone(real_data: Path):
    run = run_benchmark(real_data / "data" / "ncbi_disease" / "NCBIdevelopset_corpus.txt")
    figures = json.loads(run.stdout.splitlines()[-1])["figures"]
    assert figures["mentions"] == 787
    assert figures["accuracy_at_1"] >= 0.66
    assert figures["coverage"] > 0.8
