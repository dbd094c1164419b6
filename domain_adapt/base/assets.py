"""Where the bundled ontologies, recipes and suites lie: in the wheel, or in the checkout."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def assets_root() -> Path:
    """Return the folder that holds ``ontologies/``, ``recipes/`` and ``eval_suites/``.

    A wheel carries them under ``domain_adapt/_assets`` (hatchling's force-include); a checkout
    or an editable install has them beside the package.
    """
    bundled = _PACKAGE / "_assets"
    return bundled if bundled.is_dir() else _PACKAGE.parent


def source_path(name: str) -> Path:
    """Return the file that a source's path means: ``bundled:…`` lies beside the recipes."""
    folder, colon, rest = name.partition(":")
    bundled = colon and folder == "bundled"
    return assets_root() / "recipes" / rest if bundled else Path(name).expanduser()


def cache_root() -> Path:
    """Return the folder for what can be fetched or computed again; safe to delete.

    ``DOMAIN_ADAPT_CACHE``, else ``$XDG_CACHE_HOME/domain-adapt``, else ``~/.cache/domain-adapt``.
    """
    named = os.environ.get("DOMAIN_ADAPT_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "domain-adapt"
