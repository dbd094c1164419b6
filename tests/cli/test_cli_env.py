"""``env``: facts about the processor are read, not guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain_adapt.cli.env import cpu_name, environment, has_bf16, library_version


@pytest.mark.parametrize(
    ("flags", "fast"),
    [("fpu avx512_bf16 sse", True), ("amx_bf16", True), ("avx512f avx2", False), ("", False)],
)
def test_bf16_is_what_the_flags_say(flags: str, fast: bool, tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nmodel name\t: Fast CPU 9\nflags\t\t: {flags}\n")
    assert has_bf16(cpuinfo) is fast
    assert cpu_name(cpuinfo) == "Fast CPU 9"


def test_a_system_without_the_kernels_description_is_no_error(tmp_path: Path) -> None:
    assert has_bf16(tmp_path / "absent") is False
    assert cpu_name(tmp_path / "absent")


def test_bf16_agrees_with_what_the_engine_chooses() -> None:
    import torch

    from domain_adapt.engine.model import choose_dtype

    if not Path("/proc/cpuinfo").exists():
        pytest.skip("no /proc/cpuinfo here")
    chosen = choose_dtype("auto", torch.device("cpu"))
    assert (chosen is torch.bfloat16) is has_bf16(Path("/proc/cpuinfo"))


def test_versions_are_those_installed(tmp_path: Path) -> None:
    import torch

    facts = environment(tmp_path)
    assert facts["torch"] == torch.__version__
    assert facts["state"] == str(tmp_path)
    assert library_version("no-such-distribution") == "not installed"
