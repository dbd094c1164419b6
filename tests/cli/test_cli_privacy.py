"""``domain-adapt privacy plan``, as a shell calls it."""

from __future__ import annotations

import json

import pytest

from domain_adapt.cli.main import main

PLAN = ["privacy", "plan", "--sampling-rate", "0.02", "--steps", "100", "--delta", "1e-6"]


def test_plan_with_a_target(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PLAN, "--epsilon", "3", "--format", "json"]) == 0
    payload = json.loads(capsys.readouterr().out)
    assert payload["sampling_rate"] == 0.02
    assert payload["steps"] == 100
    assert payload["delta"] == 1e-6
    assert payload["accountant"] == "pld"
    assert 2.99 < payload["epsilon"] <= 3.0
    assert 0.5 < payload["noise_multiplier"] < 1.0
    assert set(payload["attack_tpr_at_fpr"]) == {"0.001", "0.01"}
    assert all(float(rate) < power < 1 for rate, power in payload["attack_tpr_at_fpr"].items())
    curve = [point["epsilon"] for point in payload["curve"]]
    assert curve == sorted(curve)
    assert (payload["curve"][-1]["steps"], curve[-1]) == (100, payload["epsilon"])


def test_plan_with_a_noise(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PLAN, "--noise-multiplier", "2", "--format", "json"]) == 0
    payload = json.loads(capsys.readouterr().out)
    assert payload["noise_multiplier"] == 2
    assert main([*PLAN, "--noise-multiplier", "2", "--format", "human"]) == 0
    assert f"{payload['epsilon']:.4f}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], "DA-PRIV-012"),
        (["--epsilon", "1", "--noise-multiplier", "1"], "DA-PRIV-012"),
        (["--epsilon", "-1"], "DA-PRIV-010"),
        (["--noise-multiplier", "0"], "DA-PRIV-010"),
    ],
)
def test_plans_that_cannot_be(
    options: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*PLAN, *options]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert code in captured.err
    assert "Traceback" not in captured.err
