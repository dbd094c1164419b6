"""What a pack is: the names of the things that belong together for one profession.

Packs of other distributions register an entry point in the group ``domain_adapt.packs`` whose
name is the pack's and whose object is a ``Pack``.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from domain_adapt.base.errors import DomainAdaptError, UsageError
from domain_adapt.base.suggest import did_you_mean

ENTRY_POINTS = "domain_adapt.packs"


@dataclass(frozen=True, slots=True)
class Pack:
    """One profession.

    Attributes:
        name: What ``domain-adapt run`` is told.
        title: What a person calls it.
        description: One sentence.
        recipe: Name of its recipe.
        ontology: Name of its ontology.
        suites: Names of its suites, the one of the headline first.
    """

    name: str
    title: str
    description: str
    recipe: str
    ontology: str
    suites: tuple[str, ...]


BUNDLED = {
    "finance": Pack(
        name="finance",
        title="Finance",
        description="Terms of markets, banking, accounting, risk and regulation.",
        recipe="finance",
        ontology="finance",
        suites=("finance/terms", "general/everyday"),
    ),
}


def pack_names() -> tuple[str, ...]:
    """Return the names of all packs, bundled ones first; none is imported for it."""
    return tuple(dict.fromkeys([*BUNDLED, *sorted(_registered().names)]))


def load_pack(name: str) -> Pack:
    """Return the pack called ``name``.

    Raises:
        UsageError: There is no such pack.
        DomainAdaptError: Another distribution's pack cannot be imported or is no ``Pack``.
    """
    if name in BUNDLED:
        return BUNDLED[name]
    found = _registered()
    if name not in found.names:
        raise UsageError(
            "DA-PACK-001",
            f"There is no pack '{name}'.",
            hint=f"{did_you_mean(name, pack_names())} See 'domain-adapt packs list'.",
        )
    return _import_pack(found[name])


def _registered() -> metadata.EntryPoints:
    """Return the entry points of other distributions."""
    return metadata.entry_points(group=ENTRY_POINTS)


def _import_pack(entry: metadata.EntryPoint) -> Pack:
    """Return the pack that an entry point names."""
    try:
        pack = entry.load()
    except Exception as error:  # another distribution's code can fail in any way
        raise _broken(entry, f"{type(error).__name__}: {error}") from error
    if not isinstance(pack, Pack):
        raise _broken(entry, f"it is a {type(pack).__name__}, not a Pack")
    return pack


def _broken(entry: metadata.EntryPoint, reason: str) -> DomainAdaptError:
    """Return the error for a pack that another distribution registers wrongly."""
    return DomainAdaptError(
        "DA-PACK-002",
        f"The pack '{entry.name}' ({entry.value}) cannot be loaded: {reason}.",
        hint="Update or uninstall the distribution that registers it.",
    )
