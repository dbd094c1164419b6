"""The finance suite's probes, judged by checks that share no code with what makes them."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from domain_adapt.base.errors import DataError
from domain_adapt.base.records import Probe
from domain_adapt.data.split import ConceptSplit, split_concepts
from domain_adapt.evaluation.probes import build_abstention_probes, build_probes
from domain_adapt.evaluation.suite import Family, GeneratedSuite
from domain_adapt.ontology.ontology import Ontology

FAMILIES = ("P1", "P2", "P3", "P4", "P5", "P6")


@pytest.fixture(
    scope="module",
    params=["recipe", "100 held out", "small", pytest.param("all", marks=pytest.mark.slow)],
)
def chosen(request, finance, recipe) -> ConceptSplit:
    seen, held_out = {
        "recipe": (recipe.data.concepts, recipe.data.held_out),
        "100 held out": (160, 100),
        "all": (None, 60),
        "small": (32, 12),
    }[request.param]
    return split_concepts(finance, seen=seen, held_out=held_out, seed=recipe.seed)


@pytest.fixture(scope="module")
def probes(suite, finance, recipe, chosen) -> tuple[Probe, ...]:
    return build_probes(suite, finance, chosen, count=recipe.evaluation.probes)


@pytest.fixture(scope="module")
def abstention(suite, finance, split) -> tuple[Probe, ...]:
    return build_abstention_probes(suite, finance, split, headline=400)


def test_answers_lie_evenly_over_the_positions(probes):
    _assert_even(probes)


def test_answers_about_invented_terms_lie_evenly_over_the_positions(abstention):
    for family in ("P12", "P12-real"):
        _assert_even([probe for probe in abstention if probe.family == family], choices=3)


def _assert_even(probes: Iterable[Probe], *, choices: int = 4) -> None:
    positions = Counter(probe.answer for probe in probes)
    total = sum(positions.values())

    assert set(positions) == set(range(choices))
    assert all(
        abs(count / total - 1 / choices) <= max(0.015, 1 / total) for count in positions.values()
    ), positions


def test_ids_are_unique(probes, abstention):
    ids = [probe.id for probe in (*probes, *abstention)]

    assert len(ids) == len(set(ids))


def test_a_concept_is_asked_about_once_a_family(probes):
    asked = Counter((probe.family, probe.concept) for probe in probes)

    assert set(asked.values()) == {1}


def test_everything_repeats(suite, finance, recipe, split, abstention):
    def build() -> tuple[Probe, ...]:
        return build_probes(suite, finance, split, count=recipe.evaluation.probes)

    assert build() == build()
    assert build_abstention_probes(suite, finance, split, headline=400) == abstention


def test_the_seed_decides(suite, finance, split):
    other = suite.model_copy(update={"seed": suite.seed + 1})

    one, two = (build_probes(each, finance, split, count=100) for each in (suite, other))

    assert {probe.id for probe in one} != {probe.id for probe in two}


def test_more_probes_keep_those_of_fewer(suite, finance, split):
    """Positions and numbers aside: what a smaller suite asks, a larger one asks too."""
    few, many = (build_probes(suite, finance, split, count=count) for count in (100, 200))

    assert {probe.id for probe in few} < {probe.id for probe in many}


# --- wrong answers


class Judge:
    """Looks for wrong answers that are not wrong, from the concepts' labels and parents alone."""

    def __init__(self, ontology: Ontology) -> None:
        self._concepts = ontology.concepts
        self._owners: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for concept in ontology.concepts.values():
            self._owners["definition"][concept.definition.casefold()].add(concept.id)
            for label in concept.labels:
                if label.language == "en":
                    self._owners["label"][label.text.casefold()].add(concept.id)

    def owners(self, family: str, text: str) -> set[str]:
        """Return the concepts that ``text`` names, or defines."""
        return self._owners["definition" if family == "P4" else "label"][text.casefold()]

    def above(self, concept: str) -> set[str]:
        parents = self._concepts[concept].parents
        return set(parents).union(*(self.above(parent) for parent in parents))

    def faults(self, probe: Probe) -> Iterator[str]:
        asked = self._concepts[probe.concept]
        right = asked.parents[0] if probe.family == "P5" else asked.id
        if len({choice.casefold() for choice in probe.choices}) < len(probe.choices):
            yield "a choice twice"
        if right not in self.owners(probe.family, probe.choices[probe.answer]):
            yield "the right answer is none"
        for place, choice in enumerate(probe.choices):
            owners = self.owners(probe.family, choice)
            if place == probe.answer:
                continue
            if not owners:
                yield f"{choice!r} belongs to nothing"
            for owner in owners:
                yield from self._fault(choice, owner, {right, asked.id}, probe.family)

    def _fault(self, choice: str, owner: str, asked: set[str], family: str) -> Iterator[str]:
        near_miss = family == "P6" and owner in asked
        if near_miss and choice in self._texts(owner, scope="related"):
            return
        if owner in asked or any(self._texts(owner) & self._texts(each) for each in asked):
            yield f"{choice!r} is the answer or a synonym of it"
        if any(owner in self.above(each) or each in self.above(owner) for each in asked):
            yield f"{choice!r} is above or below the answer"

    def _texts(self, concept: str, scope: str = "") -> set[str]:
        return {
            label.text
            for label in self._concepts[concept].labels
            if label.language == "en" and (not scope or label.scope == scope)
        }


