"""Print constraints.txt from the environment that runs this: ``make constraints``.

Local version suffixes (``2.13.0+cpu``) are dropped: the plain version matches every build of it.
"""

from __future__ import annotations

from importlib import metadata

HEADER = """\
# Exact versions that this project is tested with; `make setup` installs them.
# Written by `make constraints` from the environment in .venv; do not edit by hand."""
OURSELVES = {"domain-adapt", "pip", "setuptools", "wheel"}


def pins() -> list[str]:
    """Return one ``name==version`` a distribution, sorted by name."""
    found = {item.metadata["Name"]: item.version.partition("+")[0] for item in installed()}
    return [f"{name}=={found[name]}" for name in sorted(found, key=str.lower)]


def installed() -> list[metadata.Distribution]:
    """Return the distributions of this environment, without the project and the installers."""
    return [
        item for item in metadata.distributions() if item.metadata["Name"].lower() not in OURSELVES
    ]


if __name__ == "__main__":
    print("\n".join([HEADER, *pins()]))
