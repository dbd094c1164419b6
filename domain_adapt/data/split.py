"""Which concepts are trained on and which are never seen.

Stable as far as hashing allows: inside a branch concepts are ordered by a keyed hash of their
own id, so a new concept can push at most the last chosen one of its branch out; places are
dealt to branches by Sainte-Laguë's method, so a branch that grows can take a place or two from
others and changes nothing else about them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain_adapt.base.errors import ConfigError
from domain_adapt.data.draw import ranked
from domain_adapt.data.leaks import LabelIndex
from domain_adapt.ontology.concept import Concept, LabelType
from domain_adapt.ontology.ontology import Ontology

Stratum = tuple[str, str]
"""Branch, and ``leaf`` or ``class``."""


@dataclass(frozen=True, slots=True)
class ConceptSplit:
    """The two sides, each in the ontology's order.

    Attributes:
        seen: Ids of the concepts that training examples are built for.
        unseen: Ids of the held-out concepts, leaves only.
    """

    seen: tuple[str, ...]
    unseen: tuple[str, ...]


def split_concepts(
    ontology: Ontology, *, seen: int | None, held_out: int, seed: int
) -> ConceptSplit:
    """Hold out leaves in proportion to the branches' leaves, then choose what is trained on.

    Never more than half of a branch's leaves are held out, so that each branch is also taught.
    A leaf whose name is part of another concept's name ("limit order", "stop-limit order") is
    not held out: nothing about the other could be taught without mentioning it.

    Args:
        ontology: Where the concepts come from.
        seen: How many concepts to train on; None takes all that are left.
        held_out: How many concepts are never trained on.
        seed: Decides which.

    Raises:
        ConfigError: More is asked for than there is (``DA-DATA-010`` to ``DA-DATA-012``).
    """
    _refuse_negative(seen=seen, held_out=held_out)
    unseen = _choose_unseen(ontology, held_out, seed)
    chosen = _choose_seen(ontology, unseen, seen, seed)
    order = ontology.concepts
    return ConceptSplit(
        seen=tuple(concept for concept in order if concept in chosen),
        unseen=tuple(concept for concept in order if concept in unseen),
    )


def teachable(concept: Concept) -> bool:
    """Return whether a builder can make anything of it: a definition, second name or parent."""
    second_names = concept.names(LabelType.ABBREVIATION) + concept.names(LabelType.SYNONYM)
    return bool(concept.preferred() and (concept.definition or second_names or concept.parents))


def apportion(
    sizes: Mapping[Stratum, int], places: int, *, caps: Mapping[Stratum, int]
) -> dict[Stratum, int]:
    """Deal ``places`` to strata in proportion to their sizes, none above its cap.

    Sainte-Laguë's highest averages: each place goes to the stratum with the largest
    ``size / (2·given + 1)``. One place more never takes one away from a stratum.

    Raises:
        ValueError: The caps together are below ``places``.
    """
    if places > sum(caps[stratum] for stratum in sizes):
        raise ValueError(f"{places} places do not fit under the caps {dict(caps)}")
    given = dict.fromkeys(sizes, 0)
    for _ in range(places):
        open_strata = [stratum for stratum in sizes if given[stratum] < caps[stratum]]
        best = min(open_strata, key=lambda s: (-sizes[s] / (2 * given[s] + 1), s))
        given[best] += 1
    return given


def _refuse_negative(**counts: int | None) -> None:
    for name, value in counts.items():
        if value is not None and value < 0:
            raise ConfigError(
                "DA-DATA-012",
                f"The number of {name.replace('_', '-')} concepts is {value}.",
                hint="Give 0 or more.",
            )


def _choose_unseen(ontology: Ontology, held_out: int, seed: int) -> frozenset[str]:
    leaves = ontology.leaves()
    in_branch = _by_stratum((ontology.concepts[x] for x in leaves), leaves=frozenset(leaves))
    inside = _named_inside_others(ontology)
    usable = {
        stratum: [c for c in members if teachable(c) and c.id not in inside]
        for stratum, members in in_branch.items()
    }
    sizes = {stratum: len(members) for stratum, members in in_branch.items()}
    caps = {s: min(size // 2, len(usable[s])) for s, size in sizes.items()}
    if held_out > sum(caps.values()):
        raise ConfigError(
            "DA-DATA-010",
            f"{held_out} held-out concepts are asked for, but '{ontology.name}' has "
            f"{sum(caps.values())}: half of each branch's leaves at most, and none whose name "
            "is part of another's.",
            hint=f"Ask for at most {sum(caps.values())}, or add concepts to the ontology.",
        )
    return _draw(usable, apportion(sizes, held_out, caps=caps), seed=seed, purpose="held-out")


def _named_inside_others(ontology: Ontology) -> frozenset[str]:
    """Return the concepts one of whose names occurs, as whole words, in another's."""
    owner = {
        label: concept.id for concept in ontology.concepts.values() for label in _labels(concept)
    }
    index = LabelIndex.of_concepts(ontology, ontology.concepts)
    return frozenset(
        owner[found]
        for concept in ontology.concepts.values()
        for label in _labels(concept)
        for found in index.find(label)
        if owner[found] != concept.id
    )


def _labels(concept: Concept) -> tuple[str, ...]:
    return tuple(text for kind in LabelType for text in concept.names(kind))


def _choose_seen(
    ontology: Ontology, unseen: frozenset[str], seen: int | None, seed: int
) -> frozenset[str]:
    rest = [c for c in ontology.concepts.values() if c.id not in unseen and teachable(c)]
    if seen is None:
        return frozenset(concept.id for concept in rest)
    if seen > len(rest):
        raise ConfigError(
            "DA-DATA-011",
            f"{seen} concepts to train on are asked for, but '{ontology.name}' has {len(rest)} "
            f"left beside the {len(unseen)} held-out ones.",
            hint=f"Ask for at most {len(rest)}, or hold out fewer.",
        )
    strata = _by_stratum(rest, leaves=frozenset(ontology.leaves()))
    sizes = {stratum: len(members) for stratum, members in strata.items()}
    return _draw(strata, apportion(sizes, seen, caps=sizes), seed=seed, purpose="seen")


def _by_stratum(
    concepts: Iterable[Concept], *, leaves: frozenset[str]
) -> dict[Stratum, list[Concept]]:
    strata: dict[Stratum, list[Concept]] = defaultdict(list)
    for concept in concepts:
        strata[concept.branch, "leaf" if concept.id in leaves else "class"].append(concept)
    return dict(strata)


def _draw(
    strata: Mapping[Stratum, list[Concept]],
    counts: Mapping[Stratum, int],
    *,
    seed: int,
    purpose: str,
) -> frozenset[str]:
    chosen: set[str] = set()
    for stratum, members in strata.items():
        ordered = ranked(members, seed=seed, purpose=purpose, key=lambda concept: concept.id)
        chosen.update(concept.id for concept in ordered[: counts[stratum]])
    return frozenset(chosen)
