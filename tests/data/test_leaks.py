from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.records import Example
from domain_adapt.data.leaks import LabelIndex, check_no_overlap


def _example(prompt: str, number: int = 0) -> Example:
    return Example(f"e{number}", "source.v1", None, prompt, "answer")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A Credit Default Swap pays.", True),
        ("a credit-default\nswap", True),
        ("credit default swaps", True),
        ("credit default swaption", False),
        ("credit default", False),
        ("an accredit default swap", False),
        ("(CDS)", True),
        ("cds", False),
        ("CDSs", False),
        ("subsidies", True),
        ("P/E of 12", True),
    ],
)
def test_labels_are_found_as_whole_words(text, found):
    index = LabelIndex(["credit default swap", "subsidy"], ["CDS", "P/E"])

    assert bool(index.find(text)) is found


def test_all_labels_are_found_also_inside_each_other_and_each_once():
    index = LabelIndex(["default swap", "credit default swap", "swap"])

    found = index.find("Credit default swap, swap")

    assert found == ("credit default swap", "default swap", "swap")


def test_an_empty_index_finds_nothing():
    assert LabelIndex(["", "…"]).find("anything … at all") == ()


def test_only_exact_english_labels_of_the_concepts_count(small):
    index = LabelIndex.of_concepts(small, ["t:credit_default_swap"])

    assert index.find("CDO, total return swap, zh") == ()
    assert index.find("protection contract CDS") == ("protection contract", "CDS")


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=12).map(" ".join))
def test_the_index_agrees_with_a_search_word_by_word(text):
    labels = ["a b", "b c d", "d", "a"]

    words = f" {text} "
    expected = {label for label in labels if f" {label} " in words}

    assert set(LabelIndex(labels).find(text)) == expected


def test_the_same_prompt_is_an_overlap_whatever_its_case_and_punctuation():
    found = check_no_overlap([_example("What is LIBOR")], ["what is libor?"])

    assert [(x.example, x.prompt, x.rule) for x in found] == [
        ("e0", "what is libor?", "same-prompt")
    ]


def test_the_same_template_about_another_term_is_an_overlap():
    found = check_no_overlap(
        [_example("Pray, what is a swap?")],
        ["Pray, what is a credit option?"],
        slot_texts=["swap", "credit option"],
    )

    assert [x.rule for x in found] == ["same-template"]


def test_eight_shared_words_are_an_overlap_and_seven_are_not():
    probe = "one two three four five six seven eight nine"

    eight = check_no_overlap([_example("x two three four five six seven eight nine y")], [probe])
    seven = check_no_overlap([_example("x two three four five six seven eight y")], [probe])

    assert [x.rule for x in eight] == ["shared-8-gram"]
    assert seven == ()


def test_definitions_and_terms_may_be_shared():
    definition = "A promise to pay a fixed sum on a day that is still far away."

    found = check_no_overlap(
        [_example(f"Name it: {definition}"), _example("swap", 1)],
        [f"Which finance term means the following? {definition}", "swap"],
        slot_texts=[definition, "swap"],
    )

    assert [(x.example, x.rule) for x in found] == [("e1", "same-prompt")]


def test_plain_text_has_no_prompt_to_overlap():
    assert check_no_overlap([_example("")], ["", "What?"]) == ()
