"""``abstention.v1``: saying so when a name does not exist."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from domain_adapt.data.builders.facts import Fact
from domain_adapt.data.draw import rank
from domain_adapt.ontology.concept import Concept, LabelType
from domain_adapt.ontology.ontology import Ontology

CONCEPTS_PER_INVENTED_TERM = 12
MOST_INVENTED_TERMS = 40
_ATTEMPTS_PER_TERM = 200
_NAMESPACES = ("train", "suite")
_ONSETS = ("b", "br", "d", "dr", "f", "gl", "h", "kr", "l", "m", "n", "pr", "qu", "s", "tr", "v")
_VOWELS = ("a", "e", "i", "o", "u", "ae", "ei", "ou")
_MIDDLES = ("ldo", "mi", "nda", "re", "rvi", "ssa", "to", "ve")
_CODAS = ("ck", "dal", "ffin", "gg", "ll", "mond", "nth", "rne", "rvik", "sk", "sten", "th", "x")


def abstention_facts(
    ontology: Ontology, concept_ids: Sequence[str], *, seed: int
) -> Iterator[Fact]:
    """Yield invented terms: one for each dozen concepts, forty at most."""
    count = min(MOST_INVENTED_TERMS, -(-len(concept_ids) // CONCEPTS_PER_INVENTED_TERM))
    terms = invent_terms(ontology, concept_ids, count=count, namespace="train", seed=seed)
    for term in terms:
        yield Fact(None, "unknown_term", term, "")


def invent_terms(
    ontology: Ontology,
    concept_ids: Iterable[str],
    *,
    count: int,
    namespace: str,
    seed: int,
) -> tuple[str, ...]:
    """Return names that sound like the field's and are none of its terms.

    Half of them join words of three labels that no label joins, half put an invented surname
    before a word that ends labels. Which namespace a name belongs to depends on the name alone,
    so training and suites never share one, whatever the seeds.

    Args:
        ontology: Whose labels they must not be, nor be part of.
        concept_ids: Concepts whose words are used.
        count: How many at most; fewer where the concepts have too few words.
        namespace: ``train`` or ``suite``.
        seed: Decides which.
    """
    side = _NAMESPACES.index(namespace)
    labels = _english_labels(ontology.concepts.values())
    first, last = _ends(ontology, concept_ids)
    pairs = _word_pairs(labels)
    chosen: dict[str, None] = {}
    for attempt in range(count * _ATTEMPTS_PER_TERM if first else 0):
        if len(chosen) == count:
            break
        term = _candidate(first, last, seed=seed, attempt=attempt, odd=len(chosen) % 2 == 1)
        mine = rank(0, "invented term", term.casefold()) % len(_NAMESPACES) == side
        if mine and not _is_known(term, labels, pairs):
            chosen[term] = None
    return tuple(chosen)


def _candidate(
    first: Sequence[str], last: Sequence[str], *, seed: int, attempt: int, odd: bool
) -> str:
    def pick(words: Sequence[str], part: str) -> str:
        return words[rank(seed, "invent", str(attempt), part) % len(words)]

    if odd:
        # three syllables: with one, real words come out ("truck", "nick", "quell")
        parts = (_ONSETS, "onset"), (_VOWELS, "vowel"), (_MIDDLES, "middle"), (_CODAS, "coda")
        name = "".join(pick(sounds, part) for sounds, part in parts)
        return f"{name.capitalize()} {pick(last, 'head')}"
    return f"{pick(first, 'one')} {pick(first, 'two')} {pick(last, 'head')}"


def _is_known(term: str, labels: Sequence[str], pairs: frozenset[tuple[str, str]]) -> bool:
    """Return whether it is, is part of, or joins two words as some label does."""
    words = _words(term)
    joins = set(itertools.pairwise(words))
    repeats = len(set(words)) < len(words)
    return repeats or bool(joins & pairs) or any(term.casefold() in label for label in labels)


def _english_labels(concepts: Iterable[Concept]) -> list[str]:
    return [
        label.text.casefold()
        for concept in concepts
        for label in concept.labels
        if label.language == "en"
    ]


def _word_pairs(labels: Iterable[str]) -> frozenset[tuple[str, str]]:
    return frozenset(pair for label in labels for pair in itertools.pairwise(_words(label)))


def _ends(ontology: Ontology, concept_ids: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the first and the last words of labels with several words; no abbreviations."""
    names = [
        name
        for concept_id in concept_ids
        for name in (
            ontology.concepts[concept_id].preferred(),
            *ontology.concepts[concept_id].names(LabelType.SYNONYM),
        )
    ]
    plain = [words for name in names if len(words := name.split()) > 1 and name.islower()]
    return (
        sorted({words[0] for words in plain if words[0].isalpha()}),
        sorted({words[-1] for words in plain if words[-1].isalpha()}),
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
