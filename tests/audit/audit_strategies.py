"""Hypothesis strategies for records, derived from the dataclasses themselves."""

from __future__ import annotations

import dataclasses
import types
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from domain_adapt.audit.record import SCHEMA, RunRecord

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
WHOLE = st.integers(-(2**53), 2**53)
TEXTS = st.text(max_size=12)


def strategy_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for a dataclass or for one of the types that its fields have."""
    simple = {float: NUMBERS, int: WHOLE, str: TEXTS, bool: st.booleans(), type(None): st.none()}
    if kind in simple:
        return simple[kind]
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        names = [field.name for field in dataclasses.fields(kind)]
        return st.builds(kind, **{name: strategy_of(hints[name]) for name in names})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(strategy_of(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(strategy_of, arguments))
    if origin is dict:
        return st.dictionaries(TEXTS, strategy_of(arguments[1]), max_size=2)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(strategy_of, arguments))
    raise TypeError(f"No strategy for {kind}.")


def records() -> st.SearchStrategy[RunRecord]:
    """Return a strategy for records with any finite numbers and any text."""
    return strategy_of(RunRecord).map(lambda record: dataclasses.replace(record, schema=SCHEMA))
