"""From a suite and an ontology to the probes that are asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from domain_adapt.base.errors import DataError
from domain_adapt.base.records import Probe, Split
from domain_adapt.data.builders.abstention import invent_terms
from domain_adapt.data.draw import rank
from domain_adapt.data.split import ConceptSplit
from domain_adapt.evaluation.families import MAKERS, Draft, Side, definition
from domain_adapt.evaluation.suite import GeneratedSuite
from domain_adapt.ontology.ontology import Ontology

INVENTED = "P12"
REAL = "P12-real"
"""Real terms under the prompt of P12: what a model loses that answers "unknown" to everything."""

_DEFINITIONS = 2
"""Definitions among the choices of P12: long ones, so two keep an evaluation short."""


def build_probes(
    suite: GeneratedSuite, ontology: Ontology, split: ConceptSplit, *, count: int
) -> tuple[Probe, ...]:
    """Return the headline's probes: ``count`` of them, or all there are if that is fewer.

    Each side gets its share, each family its share of that; what a family cannot fill goes to
    the others of its side. Right answers are spread evenly over the positions.

    Raises:
        DataError: A side has no probe at all.
    """
    on_seen = round(count * suite.seen_share)
    sides: tuple[tuple[Split, tuple[str, ...], int], ...] = (
        ("seen", split.seen, on_seen),
        ("unseen", split.unseen, count - on_seen),
    )
    chosen: list[tuple[str, Split, Draft]] = []
    for side, concepts, wanted in sides:
        pool = Side(ontology, concepts)
        drafts = {name: _drafts(suite, pool, name) for name in suite.headline}
        if wanted and not any(drafts.values()):
            raise DataError(
                "DA-EVAL-006",
                f"No probe can be made for the {len(concepts)} {side} concepts.",
                hint="Raise data.held_out and data.concepts, or add definitions to the ontology.",
            )
        for name, number in _quotas(suite, drafts, wanted).items():
            chosen += [(name, side, draft) for draft in drafts[name][:number]]
    return _placed(suite, chosen)


def build_abstention_probes(
    suite: GeneratedSuite, ontology: Ontology, split: ConceptSplit, *, headline: int
) -> tuple[Probe, ...]:
    """Return P12: invented terms, and as many real ones under the same prompt.

    One choice says that the term is not known, two are definitions of real concepts. For
    invented terms the first is right, for real terms their own definition. There are none where
    the seen concepts have too few definitions to choose from.

    Args:
        suite: Says how many there are to one of the headline's.
        ontology: Where concepts come from.
        split: Real terms are seen ones.
        headline: How many probes the headline has.
    """
    family = suite.families.get(INVENTED)
    if family is None or family.extra is None or family.abstain is None:
        return ()
    count = round(headline * family.extra)
    side = Side(ontology, split.seen)
    real = {name: definition(side, ontology.concepts[name]) for name in split.seen}
    pool = [name for name, draft in real.items() if draft]
    pool.sort(key=lambda name: rank(suite.seed, INVENTED, name))
    terms = invent_terms(
        ontology, ontology.concepts, count=count, namespace="suite", seed=suite.seed
    )
    wrong = _DEFINITIONS
    if len(pool) < wrong:
        return ()
    probes = []
    for number, name in enumerate(terms):
        nearby = [pool[(number * wrong + k) % len(pool)] for k in range(wrong)]
        texts = tuple(ontology.concepts[each].definition for each in nearby)
        invented = Draft(f"invented:{name}", name, family.abstain, texts)
        probes.append(_probe(suite, INVENTED, None, invented, number))
    for number, name in enumerate(pool[:count]):
        if (draft := real[name]) and len(draft.wrong) >= wrong - 1:
            choices = (family.abstain, *draft.wrong[: wrong - 1])
            probes.append(_probe(suite, REAL, "seen", replace(draft, wrong=choices), number))
    return tuple(probes)


def _drafts(suite: GeneratedSuite, side: Side, family: str) -> list[Draft]:
    """Return a family's possible probes on one side, in drawn order."""
    if family not in MAKERS:
        raise DataError(
            "DA-EVAL-007",
            f"Suite '{suite.name}' asks for family {family}, which has no generator.",
            hint=f"Known: {', '.join(MAKERS)}.",
        )
    made = (MAKERS[family](side, side.ontology.concepts[name]) for name in side.concepts)
    usable = [draft for draft in made if draft and len(draft.wrong) >= suite.choices - 1]
    return sorted(usable, key=lambda draft: rank(suite.seed, family, draft.concept))


def _quotas(suite: GeneratedSuite, drafts: dict[str, list[Draft]], wanted: int) -> dict[str, int]:
    """Deal ``wanted`` places to families by share, none above what it has."""
    given = dict.fromkeys(drafts, 0)
    for _ in range(min(wanted, sum(map(len, drafts.values())))):
        open_families = [name for name in drafts if given[name] < len(drafts[name])]
        best = max(
            open_families,
            key=lambda name: (suite.families[name].share or 0) / (2 * given[name] + 1),
        )
        given[best] += 1
    return given


def _placed(suite: GeneratedSuite, chosen: Iterable[tuple[str, Split, Draft]]) -> tuple[Probe, ...]:
    """Turn drafts into probes with right answers dealt evenly over the positions."""
    return tuple(
        _probe(suite, family, side, draft, number)
        for number, (family, side, draft) in enumerate(chosen)
    )


def _probe(
    suite: GeneratedSuite, family: str, side: Split | None, draft: Draft, number: int
) -> Probe:
    wording = suite.families[INVENTED if family == REAL else family].prompts
    prompt = wording[rank(suite.seed, "wording", family, draft.concept) % len(wording)]
    wrong = draft.wrong[: suite.choices - 1]
    answer = number % (len(wrong) + 1)
    return Probe(
        id=f"{family}:{draft.concept}",
        family=family,
        concept=draft.concept,
        split=side,
        prompt=prompt.format(given=draft.given, field=suite.field),
        choices=(*wrong[:answer], draft.right, *wrong[answer:]),
        answer=answer,
        accepted=draft.accepted,
    )
