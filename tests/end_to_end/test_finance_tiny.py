"""``run finance --preset tiny`` on the real base model, in a process without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from domain_adapt.engine.base_models import BaseModel

NO_NETWORK = """
import socket

def refuse(*arguments, **_):
    raise SystemExit("a socket was opened")

socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.getaddrinfo = refuse
"""


@pytest.mark.end_to_end
@pytest.mark.slow
@pytest.mark.model
def test_finance_tiny(base_model: BaseModel, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "models").symlink_to(base_model.path.parent)
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    environment = os.environ | {
        "DOMAIN_ADAPT_CACHE": str(tmp_path / "cache"),
        "PYTHONPATH": str(tmp_path),
    }
    command = [sys.executable, "-m", "domain_adapt", "run", "finance", "--preset", "tiny", "--yes"]
    command += ["--format", "json", "--state", str(tmp_path / "state")]

    first = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=580
    )

    assert first.returncode == 0, first.stderr
    result = json.loads(first.stdout)
    assert {"version", "pack", "preset", "evaluation", "retention", "privacy"} <= set(result)
    assert {"gates", "report", "seconds"} <= set(result)
    assert result["evaluation"]["n"] == 80
    assert 0 <= result["evaluation"]["base_accuracy"] <= 1
    assert Path(result["report"]["html"]).read_text(encoding="utf-8").startswith("<!doctype html>")

    again = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=120
    )

    assert again.returncode == 0
    assert json.loads(again.stdout) == result
    assert "nothing was done again" in again.stderr
