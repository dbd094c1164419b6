from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.ontology.link.composite import readings
from domain_adapt.ontology.link.normal import canonical, key, spelled, spelling
from domain_adapt.ontology.link.words import ADJECTIVES, NOSOLOGY, STOP_WORDS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Diabetes mellitus, type II", "type 2 diabetes mellitus"),
        ("tumours of the skin", "skin tumor"),
        ("haemophilias", "hemophilia"),
        ("leukaemia", "leukemias"),
        ("oesophageal carcinomata", "esophageal carcinoma"),
        ("Wilson's disease", "Wilson diseases"),
        ("metastases", "metastasis"),
        ("Sjögren syndrome", "Sjogren's Syndrome"),
        ("ataxia-telangiectasia", "ataxia telangiectasia"),
        ("glycogen storage disease type Ia", "glycogen storage disease 1a"),
        ("myopathies", "myopathy"),
        ("abscesses", "abscess"),
    ],
)
def test_spellings_of_one_name_meet(one: str, other: str):
    assert key(spelled(one)) == key(spelled(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("renal neoplasm", "kidney cancer"),
        ("hereditary heart disorder", "familial cardiac disease"),
        ("ovarian tumours", "cancer of the ovary"),
    ],
)
def test_synonyms_of_words_meet_only_in_the_canonical_form(one: str, other: str):
    assert key(spelled(one)) != key(spelled(other))
    assert key(canonical(spelled(one))) == key(canonical(spelled(other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("diabetes type 1", "diabetes type 2"),
        ("X-linked ataxia", "10-linked ataxia"),
        ("lupus", "lupu"),
        ("hypertension", "hypotension"),
        ("hyperglycemia", "hypoglycemia"),
    ],
)
def test_different_names_stay_apart(one: str, other: str):
    assert key(canonical(spelled(one))) != key(canonical(spelled(other)))


@given(st.permutations(["skin", "tumor", "benign", "adult"]))
def test_the_order_of_words_does_not_matter(words: list[str]):
    assert key(spelled(" ".join(words))) == "adult benign skin tumor"


@given(st.text(max_size=30))
def test_any_text_has_a_key_without_stop_words(text: str):
    words = spelled(text)
    assert key(words).split(" ") == sorted(set(words)) or not words
    assert not {each for each in words if each == spelling(each)} & (STOP_WORDS - {"a"})


def test_no_word_is_a_synonym_of_two():
    pairs = [
        (spelling(word), spelling(line.split(":")[0]))
        for line in (NOSOLOGY + ADJECTIVES).split("\n")
        if line
        for word in line.split(":")[1].split()
    ]
    assert len({word for word, _ in pairs}) == len(set(pairs))
    # and no replacement is itself replaced: the canonical form is the end
    assert not {target for _, target in pairs} & {word for word, target in pairs if word != target}


@pytest.mark.parametrize(
    ("mention", "reading"),
    [
        ("ataxia and deafness", ("ataxia", "deafness")),
        (
            "Duchenne and Becker muscular dystrophy",
            ("Duchenne muscular dystrophy", "Becker muscular dystrophy"),
        ),
        ("breast/ovarian cancer", ("breast cancer", "ovarian cancer")),
        ("deficiency of C6 and C7", ("deficiency of C6", "deficiency of C7")),
    ],
)
def test_composite_mentions_have_the_reading(mention: str, reading: tuple[str, str]):
    assert reading in list(readings(mention))


def test_simple_mentions_have_no_composite_reading():
    assert list(readings("bland androgen deficiency")) == []
