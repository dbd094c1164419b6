from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.errors import DataError
from domain_adapt.ontology.defined_terms import (
    Definition,
    Paragraph,
    find_defined_terms,
    in_proper_name,
    plural,
)
from domain_adapt.ontology.term_heading import heading_end
from domain_adapt.ontology.term_scope import TermScope, scope_of_definition, subpart_starts

CHECKOUT = Path(__file__).resolve().parents[2]

# a regulation that nobody wrote: of beekeeping
PARAGRAPHS = (
    Paragraph("77-1-a", "(a) Hives and keepers.A keeper registers each hive under the Bee Act."),
    Paragraph("77-2", "For purposes of this part, the following definitions apply:"),
    Paragraph("77-2-a", "(a) Hive means a box in which a keeper keeps bees. A hive may be old."),
    Paragraph("77-2-b", "(b) Keeper means a person who owns a hive."),
    Paragraph("77-2-c", "(c) Keeper record means what a keeper writes down."),
    Paragraph("77-3-a", "(a) Keeper records."),
    Paragraph("77-3-a-1", "(1) Keeper records of old hives; the West Keeper Society keeps none."),
    Paragraph("77-4-a", "(a) Swarm.For purposes of this section, “swarm” means bees in flight."),
    Paragraph("77-4-b", "(b) The keeper follows a swarm, or two swarms."),
    Paragraph("77-4-b-Interp-1", "A swarm at night need not be followed."),
    Paragraph("77-5-a", "(a) No swarm is sold."),
    Paragraph("77-20-a", "(a) For purposes of this subpart, the term honey means what is sold."),
    Paragraph("77-21-a", "(a) Honey is labelled; honey without a label is not."),
    Paragraph("77-5-b", "(b) Honey may be eaten."),
)


def run_benchmark(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(CHECKOUT / "benchmarks" / "cfpb_terms.py"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )


def definition(term: str, paragraph: str) -> Definition:
    text = next(each.text for each in PARAGRAPHS if each.id == paragraph)
    return Definition(term, paragraph, text.lower().index(term))


DEFINITIONS = (
    definition("hive", "77-2-a"),
    definition("keeper", "77-2-b"),
    definition("keeper record", "77-2-c"),
    Definition("swarm", "77-4-a", 44),
    definition("honey", "77-20-a"),
)


def found(paragraph: str) -> list[str]:
    mentions = find_defined_terms(PARAGRAPHS, DEFINITIONS)
    place = next(n for n, each in enumerate(PARAGRAPHS) if each.id == paragraph)
    return [PARAGRAPHS[place].text[each.start : each.end] for each in mentions[place]]


def test_headings_name_terms_and_do_not_use_them():
    assert found("77-1-a") == ["keeper", "hive"]
    assert found("77-3-a") == []


def test_the_defining_paragraph_uses_only_other_terms():
    assert found("77-2-a") == ["keeper"]
    assert found("77-2-b") == ["hive"]


def test_the_longest_match_counts_also_where_it_is_held_back():
    assert found("77-2-c") == ["keeper"]
    assert found("77-3-a-1") == ["Keeper records", "hives"]


def test_a_definition_holds_in_its_section_and_the_comments_on_it():
    assert found("77-4-b") == ["keeper", "swarm", "swarms"]
    assert found("77-4-b-Interp-1") == ["swarm"]
    assert found("77-5-a") == []


def test_a_definition_of_a_subpart_holds_there():
    assert found("77-21-a") == ["Honey", "honey"]
    assert found("77-5-b") == []


def test_mentions_carry_the_most_local_definition():
    paragraphs = (
        Paragraph("9-1-a", "(a) Cart means a vehicle."),
        Paragraph("9-2-a", "(a) For purposes of this section, cart means a handcart."),
        Paragraph("9-2-b", "A cart is pushed."),
        Paragraph("9-3-a", "A cart is pulled."),
    )
    wide, local = Definition("cart", "9-1-a", 4), Definition("cart", "9-2-a", 34)
    mentions = find_defined_terms(paragraphs, (wide, local))
    assert [each[0].definition for each in mentions if each] == [local, wide]


def test_a_blank_term_is_refused_with_its_place():
    with pytest.raises(DataError, match=r"9-1-a, offset 4") as caught:
        find_defined_terms((Paragraph("9-1-a", "(a) Cart"),), (Definition(" ", "9-1-a", 4),))
    assert caught.value.code == "DA-ONTO-080"


def test_without_definitions_nothing_is_found():
    assert find_defined_terms(PARAGRAPHS, ()) == tuple(() for _ in PARAGRAPHS)


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("the Farm Credit Administration", "Credit", True),
        ("the United States of old", "States", True),
        ("any State, or State law", "State", False),
        ("The State may not", "State", False),
        ("the Bureau of Consumer Affairs", "Bureau", True),
        ("the Act applies", "Act", False),
        ("Equal Credit Opportunity Act", "Act", True),
        ("United states", "states", False),
    ],
)
def test_proper_names(text: str, term: str, expected: bool):
    start = text.rindex(term)
    assert in_proper_name(text, start, start + len(term)) is expected


