from __future__ import annotations

from domain_adapt.ontology.link.short_forms import expand, short_forms


def spans(text: str, *mentions: str) -> list[tuple[int, int]]:
    found, at = [], 0
    for mention in mentions:
        at = text.index(mention, at)
        found.append((at, at + len(mention)))
        at += len(mention)
    return found


def test_definitions_in_the_text_come_first():
    text = "Ataxia telangiectasia (AT) is rare. AT is not atrophy."
    assert short_forms(text, spans(text, "AT is not")) == {"AT": "Ataxia telangiectasia"}


def test_a_mention_in_parentheses_stands_for_the_one_before():
    text = "Myotonic dystrophy (DM) is caused by a repeat; DM is dominant."
    assert short_forms(text) == {}
    mentions = spans(text, "Myotonic dystrophy", "DM", "DM")
    assert short_forms(text, mentions) == {"DM": "Myotonic dystrophy"}
    assert short_forms(text, list(reversed(mentions))) == {"DM": "Myotonic dystrophy"}


def test_a_mention_behind_words_is_no_short_form():
    text = "Myotonic dystrophy and (DM) again; goitre (mild) too."
    assert short_forms(text, spans(text, "Myotonic dystrophy", "DM", "goitre", "mild")) == {}


def test_letters_of_another_mention_in_the_document():
    text = "ALD families. Adrenoleukodystrophy is X-linked. FAP is not."
    mentions = spans(text, "ALD", "Adrenoleukodystrophy", "FAP")
    assert short_forms(text, mentions) == {"ALD": "Adrenoleukodystrophy"}


def test_the_shortest_long_form_is_taken():
    text = "DMD, Duchenne muscular dystrophy, and severe Duchenne muscular dystrophy"
    mentions = spans(text, "DMD", "Duchenne muscular dystrophy", "Duchenne muscular dystrophy")
    assert short_forms(text, mentions) == {"DMD": "Duchenne muscular dystrophy"}


def test_expansion_of_whole_mentions_and_of_words_in_them():
    forms = {"ALD": "adrenoleukodystrophy", "AT": "ataxia telangiectasia", "A": "alpha"}
    assert expand("ALD", forms) == "adrenoleukodystrophy"
    assert expand("childhood ALD", forms) == "childhood adrenoleukodystrophy"
    assert expand("BALD", forms) == "BALD"
    assert expand("ataxia telangiectasia (AT)", forms) == "ataxia telangiectasia"
    assert expand("goitre (GO)", {}) == "goitre"
    assert expand("goitre (mild)", {}) == "goitre (mild)"
    assert expand("(AT)", forms) == "(ataxia telangiectasia)"
