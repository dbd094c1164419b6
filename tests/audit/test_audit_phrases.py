from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from audit_sample_record import comparison, sample_record

from domain_adapt.audit import phrases
from domain_adapt.audit.phrases import TEMPLATES, Phrases, load_strings, verdict
from domain_adapt.audit.record import GateFacts
from domain_adapt.evaluation.estimates import Comparison


@pytest.fixture
def say() -> Phrases:
    return Phrases(load_strings())


def made(delta: float, ci: tuple[float, float], p_value: float, *, holm: float | None = None) -> (
    Comparison
):  # fmt: skip
    return replace(
        comparison(120, 60, 60), delta=delta, delta_ci95=ci, p_value=p_value, p_holm=holm,
        detectable=0.09,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        (made(0.3, (0.2, 0.4), 0.0001), "gain"),
        (made(0.1, (0.01, 0.2), 0.06), "none"),
        (made(0.1, (-0.01, 0.2), 0.04), "none"),
        (made(0.1, (0.01, 0.2), 0.01, holm=0.07), "none"),
        (made(-0.3, (-0.4, -0.2), 0.0001), "loss"),
        (made(-0.1, (-0.2, -0.01), 0.06), "loss"),
        (made(-0.1, (-0.2, 0.01), 0.04), "loss"),
        (made(-0.02, (-0.1, 0.06), 0.5), "none"),
        (made(0.0, (-0.08, 0.08), 1.0), "none"),
    ],
)
def test_a_gain_needs_interval_and_p_and_a_loss_either(measured: Comparison, expected: str) -> None:
    assert verdict(measured) == expected


def test_less_is_better_for_false_abstention() -> None:
    assert verdict(made(0.1, (0.02, 0.2), 0.01), lower_is_better=True) == "loss"
    assert verdict(made(-0.1, (-0.2, -0.02), 0.01), lower_is_better=True) == "gain"


def test_no_difference_says_what_could_have_been_shown(say: Phrases) -> None:
    finding = say.finding(made(-0.02, (-0.1, 0.06), 0.5))
    assert finding == "No difference shown; n = 120 could have shown a change of 9.0 points."


def test_the_headline_is_one_sentence(say: Phrases) -> None:
    shown = replace(comparison(100, 52, 83), delta_ci95=(0.27, 0.35), p_value=0.0001)
    assert say.headline(shown) == ("52 %", "83 %", "+31 points, 95 % CI 27 to 35, p < 0.001")


def test_one_point_is_singular(say: Phrases) -> None:
    assert [say.points(x, 0) for x in (0.01, -0.01, 0.02)] == ["+1 point", "−1 point", "+2 points"]


def test_corrected_p_is_named(say: Phrases) -> None:
    assert say.change(made(0.3, (0.2, 0.4), 0.01, holm=0.03)).endswith("p = 0.030 (Holm)")


def test_ties_keep_numbers_with_their_names() -> None:
    tied = Phrases(load_strings(), space="~").tie("so p < 0.001, n = 1,204 and 95 % CI 2 to 3")
    assert tied == "so p~<~0.001, n~=~1,204 and 95~%~CI 2 to 3"


@pytest.mark.parametrize(
    ("gate", "value", "bar"),
    [
        (GateFacts("a", "A", 0.31, 0.14, "at_least", True, "points"), "+31.0 points",
         "at least +14.0 points"),
        (GateFacts("b", "B", 0.88, 0.85, "at_least", True, "percent"), "88.0 %",
         "at least 85.0 %"),
        (GateFacts("c", "C", 0.0001, 0.001, "at_most", True, "p"), "< 0.001", "at most 0.001"),
        (GateFacts("d", "D", 0.02, 0.001, "at_most", False, "p"), "0.020", "at most 0.001"),
        (GateFacts("e", "E", -1.5, 7, "<=", True, ""), "−1.5", "at most 7"),
        (GateFacts("f", "F", 1.5, 7, "below", True, "nats"), "1.5 nats", "below 7 nats"),
    ],
)  # fmt: skip
def test_gates_in_their_units(say: Phrases, gate: GateFacts, value: str, bar: str) -> None:
    assert (say.gate_value(gate, gate.value), say.gate_bar(gate)) == (value, bar)


def test_verdict_over_all_gates(say: Phrases) -> None:
    record = sample_record()
    missed = replace(record.gates[0], holds=False)
    assert say.gates(record) == "All 4 gates hold."
    assert say.gates(replace(record, gates=(missed, *record.gates[1:]))) == "1 of 4 gates missed."
    assert say.gates(replace(record, gates=record.gates[:1])) == "The only gate holds."


def test_no_gate_is_not_a_pass(say: Phrases) -> None:
    assert "nothing was checked" in say.gates(replace(sample_record(), gates=()))


def test_only_a_small_model_is_called_small(say: Phrases) -> None:
    record = sample_record()
    large = replace(record, model=replace(record.model, parameters=7_600_000_000))
    assert any("is small (134.5 M" in limit for limit in say.limits(record))
    assert len(say.limits(large)) == len(say.limits(record)) - 1


def leaves(texts: dict[str, object]) -> list[str]:
    return [
        name
        for key, value in texts.items()
        for name in (leaves(value) if isinstance(value, dict) else [key])
    ]


def catalogue() -> dict[str, object]:
    text = (TEMPLATES / "strings.en.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def test_every_text_of_the_catalogue_is_used() -> None:
    sources = [*TEMPLATES.glob("*.j2"), *Path(phrases.__file__).parent.glob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    dynamic = {">=", "<=", "at_least", "at_most", "gain", "loss", "none", "column_seen",
               "column_unseen", "seen", "unseen", "none_fixed", "none_broken"}  # fmt: skip
    unused = [
        name
        for name in leaves(catalogue())
        if name not in dynamic and not re.search(rf"[.\"]{re.escape(name)}\b", code)
    ]
    assert unused == []


def test_our_own_words_grant_no_approval() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES.iterdir())
    assert not re.search(r"complian|certif|guarantee", texts, flags=re.IGNORECASE)


def test_strings_are_attributes() -> None:
    assert isinstance(load_strings().summary, SimpleNamespace)
