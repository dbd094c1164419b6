"""The page as a document: structure, names for those who do not see it, contrast, no outside."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from audit_sample_record import sample_record

from domain_adapt.audit.phrases import TEMPLATES
from domain_adapt.audit.report import render_html

VOID = {"meta", "link", "col", "br", "img", "input"}
Attributes = dict[str, str | None]


class Page(HTMLParser):
    """Elements in order, and whether every one is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.parents: list[tuple[str, ...]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.parents.append(tuple(self.open))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.parents.append(tuple(self.open))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[Attributes]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def text() -> str:
    return render_html(sample_record())


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_every_element_is_closed(page: Page) -> None:
    assert page.open == []


def test_ids_are_unique_and_links_find_them(page: Page) -> None:
    ids = Counter(a["id"] for _, a in page.elements if "id" in a)
    assert [name for name, count in ids.items() if count > 1] == []
    named = [a["href"] for a in page.all("a")]
    assert named
    assert all(str(link).startswith("#") and str(link)[1:] in ids for link in named)
    for _, attributes in page.elements:
        for key in ("aria-labelledby", "aria-describedby"):
            if key in attributes:
                assert attributes[key] in ids


def test_language_landmarks_and_one_headline(page: Page) -> None:
    assert page.all("html") == [{"lang": "en"}]
    assert [len(page.all(tag)) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    assert all("aria-label" in attributes for attributes in page.all("nav"))
    assert all("aria-labelledby" in attributes for attributes in page.all("section"))


def test_headings_skip_no_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_have_captions_and_scopes(page: Page) -> None:
    assert len(page.all("caption")) == len(page.all("table")) > 8
    assert all("scope" in attributes for attributes in page.all("th"))


def test_stacked_tables_keep_their_roles(page: Page) -> None:
    stacked = [a for a in page.all("table") if "stack" in str(a.get("class"))]
    assert len(stacked) == 3
    assert all(a.get("role") == "table" for a in stacked)
    cells = [a for a in page.all("td") if "data-label" in a]
    assert cells
    assert all(a.get("role") == "cell" for a in cells)


def test_drawings_are_named_images(page: Page) -> None:
    drawings = page.all("svg")
    assert len(drawings) == 8
    assert all(a["role"] == "img" and a["aria-labelledby"] for a in drawings)


def test_nothing_comes_from_outside_and_nothing_runs(page: Page, text: str) -> None:
    assert not page.all("script")
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")]
        for key in ("src", "href", "srcset", "data", "action", "poster"):
            assert str(attributes.get(key, "#")).startswith(("#", "data:"))
    assert not re.search(r"@import|url\(", text)
    policy = next(str(a["content"]) for a in page.all("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def test_our_words_claim_no_approval(text: str) -> None:
    assert not re.search(r"compliant|certified", text, flags=re.IGNORECASE)


def themes() -> dict[str, dict[str, str]]:
    css = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    found = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block))
        for block in re.findall(r":root \{(.*?)\}", css, flags=re.DOTALL)
    ]
    return dict(zip(("light", "dark", "print"), found, strict=True))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize(
    ("ink", "bar"), [("ink", 7), ("muted", 4.5), ("after", 4.5), ("good", 4.5), ("bad", 4.5),
                     ("before", 3)],
)  # fmt: skip
def test_contrast(theme: str, ink: str, bar: float) -> None:
    colours = themes()[theme]
    for ground in ("paper", "panel"):
        light, dark = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= bar
