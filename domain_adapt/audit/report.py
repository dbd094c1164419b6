"""``report.json``, ``report.html`` and the model card: all from the record of one run."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain_adapt.audit.record import SCHEMA, RunRecord
from domain_adapt.base.errors import DataError
from domain_adapt.base.files import write_text

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

HTML_NAME = "report.html"
JSON_NAME = "report.json"
CARD_NAME = "MODEL_CARD.md"


@dataclass(frozen=True, slots=True)
class ReportPaths:
    """Where the three files of a report lie."""

    html: Path
    json: Path
    card: Path


def write_report(record: RunRecord, folder: Path) -> ReportPaths:
    """Write the report's three files into ``folder``; all are rendered before any is written.

    Raises:
        DataError: The record is not sound (DA-AUDIT-001 to 004).
        DomainAdaptError: The disk is full or the folder is not writable.
    """
    paths = ReportPaths(folder / HTML_NAME, folder / JSON_NAME, folder / CARD_NAME)
    texts = {
        paths.json: record_to_json(record),
        paths.html: render_html(record),
        paths.card: render_model_card(record),
    }
    for path, text in texts.items():
        write_text(path, text)
    return paths


def render_html(record: RunRecord) -> str:
    """Return the report as one self-contained page; the same record gives the same bytes.

    Raises:
        DataError: A number is not finite (DA-AUDIT-001).
    """
    from domain_adapt.audit.render import page

    return page(_checked(record))


def render_model_card(record: RunRecord) -> str:
    """Return the model card: Markdown with the Hub's front matter.

    Raises:
        DataError: A number is not finite (DA-AUDIT-001).
    """
    from domain_adapt.audit.model_card import model_card

    return model_card(_checked(record))


def record_to_json(record: RunRecord) -> str:
    """Return the record as JSON for people and programs: indented, keys sorted, no NaN.

    Raises:
        DataError: A number is not finite (DA-AUDIT-001), or a field has the wrong type
            (DA-AUDIT-003).
    """
    from pydantic_core import PydanticSerializationError

    try:
        facts = _adapter().dump_python(_checked(record), mode="json", warnings=False)
    except PydanticSerializationError as error:
        raise _field_error(str(error)) from error
    sound = record_from_json(json.dumps(facts))  # whole numbers in float fields become floats
    facts = _adapter().dump_python(sound, mode="json")
    return json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def record_from_json(text: str) -> RunRecord:
    """Return the record that ``report.json`` holds.

    Raises:
        DataError: The text is no JSON (DA-AUDIT-002), has a missing, unknown or wrong field
            (DA-AUDIT-003), or another version's shape (DA-AUDIT-004).
    """
    from pydantic import ValidationError

    facts = _parsed(text)
    try:
        record = _adapter().validate_json(text, strict=True)
    except ValidationError as error:
        raise _field_error(_first_problem(error)) from error
    unknown = sorted(set(_field_paths(facts)) - set(_field_paths(asdict(record))))
    if unknown:
        raise _field_error(f"'{unknown[0]}' is no field of a record")
    return _checked(record)


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``report.json``; fields that it does not name are refused."""
    schema = _adapter().json_schema(mode="serialization")
    for shape in (schema, *schema["$defs"].values()):
        if shape.get("type") == "object" and "properties" in shape:
            shape["additionalProperties"] = False
    schema["properties"]["schema"]["const"] = SCHEMA
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


@cache
def _adapter() -> TypeAdapter[RunRecord]:
    from pydantic import TypeAdapter

    return TypeAdapter(RunRecord)


def _checked(record: RunRecord) -> RunRecord:
    """Return the record if every number in it is finite: a report shows no guess."""
    for path, value in _leaves(asdict(record)):
        if isinstance(value, float) and not math.isfinite(value):
            raise DataError(
                "DA-AUDIT-001",
                f"The record's '{path}' is {value}, which is no measurement.",
                hint="Look for the stage that made it (a diverged training gives such numbers), "
                "then run again.",
            )
    return record


def _parsed(text: str) -> object:
    """Return the JSON value, whose shape's version is known."""
    try:
        facts = json.loads(text)
    except ValueError as error:
        raise DataError(
            "DA-AUDIT-002",
            f"The text is not JSON: {error}.",
            hint="Use the report.json that the run wrote, unchanged.",
        ) from error
    schema = facts.get("schema") if isinstance(facts, dict) else None
    if schema is not None and schema != SCHEMA:
        raise DataError(
            "DA-AUDIT-004",
            f"The record has the shape '{schema}'; this version reads '{SCHEMA}'.",
            hint="Read it with the version of domain-adapt that wrote it.",
        )
    return facts


def _field_error(problem: str) -> DataError:
    return DataError(
        "DA-AUDIT-003",
        f"The record does not have the shape '{SCHEMA}': {problem}.",
        hint="Use the report.json that the run wrote, unchanged.",
    )


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the whole text"
    return f"{place}: {first['msg']}"


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield every value that is no container, with its dotted path."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}.{index}")
    else:
        yield path, value


def _field_paths(value: object, path: str = "") -> Iterator[str]:
    """Yield the dotted path of every key."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = f"{path}.{key}" if path else str(key)
            yield here
            yield from _field_paths(inner, here)
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _field_paths(inner, f"{path}.{index}")
