from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain_adapt.audit import svg
from domain_adapt.audit.svg import Frame
from domain_adapt.audit.svg_lines import Line, line_chart, ticks
from domain_adapt.audit.svg_pairs import Interval, PairRow, paired_chart

NAMESPACE = "{http://www.w3.org/2000/svg}"
SHARES = st.floats(-0.5, 1.5)
VALUES = st.floats(-1e6, 1e6)


def row(value: float, after: float = 0.8, label: str = "Terms") -> PairRow:
    return PairRow(
        label,
        "n = 80",
        Interval(value, value - 0.05, value + 0.05, f"{100 * value:.1f} %"),
        Interval(after, after - 0.05, after + 0.05, f"{100 * after:.1f} %"),
        "+41.2 points",
        "CI 29.6 to 52.9",
    )


def pair_chart(rows: tuple[PairRow, ...], *, width: int = 740, mark: str = "bar") -> ET.Element:
    frame = Frame("chart", "Before and after", "What is seen", width)
    return ET.fromstring(  # noqa: S314 - our own text
        paired_chart(rows, frame=frame, mark=mark, legend=("Base", "Adapted"))  # type: ignore[arg-type]
    )


def curve_chart(
    lines: tuple[Line, ...], *, width: int = 740, marker: tuple[float, str] | None = None
) -> ET.Element:
    frame = Frame("curve", "Loss", "Falls", width)
    drawn = line_chart(
        lines, frame=frame, height=200, tick_text=lambda value, step: f"{value:.4g}", marker=marker
    )
    return ET.fromstring(drawn)  # noqa: S314 - our own text


def bars(drawing: ET.Element, kind: str) -> list[float]:
    """Return the widths of one kind's bars, without the legend's swatch."""
    found = [e for e in drawing.iter(f"{NAMESPACE}rect") if e.get("class") == f"bar {kind}"]
    return [float(e.attrib["width"]) for e in found if e.get("height") == "12"]


def text_extent(element: ET.Element) -> tuple[float, float]:
    font = svg.TITLE_FONT if "name" in element.get("class", "") else svg.FONT
    x, width = float(element.attrib["x"]), svg.text_width(element.text or "", font)
    start = {"start": x, "middle": x - width / 2, "end": x - width}[element.attrib["text-anchor"]]
    return start, start + width


def assert_inside(drawing: ET.Element) -> None:
    width, height = (float(n) for n in drawing.attrib["viewBox"].split()[2:])
    xs, ys = [], []
    for element in drawing.iter():
        attributes = element.attrib
        xs += [float(attributes[key]) for key in ("x", "x1", "x2", "cx") if key in attributes]
        ys += [float(attributes[key]) for key in ("y", "y1", "y2", "cy") if key in attributes]
        if element.tag.endswith("}rect"):
            xs.append(float(attributes["x"]) + float(attributes["width"]))
            assert float(attributes["width"]) >= 0
        if element.tag.endswith("}text"):
            xs += text_extent(element)
        if element.tag.endswith("}polyline"):
            points = [p.split(",") for p in attributes["points"].split()]
            xs += [float(x) for x, _ in points]
            ys += [float(y) for _, y in points]
    assert 0 <= min(xs) <= max(xs) <= width + 0.01
    assert 0 <= min(ys) <= max(ys) <= height + 0.01


def test_bars_are_proportional_to_their_values() -> None:
    values = (0.1, 0.25, 0.5, 1.0)
    widths = bars(pair_chart(tuple(row(value) for value in values)), "before")
    full = widths[-1]
    assert full > 300
    assert widths == pytest.approx([value * full for value in values], abs=0.02)


def test_the_whisker_spans_the_interval() -> None:
    drawing = pair_chart((row(0.5),), mark="dot")
    span = next(e for e in drawing.iter(f"{NAMESPACE}line") if e.get("class") == "span before")
    dot = next(e for e in drawing.iter(f"{NAMESPACE}circle") if e.get("r") == "5" and
               float(e.attrib["cy"]) > 30)  # fmt: skip
    low, high = float(span.attrib["x1"]), float(span.attrib["x2"])
    assert float(dot.attrib["cx"]) == pytest.approx((low + high) / 2, abs=0.02)
    grid = [float(e.attrib["x1"]) for e in drawing.iter(f"{NAMESPACE}line")
            if e.get("class") == "grid"]  # fmt: skip
    assert (high - low) / (max(grid) - min(grid)) == pytest.approx(0.1, abs=0.001)


