"""The model card: the Hub's front matter, then facts and limits in Markdown."""

from __future__ import annotations

import re
from typing import Any

import yaml

from domain_adapt.audit import order
from domain_adapt.audit.phrases import Phrases, load_strings, verdict
from domain_adapt.audit.record import RunRecord
from domain_adapt.audit.render import environment
from domain_adapt.evaluation.estimates import Comparison

HUB_LICENCES = frozenset(
    (
        *("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0"),
        *("cc-by-sa-4.0", "cc-by-nc-4.0", "gpl-3.0", "lgpl-3.0", "agpl-3.0", "mpl-2.0"),
        *("unlicense", "openrail", "gemma", "llama2", "llama3", "llama3.1", "llama3.2"),
        *("llama3.3", "llama4"),
    )
)
_SPECIAL = re.compile(r"([\\`*_\[\]~|$@{}#])")
_LINK = re.compile(r"(?i)(?<=[a-z])(:)(?=//)|(?<=www)(\.)")


def escape_markdown(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is, on one line.

    ``<``, ``>`` and ``&`` are left to the HTML escaping that follows; bare addresses are kept
    from turning into links, since models and users wrote the text.
    """
    return _LINK.sub(lambda match: "\\" + match[0], _SPECIAL.sub(r"\\\1", _one_line(text)))


def _one_line(text: str) -> str:
    """Return ``text`` without line breaks: a line ``---`` would end the front matter."""
    return " ".join(text.split())


def _escaped(value: object) -> object:
    """Return a value ready for the template's own escaping (Jinja's ``finalize``)."""
    return value if hasattr(value, "__html__") else escape_markdown(str(value))


def model_card(record: RunRecord, *, language: str = "en") -> str:
    """Return ``MODEL_CARD.md`` for a record whose numbers are all finite."""
    strings = load_strings(language)
    say = Phrases(strings)
    body = (
        environment(_escaped)
        .get_template("model_card.md.j2")
        .render(
            record=record,
            evaluation=record.evaluation,
            t=strings,
            say=say,
            limits=say.limits(record),
            peft_folder=_peft_folder(record),
            families=order.family_codes(record.evaluation),
            family_title=order.family_title,
            command=order.command(record),
            verdict=verdict,
        )
    )
    return f"---\n{_front_matter(record, say)}---\n\n{body}"


def _peft_folder(record: RunRecord) -> str | None:
    """Return where below the version's folder peft finds the adapter; None: nowhere."""
    names = {file.name for file in record.files}
    for folder in ("", "/adapter"):
        parts = ("adapter_config.json", "adapter_model.safetensors")
        if names.issuperset(f"{folder}/{part}".removeprefix("/") for part in parts):
            return folder
    return None


def _front_matter(record: RunRecord, say: Phrases) -> str:
    facts: dict[str, Any] = {
        **_licence(record.model.licence),
        "base_model": _one_line(record.model.name),
        "library_name": "peft",
        "pipeline_tag": "text-generation",
        "language": ["en"],
        "tags": ["domain-adapt", "lora", "terminology", _one_line(record.pack)],
        "model-index": [{"name": _one_line(record.version), "results": _results(record, say)}],
    }
    return str(yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=100))


def _licence(licence: str) -> dict[str, str]:
    """Return the Hub's licence fields; one that it does not know goes by its own name."""
    if licence.lower() in HUB_LICENCES:
        return {"license": licence.lower()}
    return {"license": "other", "license_name": _one_line(licence)}


def _results(record: RunRecord, say: Phrases) -> list[dict[str, Any]]:
    """Return the measurements in the Hub's ``model-index`` form."""
    facts, card = record.evaluation, say.strings.card
    terms = {
        card.metric_terms: facts.headline,
        card.metric_seen: facts.seen,
        card.metric_unseen: facts.unseen,
    }
    for code in order.family_codes(facts):
        title = f"{code} {order.family_title(facts, code)}"
        terms[card.metric_family.format(title=title)] = facts.families[code]
    suites = (
        (facts.suite, facts.suite_version, facts.suite_digest, terms),
        (
            record.retention.suite,
            None,
            record.retention.suite_digest,
            {card.metric_retention: record.retention.comparison},
        ),
    )
    return [
        {
            "task": {"type": "multiple-choice", "name": card.task},
            "dataset": {
                "type": _one_line(name),
                "name": _one_line(f"{name} {version or ''}"),
                "revision": _one_line(digest),
            },
            "metrics": [_metric(title, comparison) for title, comparison in metrics.items()],
        }
        for name, version, digest, metrics in suites
    ]


def _metric(title: str, comparison: Comparison) -> dict[str, Any]:
    """Return the adapted model's accuracy; what goes with it stands in ``args``."""
    return {
        "type": "accuracy",
        "name": _one_line(title),
        "value": round(comparison.adapted.value, 4),
        "args": {
            "n": comparison.n,
            "ci95": [round(bound, 4) for bound in comparison.adapted.ci95],
            "base_value": round(comparison.base.value, 4),
            "delta": round(comparison.delta, 4),
            "delta_ci95": [round(bound, 4) for bound in comparison.delta_ci95],
        },
    }
