"""The suite format: what is asked, how it is scored, and how much of each.

A suite is YAML: ``kind: generated`` suites make probes from an ontology, those of ``kind:
items`` (or none) list their items in a JSONL file of ``question``, ``choices`` and ``answer``.
"""

from __future__ import annotations

import difflib
import string
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from domain_adapt.base.assets import assets_root
from domain_adapt.base.errors import DataError, UsageError
from domain_adapt.base.suggest import did_you_mean

Scoring = Literal["raw", "per_byte"]
Share = Annotated[float, Field(gt=0, le=1)]
Text = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Family(_Section):
    """One way of asking.

    Attributes:
        title: What a person calls it.
        prompts: Wordings with ``{given}`` and, if wanted, ``{field}``.
        share: Part of the headline's probes; None for families outside it.
        extra: Probes of a family outside the headline, to one of the headline's.
        abstain: The answer that says a name is not known (P12).
    """

    title: Text
    prompts: Annotated[tuple[Text, ...], Field(min_length=1)]
    share: Share | None = None
    extra: Share | None = None
    abstain: str | None = None


class Generation(_Section):
    """Which family is asked again to be answered freely, and how long an answer may be."""

    family: Text
    max_new_tokens: Annotated[int, Field(ge=1, le=1024)]


class GeneratedSuite(_Section):
    """Probes made from an ontology."""

    kind: Literal["generated"]
    name: Text
    version: Text
    pack: Text
    title: Text
    field: Text
    licence: Text
    seed: int
    choices: Annotated[int, Field(ge=2, le=10)]
    scoring: Scoring
    seen_share: Annotated[float, Field(ge=0, le=1)]
    headline: tuple[Text, ...]
    families: dict[str, Family]
    generation: Generation

    @model_validator(mode="after")
    def _families_fit(self) -> GeneratedSuite:
        for name in (*self.headline, self.generation.family):
            if name not in self.families:
                raise ValueError(f"'{name}' is named but is not among the families")
        shares = [self.families[name].share for name in self.headline]
        if None in shares or abs(sum(share or 0 for share in shares) - 1) > 1e-6:
            raise ValueError("the shares of the headline's families must add up to 1")
        for name, family in self.families.items():
            for prompt in family.prompts:
                if not {"given"} <= _slots(prompt) <= {"given", "field"}:
                    raise ValueError(
                        f"prompt '{prompt}' of {name} must have the slot {{given}} and may have "
                        "{field}, but no other"
                    )
        return self


class ItemsSuite(_Section):
    """Probes listed one by one."""

    kind: Literal["items"] = "items"
    name: Text
    version: Text
    title: Text
    items: Text
    licence: Text
    scoring: Scoring = "per_byte"


Suite = GeneratedSuite | ItemsSuite

_KINDS: dict[str, type[GeneratedSuite | ItemsSuite]] = {
    "generated": GeneratedSuite,
    "items": ItemsSuite,
}
_INNER: dict[str, type[_Section]] = {"families": Family, "generation": Generation}


@dataclass(frozen=True, slots=True)
class LoadedSuite:
    """A suite and where it was found."""

    suite: Suite
    path: Path


def suite_names() -> tuple[str, ...]:
    """Return the bundled suites as ``<folder>/<name>``."""
    root = assets_root() / "eval_suites"
    return tuple(
        sorted(path.relative_to(root).with_suffix("").as_posix() for path in root.rglob("*.yaml"))
    )


def load_suite(name_or_path: str) -> LoadedSuite:
    """Load a bundled suite by name, or one of the user's: YAML, or JSONL of items.

    Raises:
        UsageError: There is no such suite or file.
        DataError: The file is not a valid suite.
    """
    bundled = assets_root() / "eval_suites" / f"{name_or_path}.yaml"
    path = bundled if bundled.is_file() else Path(name_or_path)
    if path.suffix == ".jsonl" and path.is_file():
        suite: Suite = ItemsSuite(
            name=path.stem, version="file", title=path.stem, items=path.name, licence="unknown"
        )
        return LoadedSuite(suite, path)
    if not path.is_file():
        raise UsageError(
            "DA-EVAL-001",
            f"There is no suite '{name_or_path}'.",
            hint=did_you_mean(name_or_path, suite_names()),
        )
    return LoadedSuite(_parse(path), path)


def _parse(path: Path) -> Suite:
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise DataError(
            "DA-EVAL-002",
            f"'{path}' is not YAML: {error}.",
            hint="Compare it with the bundled suites under eval_suites/.",
        ) from error
    kind = content.get("kind", "items") if isinstance(content, dict) else "items"
    if str(kind) not in _KINDS:
        raise DataError(
            "DA-EVAL-010",
            f"'{path}' is of the unknown kind '{kind}'.",
            hint=did_you_mean(str(kind), _KINDS),
        )
    model = _KINDS[str(kind)]
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise DataError(
            "DA-EVAL-003",
            f"'{path}' is no valid suite: {_problems(error, model)}.",
            hint="Compare it with the bundled suites under eval_suites/.",
        ) from error


def _problems(error: ValidationError, model: type[BaseModel]) -> str:
    """Return every problem of the file in one line, with the nearest key for unknown ones."""
    told = []
    for problem in error.errors():
        place = ".".join(str(part) for part in problem["loc"]) or "the file"
        section = _INNER.get(place.split(".")[0], model) if len(problem["loc"]) > 1 else model
        name = place.rpartition(".")[2]
        close = difflib.get_close_matches(name, list(section.model_fields), n=1)
        unknown = problem["type"] == "extra_forbidden" and close
        told.append(
            f"{place}: {problem['msg']}" + (f" (did you mean '{close[0]}'?)" if unknown else "")
        )
    return "; ".join(told)


def _slots(template: str) -> set[str]:
    """Return the names of a template's slots; ValueError where its braces do not pair."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