def test_a_drawing_is_named_for_those_who_do_not_see_it() -> None:
    drawing = pair_chart((row(0.5),))
    assert drawing.get("role") == "img"
    assert drawing.get("aria-labelledby") == "chart-t"
    assert drawing.get("aria-describedby") == "chart-d"
    assert drawing.find(f"{NAMESPACE}title[@id='chart-t']").text == "Before and after"
    assert drawing.find(f"{NAMESPACE}desc[@id='chart-d']").text == "What is seen"


def test_colours_are_left_to_the_page() -> None:
    drawn = ET.tostring(pair_chart((row(0.5),)), encoding="unicode")
    assert not re.search(r'(fill|stroke|style)="', drawn)


def test_texts_are_escaped_and_shortened_with_the_whole_as_tooltip() -> None:
    name = "<script>alert(1)</script> & a name that is far too long for the room it has here"
    drawing = pair_chart((row(0.5, label=name),))
    text = next(e for e in drawing.iter(f"{NAMESPACE}text") if e.get("class") == "name")
    assert (text.text or "").endswith("…")
    assert text.find(f"{NAMESPACE}title").text == name


@given(
    st.lists(st.tuples(SHARES, SHARES, SHARES, SHARES, st.text(max_size=40)), max_size=4),
    st.sampled_from([328, 560, 740]),
    st.sampled_from(["bar", "dot"]),
)
@settings(deadline=None, max_examples=60)
def test_pairs_stay_inside(
    facts: list[tuple[float, float, float, float, str]], width: int, mark: str
) -> None:
    rows = tuple(
        PairRow(text, text, Interval(a, b, c, "100.0 %"), Interval(b, c, d, text), text, text)
        for a, b, c, d, text in facts
    )
    assert_inside(pair_chart(rows, width=width, mark=mark))


@given(
    st.lists(st.tuples(st.integers(0, 10**6), VALUES, VALUES), min_size=1, max_size=8),
    st.text(max_size=60),
    st.sampled_from([328, 740]),
    st.integers(0, 10**6),
)
@settings(deadline=None, max_examples=60)
def test_lines_stay_inside(
    points: list[tuple[int, float, float]], label: str, width: int, best: int
) -> None:
    points.sort()
    lines = (
        Line(label, "train", tuple((x, y) for x, y, _ in points)),
        Line("dev", "dev", tuple((x, z) for x, _, z in points), dots=True),
        Line("none", "dev", ()),
    )
    assert_inside(curve_chart(lines, width=width, marker=(best, label)))


def test_names_at_the_ends_of_lines_do_not_touch() -> None:
    flat = tuple(Line(name, "train", ((0, 1.0), (9, 1.0))) for name in ("train", "dev"))
    drawing = curve_chart(flat)
    levels = sorted(float(e.attrib["y"]) for e in drawing.iter(f"{NAMESPACE}text")
                    if e.get("class") == "train")  # fmt: skip
    assert levels[1] - levels[0] >= svg.FONT


def test_the_chosen_step_is_where_its_point_is() -> None:
    line = Line("dev", "dev", ((0, 2.0), (50, 1.0), (100, 1.5)), dots=True)
    drawing = curve_chart((line,), marker=(50, "chosen: step 50"))
    chosen = next(e for e in drawing.iter(f"{NAMESPACE}line") if e.get("class") == "chosen")
    dots = list(drawing.iter(f"{NAMESPACE}circle"))
    assert chosen.attrib["x1"] == dots[1].attrib["cx"]


@given(VALUES, VALUES, st.integers(2, 8))
def test_ticks_are_even_and_span_the_values(first: float, second: float, count: int) -> None:
    low, high = sorted((first, second))
    made = ticks(low, high, count)
    slack = 1e-6 * max(abs(low), abs(high), 1e-6)
    assert 2 <= len(made) <= 2 * count + 2
    assert made[0] <= low + slack
    assert made[-1] >= high - slack
    steps = [b - a for a, b in pairwise(made)]
    assert max(steps) - min(steps) <= 1e-6 * max(steps) + slack


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_coordinate_that_is_no_number_is_an_error(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        svg.number(value)


@given(st.text(), st.floats(0, 300))
def test_fitted_text_fits(text: str, room: float) -> None:
    fitted = svg.fit(text, room, 12)
    assert svg.text_width(fitted, 12) <= max(room, svg.text_width("…", 12))


def test_full_width_characters_count_as_wide() -> None:
    assert svg.text_width("信用违约互换", 12) == 72
    assert svg.fit("信用违约互换", 50, 12) == "信用违…"
