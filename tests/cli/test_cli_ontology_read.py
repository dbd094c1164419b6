"""``domain-adapt ontology search | show | lint | diff``, as a shell calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain_adapt.cli.main import main

TERMS = """\
id,label_en,label_zh,abbreviations,synonyms,definition,parents,source
x:loan,loan,贷款,,,Money that is lent and must be paid back later.,,Book
x:bond,bond,债券,BND,debenture,Tradable promise to pay interest and the sum at the end.,x:loan,Book
x:green,green bond,绿色债券,GB,,Promise whose money goes into the environment alone.,x:bond,Book
"""
BROKEN = """\
title: Broken
licence: CC0-1.0
concepts:
  - {id: a, label: {en: one}, definition: x, disjoint_with: [b]}
  - {id: b, label: {en: two}, definition: x}
  - {id: c, label: {en: three}, definition: x, parents: [a, b]}
"""


@pytest.fixture
def terms(tmp_path: Path) -> str:
    path = tmp_path / "terms.csv"
    path.write_text(TERMS, encoding="utf-8")
    return str(path)


def run(*arguments: str, capsys: pytest.CaptureFixture[str], code: int = 0) -> tuple[str, str]:
    assert main(["ontology", *arguments]) == code
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    return shown.out, shown.err


def run_json(*arguments: str, capsys: pytest.CaptureFixture[str], code: int = 0) -> Any:
    out, _ = run(*arguments, "--format", "json", capsys=capsys, code=code)
    return json.loads(out)


def test_search_formats(terms: str, capsys: pytest.CaptureFixture[str]) -> None:
    first = run_json("search", terms, "debentrue", capsys=capsys)[0]
    assert first == {
        "concept": "x:bond",
        "label": "debenture",
        "type": "synonym",
        "preferred": "bond",
        "branch": "terms",
        "score": first["score"],
        "match": "fuzzy",
        "deprecated": False,
    }
    out, _ = run("search", terms, "债券", "--format", "quiet", capsys=capsys)
    assert out.split() == ["x:bond", "x:green"]
    out, _ = run("search", terms, "BND", capsys=capsys)  # no terminal: tab-separated
    assert out.split("\n")[0].split("\t") == [
        *("BND", "bond", "x:bond", "terms", "1.00", "exact", "active"),
    ]
    out, _ = run("search", terms, "绿色债", "--format", "human", capsys=capsys)
    assert "green bond  ← 绿色债券" in out
    assert "x:green · terms" in out


def test_search_limit_and_nothing_found(terms: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(run_json("search", terms, "bond", "--limit", "1", capsys=capsys)) == 1
    out, err = run("search", terms, "qqqqqq", capsys=capsys)
    assert (out, err) == ("", f"Nothing in '{terms}' is near to 'qqqqqq'.\n")
    assert run_json("search", terms, "qqqqqq", capsys=capsys) == []


def test_search_of_the_bundled_pack(capsys: pytest.CaptureFixture[str]) -> None:
    for query in ("credt defualt swap", "CDS", "信用违约互换"):
        hits = run_json("search", "finance", query, capsys=capsys)
        assert hits[0]["concept"] == "fin:credit_default_swap"


def test_show_ontology(terms: str, capsys: pytest.CaptureFixture[str]) -> None:
    summary = run_json("show", terms, capsys=capsys)
    assert (summary["concepts"], summary["roots"], summary["depth"]) == (3, 1, 2)
    assert summary["languages"] == {"en": 6, "zh": 3}
    assert summary["label_types"] == {"preferred": 6, "abbreviation": 2, "synonym": 1}
    assert summary["sources"] == ["terms.csv"]
    out, _ = run("show", terms, "--format", "human", capsys=capsys)
    assert "1 root, 2 levels below" in out
    assert "not stated" in out
    out, _ = run("show", terms, "--format", "quiet", capsys=capsys)
    assert out == "terms\n"


def test_show_concept(terms: str, capsys: pytest.CaptureFixture[str]) -> None:
    card = run_json("show", terms, "BND", capsys=capsys)
    assert card["concept"]["id"] == "x:bond"
    assert card["paths"] == [[{"id": "x:loan", "label": "loan"}]]
    assert card["children"] == [{"id": "x:green", "label": "green bond"}]
    assert [name["text"] for name in card["names"]["zh"]] == ["债券"]
    out, _ = run("show", terms, "债券", capsys=capsys)
    rows = [line.split("\t") for line in out.splitlines()]
    assert ["child", "x:green", "green bond"] in rows
    assert ["name.en", "BND", "exact abbreviation"] in rows
    assert run("show", terms, "bond", "--format", "quiet", capsys=capsys)[0] == "x:bond\n"


def test_card_fits_a_small_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out, _ = run("show", "finance", "CDS", "--format", "human", capsys=capsys)
    assert max(len(line) for line in out.splitlines()) <= 80
    lines = [line.rstrip() for line in out.splitlines()]
    assert lines[0] == "credit default swap  fin:credit_default_swap"
    assert any(line.endswith("└── credit default swap") for line in lines)
    assert any("信用违约互换" in line for line in lines)


def test_card_cuts_long_lists_unless_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"child {number},top\n" for number in range(20))
    path = tmp_path / "many.csv"
    path.write_text(f"label,parents\ntop,\n{rows}", encoding="utf-8")
    out, _ = run("show", str(path), "top", "--format", "human", capsys=capsys)
    assert "and 12 more" in out
    assert "child 19" not in out
    out, _ = run("show", str(path), "top", "--all", "--format", "human", capsys=capsys)
    assert "more" not in out
    assert "child 19" in out


def test_show_what_is_not_there(terms: str, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = run("show", terms, "debentrue", capsys=capsys, code=2)
    assert out == ""
    assert "DA-ONTO-063" in err
    assert "Did you mean 'debenture' (x:bond)" in err
    assert "DA-ONTO-020" in run("show", "finanse", capsys=capsys, code=2)[1]


def test_lint(terms: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    findings = run_json("lint", terms, capsys=capsys)
    assert findings == [
        {
            "rule": "missing-licence",
            "severity": "warning",
            "concept": "",
            "message": "'terms' states no licence.",
        }
    ]
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN, encoding="utf-8")
    out, err = run("lint", str(path), capsys=capsys, code=4)
    assert "disjointness-violated\terror\tbroken:c\t" in out
    assert "DA-ONTO-065" in err
    assert "contradicts itself in 1 place." in err
    only = run_json("lint", str(path), "--rule", "short-definition", capsys=capsys)
    assert {finding["rule"] for finding in only} == {"short-definition"}
    assert run("lint", "finance", "--format", "quiet", capsys=capsys)[0] == "0\n"


def test_many_findings_are_grouped_for_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "many.csv"
    rows = "".join(f"term {number},Too short.,S\n" for number in range(1200))
    path.write_text(f"label,definition,source\n{rows}", encoding="utf-8")
    out, err = run("lint", str(path), "--format", "human", capsys=capsys)
    assert "1,200" in out
    assert out.count("short-definition") == 1
    assert "1,201 findings, 0 of them errors." in err
    assert len(run_json("lint", str(path), capsys=capsys)) == 1201


def test_diff(terms: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    newer = tmp_path / "newer" / "terms.csv"
    newer.parent.mkdir()
    changed = TERMS.replace("debenture", "note").replace("x:green,green bond", "x:eco,eco bond")
    newer.write_text(changed, encoding="utf-8")
    changes = run_json("diff", terms, str(newer), capsys=capsys)
    assert [(each["kind"], each["id"]) for each in changes] == [
        ("relabelled", "x:bond"),
        ("added", "x:eco"),
        ("removed", "x:green"),
    ]
    assert (changes[0]["old"], changes[0]["new"]) == (
        ["debenture (en, exact synonym)"],
        ["note (en, exact synonym)"],
    )
    out, err = run("diff", terms, str(newer), "--format", "human", capsys=capsys)
    assert "relabelled" in out
    assert err == "1 relabelled, 1 added, 1 removed.\n"
    out, _ = run("diff", terms, str(newer), "--format", "quiet", capsys=capsys)
    assert out == "relabelled\tx:bond\nadded\tx:eco\nremoved\tx:green\n"
    out, err = run("diff", terms, terms, "--format", "human", capsys=capsys)
    assert (out, err) == ("", "Nothing changed.\n")
    assert run_json("diff", terms, terms, capsys=capsys) == []