@pytest.mark.parametrize(
    ("text", "has_children", "body"),
    [
        ("(a) Coverage.This part applies", False, "This part applies"),
        ("(2)(i) What is a hive?A hive is", False, "A hive is"),
        ("Telephone orders—general.When", False, "When"),
        ("(a) Coverage. This part applies", False, None),
        ("(a) The U.S.A. is a country", False, None),
        ("(c) Incomplete applications.", True, ""),
        ("(c) Incomplete applications.", False, None),
        ("(c) A creditor shall provide", True, None),
        ("(c) Exceptions:", True, None),
        ("", True, ""),
    ],
)
def test_headings(text: str, has_children: bool, body: str | None):
    end = heading_end(text, has_children=has_children)
    assert text[end:] == (text if body is None else body)


def test_the_numbering_shows_subparts():
    ids = ["5-1-a", "5-2", "5-3-a-Interp-1", "5-30-a", "5-31", "5-A-1"]
    assert subpart_starts(ids) == (1, 30)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("(1) For the purposes of this paragraph (b)(2), ", TermScope("5-20-b-2")),
        ("(1) For purposes of this paragraph, ", TermScope("5-20-b-2-i")),
        ("(1) As used in this section, ", TermScope("5-20")),
        ("In this section, ", TermScope("5-20")),
        ("a fee as described in this section is a ", TermScope()),
        ("For purposes of this part, ", TermScope()),
        ("For purposes of this subpart, ", TermScope(sections=(10, 29))),
    ],
)
def test_scope_wording(before: str, expected: TermScope):
    scope = scope_of_definition("5-20-b-2-i", before=before, texts={}, subparts=(1, 10, 30))
    assert scope == expected


def test_a_paragraph_above_speaks_only_where_it_introduces_definitions():
    defines = {"5-20-b": "(b) For purposes of this section, the following definitions apply:"}
    judges = {"5-20-b": "(b) A bank is a person for purposes of this section and of others."}
    arguments = {"before": "(1) ", "subparts": (1,)}
    assert scope_of_definition("5-20-b-1", texts=defines, **arguments) == TermScope("5-20")
    assert scope_of_definition("5-20-b-1", texts=judges, **arguments) == TermScope()


def test_a_scope_does_not_cover_ids_that_only_begin_alike():
    assert TermScope("5-2").covers("5-2-a-Interp-1")
    assert TermScope("5-2").covers("5-2")
    assert not TermScope("5-2").covers("5-20-a")
    assert not TermScope(sections=(1, 9)).covers("5-A-1")


@pytest.mark.parametrize(
    ("term", "expected"),
    [("party", "parties"), ("day", "days"), ("business", "businesses"), ("lease", "leases")],
)
def test_plural(term: str, expected: str):
    assert plural(term) == expected


WORDS = st.lists(st.sampled_from(["hive", "old", "hives", "keeper", "record"]), max_size=12)


@pytest.mark.real_data
def test_four_marked_regulations_together(real_data: Path):
    figures = json.loads(run_benchmark(real_data / "data" / "cfpb").stdout.splitlines()[-1])
    assert set(figures["figures"]["by_regulation"]) == {"1002", "1005", "1013", "1030"}
    assert figures["figures"]["precision"] >= 0.88
    assert figures["figures"]["recall"] >= 0.97


@given(WORDS)
def test_mentions_are_all_longest_matches_left_to_right(words: list[str]):
    """Oracle: walk over the words, two at a time first."""
    terms = {"hive", "old hive", "keeper record"}
    forms = terms | {"hives", "old hives", "keeper records"}
    expected, at = [], 0
    while at < len(words):
        pair, one = " ".join(words[at : at + 2]), words[at]
        expected += [each for each in (pair if pair in forms else one,) if each in forms]
        at += 2 if pair in forms and len(words) > at + 1 else 1
    text = " ".join(words)
    definitions = tuple(Definition(term, "9-1-a", 0) for term in sorted(terms))
    (mentions,) = find_defined_terms((Paragraph("9-2-a", text),), definitions)
    assert [text[each.start : each.end] for each in mentions] == expected


@pytest.mark.parametrize("line", ['{"term": "hive"}', "hive", "[]"])
def test_the_benchmark_names_file_and_line_of_what_it_cannot_read(tmp_path: Path, line: str):
    (tmp_path / "reg_77.jsonl").write_text("", encoding="utf-8")
    good = '{"term": "hive", "section": "77-2-a", "offset": [4, 8]}'
    (tmp_path / "reg_77_terms.jsonl").write_text(f"{good}\n{line}\n", encoding="utf-8")
    run = run_benchmark(tmp_path)
    assert run.returncode != 0
    assert "reg_77_terms.jsonl:2:" in run.stderr


@pytest.mark.real_data
def test_the_benchmark_reads_any_folder(real_data: Path, tmp_path: Path):
    rows = [
        {"section": each.id, "text": each.text, "mentions": [[0, 1, "a"]] * 4}
        for each in PARAGRAPHS
    ]
    terms = [
        {"term": each.term, "section": each.paragraph, "offset": [each.start, each.start + 1]}
        for each in DEFINITIONS
    ]
    for name, lines in (("reg_77.jsonl", rows), ("reg_77_terms.jsonl", terms)):
        (tmp_path / name).write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    for name in ("reg_1013.jsonl", "reg_1013_terms.jsonl"):
        (tmp_path / name).write_bytes((real_data / "data" / "cfpb" / name).read_bytes())
    run = run_benchmark(tmp_path)
    figures = json.loads(run.stdout.splitlines()[-1])["figures"]
    assert figures["skipped"] == {"77": len(PARAGRAPHS)}
    assert figures["by_regulation"]["1013"]["recall"] > 0.99
    assert figures["precision"] > 0.95
    assert run.returncode == 0