def test_no_wrong_answer_is_right(finance, probes):
    judge = Judge(finance)

    assert [(probe.id, fault) for probe in probes for fault in judge.faults(probe)] == []


def test_the_judge_sees_wrong_answers_that_are_right(finance, suite, split):
    """Spoilt in every way that is judged, each probe is found out."""
    judge = Judge(finance)
    probes = [p for p in build_probes(suite, finance, split, count=200) if p.family == "P3"]
    assert len(probes) > 20

    for probe in probes:
        concept = finance.concepts[probe.concept]
        place = (probe.answer + 1) % 4
        above = finance.concepts[concept.parents[0]].preferred()
        other_names = [label.text for label in concept.labels[1:] if label.language == "en"]
        for bad in (above, concept.preferred(), *other_names, "no such thing"):
            choices = tuple(bad if i == place else c for i, c in enumerate(probe.choices))
            assert list(judge.faults(replace(probe, choices=choices))), bad
        assert list(judge.faults(replace(probe, answer=place)))


def test_every_probe_has_four_choices(probes, abstention):
    assert {len(probe.choices) for probe in probes} == {4}
    assert {len(probe.choices) for probe in abstention} == {3}
    assert all(choice.strip() for probe in probes for choice in probe.choices)


def test_all_choices_come_from_the_side_that_is_asked_about(finance, chosen, probes):
    """Else a trained model could tell right from wrong by what it has merely met."""
    sides = {"seen": set(chosen.seen), "unseen": set(chosen.unseen)}
    judge = Judge(finance)

    for probe in probes:
        side = sides[str(probe.split)]
        assert probe.concept in side
        if probe.family != "P5":
            assert all(judge.owners(probe.family, c) & side for c in probe.choices), probe


def test_classes_of_one_side_are_right_answers_somewhere_on_it(finance, chosen, probes):
    sides = {"seen": chosen.seen, "unseen": chosen.unseen}
    for side, concepts in sides.items():
        parents = {up for c in concepts for up in finance.concepts[c].parents[:1]}
        names = {finance.concepts[parent].preferred() for parent in parents}
        offered = {c for p in probes if (p.family, p.split) == ("P5", side) for c in p.choices}
        assert offered <= names


# --- what questions give away


def _contains(text: str, label: str, *, exact_case: bool) -> bool:
    """Whether ``label`` stands in ``text`` as words of its own, in the plural too."""
    words = r"[\W_]+".join(re.escape(word) for word in re.findall(r"\w+", label))
    flags = re.NOFLAG if exact_case else re.IGNORECASE
    return re.search(rf"(?<!\w){words}(?:s|es)?(?!\w)", text, flags) is not None


