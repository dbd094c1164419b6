"""Short readable ids: ``fibo-sec-dbt-bnd:Bond`` for an address of eighty characters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from domain_adapt.ontology.importers.rdf_names import OBO, WELL_KNOWN

_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_OBO_ID = re.compile(r"([A-Za-z]+)_(\w+)")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


class Curies:
    """Turns addresses into ids.

    A namespace is what stands before the last ``#`` or ``/``. It goes by the prefix that most
    files give it; two namespaces never share one.

    Args:
        prefixes: Namespace to how many files shorten it by which prefix.
    """

    def __init__(self, prefixes: Mapping[str, Counter[str]]) -> None:
        self._known: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._taken = set(WELL_KNOWN.values())
        by_use = sorted(prefixes.items(), key=lambda item: (-item[1].total(), item[0]))
        for namespace, uses in by_use:
            prefix = min(uses, key=lambda each: (-uses[each], len(each), each))
            self._name(namespace, prefix)

    def of(self, address: str) -> str:
        """Return the id of an address; the same for the same address, always."""
        known = self._known.get(address)
        if known is None:
            known = self._known[address] = self._make(address)
        return known

    def _make(self, address: str) -> str:
        if address.startswith(OBO) and (found := _OBO_ID.fullmatch(address[len(OBO) :])):
            space = f"{OBO}{found[1]}_"
            return f"{self._names.get(space) or self._name(space, found[1])}:{found[2]}"
        trimmed = address.rstrip("#/") or address
        cut = max(trimmed.rfind("#"), trimmed.rfind("/"), -1) + 1
        cut = cut or trimmed.rfind(":") + 1
        namespace, local = address[:cut], address[cut:]
        return f"{self._names.get(namespace) or self._name(namespace, '')}:{local}"

    def _name(self, namespace: str, wanted: str) -> str:
        """Give a namespace a prefix: the wanted one, its last word, or that with a number."""
        if namespace in WELL_KNOWN:
            prefix = WELL_KNOWN[namespace]
        else:
            base = wanted if _PREFIX.fullmatch(wanted) else _last_word(namespace)
            prefix, number = base, 1
            while prefix in self._taken:
                number += 1
                prefix = f"{base}{number}"
        self._taken.add(prefix)
        self._names[namespace] = prefix
        return prefix


def _last_word(namespace: str) -> str:
    words = [word for part in re.split(r"[/#:]+", namespace) for word in _WORD.findall(part)]
    return words[-1].lower() if words else "ns"
