"""Drawings as SVG: what a reader of the file finds in it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from gateway.chart.drawing import Drawing, Ink, Line, Text
from gateway.chart.legend import legend
from gateway.chart.panel import DAY, HOUR, Panel
from gateway.chart.svg import svg

SVG = "{http://www.w3.org/2000/svg}"


def panel(seconds: float = DAY, most: float = 40.0, begin: float = 0.0) -> Panel:
    return Panel(x=100, y=10, width=1000, height=200, begin=begin, seconds=seconds, most=most)


def drawn(*shapes: Line | Text) -> ET.Element:
    return ET.fromstring(svg(Drawing(width=1200, height=300, title="a < b", shapes=shapes)))  # noqa: S314 - our own text


def test_what_is_not_allowed_in_xml_is_escaped_or_left_out() -> None:
    root = drawn(Text(x=1, y=2, text='<b>&"\x00\x1b'))
    assert root.findtext(f"{SVG}title") == "a < b"
    assert root.findtext(f"{SVG}text") == '<b>&"'


def test_steps_hold_their_value_until_the_next() -> None:
    (line,) = panel().steps([10.0, 10.0, 20.0, 60.0], DAY / 4, Ink.L1)
    assert line.points == ((100, 160), (600, 160), (600, 110), (850, 110), (850, 10), (1100, 10))
    (found,) = drawn(line).findall(f"{SVG}polyline")
    assert found.get("points") == "100,160 600,160 600,110 850,110 850,10 1100,10"


def test_a_gap_in_the_values_is_a_gap_in_the_line() -> None:
    lines = list(panel().steps([10.0, None, None, 10.0], DAY / 4, Ink.L1))
    assert [line.points for line in lines] == [((100, 160), (350, 160)), ((850, 160), (1100, 160))]


def test_bars_are_joined_where_they_are_as_high() -> None:
    bars = list(panel().bars([0.0, 20.0, 20.0, 0.0], DAY / 4, Ink.CURRENT))
    assert [(bar.x, bar.y, bar.width, bar.height) for bar in bars] == [(350, 110, 500, 100)]


@pytest.mark.parametrize(
    ("begin", "seconds", "times"),
    [
        (0, DAY, ["00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "00:00"]),
        (17.2 * HOUR, HOUR, ["17:20", "17:30", "17:40", "17:50", "18:00", "18:10"]),
    ],
)
def test_times_of_day_are_round(begin: float, seconds: float, times: list[str]) -> None:
    shapes = panel(seconds, begin=begin).clock()
    assert [shape.text for shape in shapes if isinstance(shape, Text)][: len(times)] == times


@pytest.mark.parametrize(("most", "values"), [(35.2, ["0", "10", "20", "30"]), (0.5, ["0", "0.2", "0.4"])])
def test_values_are_round(most: float, values: list[str]) -> None:
    assert [shape.text for shape in panel(most=most).scale() if isinstance(shape, Text)] == values


def test_a_legend_has_a_key_for_each_text() -> None:
    shapes = list(legend(0, 20, [(Ink.L1, "L1"), (Ink.PLUGGED, "car")]))
    assert [shape.text for shape in shapes if isinstance(shape, Text)] == ["L1", "car"]
    assert len(shapes) == 4
