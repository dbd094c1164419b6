"""Every error code means one thing, and docs/errors.md lists exactly the codes that exist."""

from __future__ import annotations

import re
import runpy
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from domain_adapt.base import errors

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "docs" / "build_errors.py"


@pytest.fixture(scope="module")
def catalogue() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


@pytest.fixture(scope="module")
def sites(catalogue: dict[str, Any]) -> list[Any]:
    return catalogue["error_sites"]()


def test_every_code_comes_from_one_module(sites: list[Any]) -> None:
    modules = defaultdict(set)
    for site in sites:
        if not site.shared:
            modules[site.code].add(site.module)
    assert {code: names for code, names in modules.items() if len(names) > 1} == {}


def test_every_code_has_one_exit_code(sites: list[Any]) -> None:
    kinds = defaultdict(set)
    for site in sites:
        kind = getattr(errors, site.kind, None)
        kinds[site.code].add(kind.exit_code if kind else "a line of a list")
    assert {code: names for code, names in kinds.items() if len(names) > 1} == {}


def test_every_error_says_what_happened_and_what_to_do(sites: list[Any]) -> None:
    wordless = [site.code for site in sites if not site.message]
    clueless = [site.code for site in sites if site.kind.endswith("Error") and not site.hint]
    assert (wordless, clueless) == ([], [])


def test_no_code_in_the_source_escapes_the_catalogue(sites: list[Any]) -> None:
    known = {site.code for site in sites}
    literal = {
        code
        for path in (ROOT / "domain_adapt").rglob("*.py")
        for code in re.findall(r'"(DA-[A-Z]+-\d{3})"', path.read_text(encoding="utf-8"))
    }
    assert literal - known == set()


def test_the_page_is_what_the_source_says(catalogue: dict[str, Any], sites: list[Any]) -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert page == catalogue["errors_page"](sites), "run: make errors"


def test_codes_put_together_while_running_are_found(
    catalogue: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "module.py").write_text(
        "def check(*, area='CONF'):\n"
        "    message = f'{name} is wrong.'\n"
        "    return Problem(f'DA-{area}-011', 'here', message)\n"
        "def report(number, message):\n"
        "    raise DataError(f'DA-ONTO-{number:03}', message, hint='Mend it.')\n"
        "def use():\n"
        "    check(area='ONTO')\n"
        "    report(7, 'Seven.')\n"
    )
    found = {(site.code, site.message) for site in catalogue["error_sites"](tmp_path)}
    wrong = "{name} is wrong."
    assert found == {("DA-CONF-011", wrong), ("DA-ONTO-011", wrong), ("DA-ONTO-007", "Seven.")}
