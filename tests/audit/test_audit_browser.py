"""The page in a real browser: nothing overflows, collides, complains or is fetched."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from audit_sample_record import sample_record

from domain_adapt.audit.record import RunRecord, ShownProbe
from domain_adapt.audit.report import render_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium on the PATH"),
]

# The page itself may run no script, so that a page around it measures its frame.
MEASURE = """
const frame = document.getElementById('report'), view = frame.contentWindow;
const page = frame.contentDocument, width = view.innerWidth, root = page.documentElement;
const shown = e => e.getClientRects().length > 0 && e.checkVisibility();
const wide = [...page.querySelectorAll('body *')].filter(e => shown(e)
  && !e.closest('.vh, .skip, thead') && e.getBoundingClientRect().right > width + 0.5);
const spilling = [...page.querySelectorAll('.scroll')]
  .filter(e => e.scrollWidth > e.clientWidth + 1);
const outside = [], touching = [];
for (const svg of [...page.querySelectorAll('svg')].filter(shown)) {
  const size = svg.viewBox.baseVal;
  const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBBox()]);
  for (const [text, b] of texts)
    if (b.x < 0 || b.y < 0 || b.x + b.width > size.width || b.y + b.height > size.height)
      outside.push(text);
  texts.forEach(([one, a], i) => texts.slice(i + 1).forEach(([two, b]) => {
    if (a.x + a.width > b.x && b.x + b.width > a.x
        && a.y + a.height - 3 > b.y && b.y + b.height - 3 > a.y) touching.push(one + ' / ' + two);
  }));
}
document.body.textContent = 'MEASURED' + JSON.stringify({
  scroll: root.scrollWidth, width: width, wide: wide.map(e => e.tagName + '.' + e.className),
  spilling: spilling.length, outside: outside, touching: touching,
  charts: [...page.querySelectorAll('svg')].filter(shown).length,
  fetched: view.performance.getEntriesByType('resource').map(r => r.name),
  paper: view.getComputedStyle(page.body).backgroundColor,
}) + 'END';
"""


@dataclass(frozen=True, slots=True)
class Measured:
    facts: dict[str, object]
    console: list[str]


def chromium(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    fixed = [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--hide-scrollbars", "--enable-logging=stderr", "--log-level=0",
        f"--user-data-dir={folder / 'profile'}",
    ]  # fmt: skip
    return subprocess.run(
        [str(CHROMIUM), *fixed, *arguments], capture_output=True, text=True, timeout=120, check=True
    )


def measure(text: str, folder: Path, *, width: int, options: tuple[str, ...] = ()) -> Measured:
    around = folder / "around.html"
    frame = f'<iframe id="report" style="border:0;width:{width}px;height:9000px" srcdoc="'
    around.write_text(
        f'<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
        f'<body style="margin:0">{frame}{html.escape(text)}"></iframe>'
        f"<script>addEventListener('load', () => {{ {MEASURE} }})</script>",
        encoding="utf-8",
    )
    ran = chromium(folder, *options, "--virtual-time-budget=3000", "--window-size=1400,1000",
                   "--dump-dom", around.as_uri())  # fmt: skip
    found = re.search(r"MEASURED(\{.*\})END", ran.stdout, flags=re.DOTALL)
    assert found, ran.stdout[-500:] + ran.stderr[-2000:]
    console = [line for line in ran.stderr.splitlines() if "CONSOLE" in line]
    return Measured(json.loads(html.unescape(found[1])), console)


def crowded() -> RunRecord:
    """Return a record with texts far longer than anyone should write."""
    record, word = sample_record(), "Finanzdienstleistungsaufsichtsbehoerde" * 3
    chinese = "信用违约互换的到期收益率与风险价值" * 8
    probe = ShownProbe("P1", word, "seen", chinese + word, word, chinese, word)
    return replace(
        record,
        title=f"{word} {chinese}",
        version=word,
        evaluation=replace(
            record.evaluation,
            fixed=(probe,) * 6,
            family_titles=dict.fromkeys(record.evaluation.families, word),
        ),
        environment={word: word},
        seconds={word: 12.0},
        files=tuple(replace(file, name=word) for file in record.files),
        data=replace(
            record.data,
            sources=tuple(replace(source, name=word, licence=word)
                          for source in record.data.sources),
            examples_by_builder={word: 10**9},
        ),
        gates=tuple(replace(gate, title=word) for gate in record.gates),
    )  # fmt: skip


@pytest.mark.parametrize("width", [360, 390, 700, 800, 1280])
def test_nothing_overflows_collides_complains_or_is_fetched(width: int, tmp_path: Path) -> None:
    found = measure(render_html(sample_record()), tmp_path, width=width)
    facts = found.facts
    assert facts["width"] == width
    assert facts["scroll"] == width
    assert (facts["wide"], facts["spilling"]) == ([], 0)
    assert (facts["outside"], facts["touching"]) == ([], [])
    assert facts["charts"] == 4
    assert facts["fetched"] == []
    assert found.console == []


@pytest.mark.parametrize("width", [360, 1280])
def test_endless_words_break_instead_of_overflowing(width: int, tmp_path: Path) -> None:
    found = measure(render_html(crowded()), tmp_path, width=width)
    assert found.facts["scroll"] == width
    assert found.facts["wide"] == []
    assert found.facts["outside"] == []


def test_the_check_sees_what_it_looks_for(tmp_path: Path) -> None:
    page = render_html(sample_record()).replace(
        "<main",
        '<img alt="" src="https://example.org/x.png"><hr style="width:2000px"><main',
        1,
    )
    found = measure(page, tmp_path, width=1280)
    assert found.facts["scroll"] != 1280
    assert found.facts["wide"] == ["HR."]
    assert any("Content Security Policy" in line for line in found.console)


def test_dark_and_light_follow_the_reader(tmp_path: Path) -> None:
    text = render_html(sample_record())
    for scheme, paper in (("0", "rgb(20, 23, 26)"), ("1", "rgb(253, 253, 252)")):
        options = (f"--blink-settings=preferredColorScheme={scheme}",)
        assert measure(text, tmp_path, width=1280, options=options).facts["paper"] == paper


def test_it_prints_with_everything_open(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(render_html(sample_record()), encoding="utf-8")
    printed = tmp_path / "report.pdf"
    chromium(tmp_path, f"--print-to-pdf={printed}", "--no-pdf-header-footer", page.as_uri())
    content = printed.read_bytes()
    assert content.startswith(b"%PDF")
    assert re.search(rb"/MediaBox\s*\[0 0 59[456]\.?\d* 84[12]", content)
    assert 4 <= content.count(b"/Type /Page\n") + content.count(b"/Type /Page /") <= 14
