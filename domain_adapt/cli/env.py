"""``domain-adapt env``: what a bug report needs to know about the machine."""

from __future__ import annotations

import os
from pathlib import Path

import click

from domain_adapt import __version__
from domain_adapt.cli.help import Command
from domain_adapt.cli.options import example, output_options, state_option
from domain_adapt.cli.output import Output, View

LIBRARIES = ("torch", "transformers", "peft", "safetensors", "gguf", "pydantic", "click", "rich")
BF16_FLAGS = {"avx512_bf16", "amx_bf16"}
CPUINFO = Path("/proc/cpuinfo")


@click.command("env", cls=Command, epilog=example("domain-adapt env --format json"))
@state_option
@output_options
def env_command(state: Path, output: Output) -> None:
    """Show versions, the processor, and where state and cache lie."""
    facts = environment(state)
    output.show(View(facts, (), tuple(facts.items()), essence=(facts["domain-adapt"],)))


def environment(state: Path) -> dict[str, str]:
    """Return name to version or fact; nothing that names a person but the two folders."""
    import platform

    from domain_adapt.base.assets import assets_root, cache_root

    return {
        "domain-adapt": __version__,
        "python": platform.python_version(),
        **{name: library_version(name) for name in LIBRARIES},
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpu": cpu_name(CPUINFO),
        "cores": str(usable_cores()),
        "bf16": "yes" if has_bf16(CPUINFO) else "no",
        "assets": str(assets_root()),
        "cache": str(cache_root()),
        "state": str(state.absolute()),
    }


def library_version(name: str) -> str:
    """Return the installed version of a distribution, without importing it."""
    from importlib import metadata  # takes a quarter of the time that help may

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_name(cpuinfo: Path) -> str:
    """Return the processor's name."""
    import platform

    return _field(cpuinfo, "model name") or platform.processor() or "unknown"


def has_bf16(cpuinfo: Path) -> bool:
    """Return whether the processor has the instructions that make bf16 fast."""
    return bool(BF16_FLAGS & set(_field(cpuinfo, "flags").split()))


def _field(cpuinfo: Path, name: str) -> str:
    """Return the first value of a field of the kernel's description; empty where there is none."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        label, _, value = line.partition(":")
        if label.strip() == name:
            return value.strip()
    return ""
