"""The component in real pipelines: blank, beside other entities, saved and loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from domain_adapt.base.errors import DataError, UsageError
from domain_adapt.ontology.load import load_ontology
from domain_adapt.ontology.match.mentions import ontology_matcher

TEXT = "The CDS settled early; no evidence of a non-performing loan. The 10-K mentions VaR here."


def pipeline(**config: object) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("domain_terms", config={"ontology": "finance", **config})
    return nlp


def test_entities_are_the_matchers_mentions_with_their_concepts() -> None:
    doc = pipeline()(TEXT)
    mentions = ontology_matcher(load_ontology("finance")).mentions(TEXT)
    assert len(mentions) >= 3
    assert [(e.start_char, e.end_char, e.kb_id_) for e in doc.ents] == [
        (m.start, m.end, m.concept) for m in mentions
    ]
    by_text = {entity.text: entity for entity in doc.ents}
    assert by_text["CDS"].kb_id_ == by_text["CDS"]._.concept == "fin:credit_default_swap"
    assert {entity.label_ for entity in doc.ents} == {"TERM"}
    assert by_text["non-performing loan"]._.negated
    assert not by_text["CDS"]._.negated
    assert list(doc.spans["domain_terms"]) == list(doc.ents)


def test_a_mention_within_a_token_takes_the_token() -> None:
    nlp = pipeline()
    nlp.tokenizer = lambda text: Doc(nlp.vocab, text.split(" "))
    doc = nlp("A CDS-based hedge")
    assert [entity.text for entity in doc.ents] == ["CDS-based"]


@Language.component("someone_elses_entities")
def _someone_else(doc: Doc) -> Doc:
    doc.ents = [Span(doc, 0, 2, label="ORG"), *doc.ents]
    return doc


@pytest.mark.parametrize("overwrite", [False, True])
def test_beside_another_component_nothing_overlaps(overwrite: bool) -> None:
    nlp = pipeline(overwrite_ents=overwrite, label="FINANCE", spans_key="terms")
    nlp.add_pipe("someone_elses_entities", before="domain_terms")
    doc = nlp("The CDS and the VaR")
    labels = {entity.text: entity.label_ for entity in doc.ents}
    first = {"CDS": "FINANCE"} if overwrite else {"The CDS": "ORG"}
    assert labels == {**first, "VaR": "FINANCE"}
    assert [span.text for span in doc.spans["terms"]] == ["CDS", "VaR"]


def test_saved_and_loaded_it_says_the_same(tmp_path: Path) -> None:
    nlp = pipeline()
    nlp.to_disk(tmp_path / "saved")
    again = spacy.load(tmp_path / "saved")
    copied = pipeline().from_bytes(nlp.to_bytes())
    expected = [(e.text, e.kb_id_, e._.negated) for e in nlp(TEXT).ents]
    for other in (again, copied):
        assert [(e.text, e.kb_id_, e._.negated) for e in other(TEXT).ents] == expected


def test_documents_keep_what_was_said_of_them() -> None:
    nlp = pipeline()
    doc = nlp(TEXT)
    copy = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert [(e._.concept, e._.negated) for e in copy.ents] == [
        (e._.concept, e._.negated) for e in doc.ents
    ]


def test_another_version_of_the_ontology_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    folder.mkdir()
    head = "name: toy\ntitle: Toy\nprefix: t\nversion: '1'\nlicence: CC0-1.0\n"
    (folder / "ontology.yaml").write_text(head)
    branch = "branch: b\nconcepts:\n  - {id: a, label: {en: apple}, definition: A fruit.}\n"
    (folder / "b.yaml").write_text(branch)
    nlp = spacy.blank("en")
    nlp.add_pipe("domain_terms", config={"ontology": str(folder)})
    nlp.to_disk(tmp_path / "saved")
    (folder / "b.yaml").write_text(branch.replace("A fruit", "A firm"))
    with pytest.raises(DataError) as caught:
        spacy.load(tmp_path / "saved")
    assert caught.value.code == "DA-ONTO-095"


def test_without_an_ontology_it_says_how_to_name_one() -> None:
    with pytest.raises(UsageError) as caught:
        spacy.blank("en").add_pipe("domain_terms")
    assert caught.value.code == "DA-ONTO-094"


def test_an_empty_text_has_no_entities() -> None:
    assert pipeline()("").ents == ()