def test_no_definition_names_its_term(finance, probes):
    asked = [probe for probe in probes if probe.family in ("P3", "P4")]
    assert asked

    for probe in asked:
        concept = finance.concepts[probe.concept]
        text = concept.definition
        assert text in (probe.prompt if probe.family == "P3" else probe.choices[probe.answer])
        for label in concept.labels:
            if label.language == "en" and label.scope == "exact":
                exact_case = label.type == "abbreviation"
                assert not _contains(text, label.text, exact_case=exact_case), probe


@pytest.mark.parametrize(
    ("text", "label", "found"),
    [
        ("Any swaps of notes.", "swap", True),
        ("Mark to market.", "mark-to-market", True),
        ("A swaption.", "swap", False),
        ("Two swap-like deals.", "swap", True),
    ],
)
def test_the_search_for_names_finds_them(text, label, found):
    assert _contains(text, label, exact_case=False) is found


def test_no_other_question_contains_its_answer_but_by_the_nature_of_terms(probes):
    """An abbreviation never stands in the question for it; a definition never in its own."""
    for probe in probes:
        if probe.family in ("P1", "P2", "P4"):
            assert not _contains(probe.prompt, probe.choices[probe.answer], exact_case=False), probe


def test_form_alone_does_not_answer(suite, finance, recipe, split):
    """Always taking the longest, shortest or most capitalised choice is near chance (25 %)."""
    probes = build_probes(suite, finance, split, count=recipe.evaluation.probes)
    rules = {
        "longest": len,
        "shortest": lambda text: -len(text),
        "most capitals": lambda text: sum(map(str.isupper, text)),
        "fewest capitals": lambda text: -sum(map(str.isupper, text)),
        "most words": lambda text: len(text.split()),
    }

    for name, rule in rules.items():
        share = sum(_by_rule(probe, rule) for probe in probes) / len(probes)
        assert share == pytest.approx(0.25, abs=0.06), name


def _by_rule(probe: Probe, rule) -> float:
    """Return the chance of being right by taking any of the choices that a rule ranks first."""
    ranks = [rule(choice) for choice in probe.choices]
    best = [place for place, rank in enumerate(ranks) if rank == max(ranks)]
    return (probe.answer in best) / len(best)


# --- the mix


def test_every_family_is_on_both_sides(probes):
    assert {(probe.family, probe.split) for probe in probes} == set(
        itertools.product(FAMILIES, ("seen", "unseen"))
    )


def test_the_mix_is_as_the_suite_says(suite, finance, chosen, probes):
    """Within one probe, but for families that have run out: the others share their places."""
    everything = build_probes(suite, finance, chosen, count=100_000)
    for side in ("seen", "unseen"):
        there = Counter(p.family for p in everything if p.split == side)
        asked = Counter(p.family for p in probes if p.split == side)
        open_families = [name for name in FAMILIES if asked[name] < there[name]]
        shares = {name: suite.families[name].share for name in open_families}
        places = sum(asked[name] for name in open_families)
        for name, share in shares.items():
            wanted = places * share / sum(shares.values())
            assert abs(asked[name] - wanted) <= 1, (side, asked, there)


def test_the_default_run_asks_what_its_recipe_says(suite, finance, recipe, split):
    probes = build_probes(suite, finance, split, count=recipe.evaluation.probes)

    assert len(probes) == recipe.evaluation.probes
    assert Counter(probe.split for probe in probes) == {
        "seen": round(recipe.evaluation.probes * suite.seen_share),
        "unseen": round(recipe.evaluation.probes * (1 - suite.seen_share)),
    }


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_share_of_seen_concepts(suite, finance, split, share):
    changed = suite.model_copy(update={"seen_share": share})

    probes = build_probes(changed, finance, split, count=40)

    assert Counter(probe.split for probe in probes)["seen"] == 40 * share


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_a_handful_of_probes(suite, finance, split, count):
    assert len(build_probes(suite, finance, split, count=count)) == count


def test_fewer_choices(suite, finance, split):
    changed = suite.model_copy(update={"choices": 2})

    probes = build_probes(changed, finance, split, count=50)

    assert {len(probe.choices) for probe in probes} == {2}
    assert Counter(probe.answer for probe in probes) == {0: 25, 1: 25}


# --- errors


def test_a_side_without_probes(suite, finance, split):
    for side, empty in (("seen", replace(split, seen=())), ("unseen", replace(split, unseen=()))):
        with pytest.raises(DataError) as caught:
            build_probes(suite, finance, empty, count=10)

        assert caught.value.code == "DA-EVAL-006"
        assert f"the 0 {side} concepts" in caught.value.message


def test_a_side_that_is_not_wanted_may_be_empty(suite, finance, split):
    changed = suite.model_copy(update={"seen_share": 1.0})

    probes = build_probes(changed, finance, replace(split, unseen=()), count=10)

    assert {probe.split for probe in probes} == {"seen"}


def test_a_family_that_nothing_makes(suite, finance, split):
    families = {"P9": Family(title="Code", prompts=("{given}?",), share=1.0)}
    changed = suite.model_copy(update={"headline": ("P9",), "families": families})

    with pytest.raises(DataError) as caught:
        build_probes(changed, finance, split, count=10)

    assert caught.value.code == "DA-EVAL-007"
    assert "P9" in caught.value.message
    assert "P1, P2, P3, P4, P5, P6" in caught.value.hint


# --- invented terms


def test_as_many_invented_terms_as_real_ones(suite, abstention):
    assert Counter(probe.family for probe in abstention) == {"P12": 20, "P12-real": 20}


def test_who_is_right_about_invented_and_real_terms(suite, finance, split, abstention):
    abstain = suite.families["P12"].abstain
    definitions = {finance.concepts[name].definition for name in split.seen}

    for probe in abstention:
        right = probe.choices[probe.answer]
        others = [choice for choice in probe.choices if choice not in (right, abstain)]
        if probe.family == "P12":
            assert right == abstain
            assert probe.split is None
        else:
            assert right == finance.concepts[probe.concept].definition
            assert abstain in probe.choices
            assert probe.split == "seen"
        assert set(others) <= definitions
        assert len(set(probe.choices)) == 3


def test_real_and_invented_terms_are_asked_about_alike(suite, finance, abstention):
    frames = {
        family: {
            probe.prompt.replace(_term(finance, probe), "…")
            for probe in abstention
            if probe.family == family
        }
        for family in ("P12", "P12-real")
    }

    assert frames["P12"] == frames["P12-real"]


def _term(finance: Ontology, probe: Probe) -> str:
    if probe.family == "P12":
        return probe.concept.removeprefix("invented:")
    return finance.concepts[probe.concept].preferred()


def test_definitions_beside_an_invented_term_vary(abstention):
    """Else a model could learn which definitions never are the answer."""
    offered = Counter(
        choice
        for probe in abstention
        if probe.family == "P12"
        for place, choice in enumerate(probe.choices)
        if place != probe.answer
    )

    assert max(offered.values()) <= 2


@pytest.mark.parametrize(
    "changed", [{"extra": None}, {"abstain": None}], ids=["no number", "no answer"]
)
def test_a_suite_may_leave_invented_terms_out(suite: GeneratedSuite, finance, split, changed):
    p12 = suite.families["P12"].model_copy(update=changed)
    without = suite.model_copy(update={"families": {**suite.families, "P12": p12}})

    assert build_abstention_probes(without, finance, split, headline=400) == ()


@pytest.mark.parametrize("definitions", [0, 1])
def test_too_few_definitions_make_no_probes_rather_than_easy_ones(
    suite, concept_of, ontology_of, definitions
):
    ontology = ontology_of(
        *(
            concept_of(f"big {word} rate", definition=f"It is said {n}." if n < definitions else "")
            for n, word in enumerate(["lending", "deposit", "funding", "discount", "forward"])
        )
    )
    split = ConceptSplit(seen=tuple(ontology.concepts), unseen=())

    assert build_abstention_probes(suite, ontology, split, headline=400) == ()
