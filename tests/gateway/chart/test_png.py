"""Drawings as PNG: read back pixel by pixel."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.chart.drawing import COLOURS, Anchor, Box, Drawing, Ink, Line, Shape, Text
from gateway.chart.png import SCALE, png

Picture = list[list[str]]


def read(data: bytes) -> Picture:
    """The colours of all pixels, row by row; each part's check sum has to be right."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    parts, at = {}, 8
    while at < len(data):
        (length,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        content = data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length]) == (zlib.crc32(kind + content),)
        parts[kind] = content
        at += 12 + length
    width, height, *rest = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    assert rest == [8, 3, 0, 0, 0], "a palette of up to 256 colours, not interlaced"
    colours = [f"#{parts[b'PLTE'][each : each + 3].hex()}" for each in range(0, len(parts[b"PLTE"]), 3)]
    pixels = zlib.decompress(parts[b"IDAT"])
    assert len(pixels) == height * (width + 1)
    return [
        [colours[each] for each in pixels[row * (width + 1) + 1 : (row + 1) * (width + 1)]] for row in range(height)
    ]


def drawn(*shapes: Shape) -> Picture:
    return read(png(Drawing(width=40, height=20, title="", shapes=shapes)))


def at(picture: Picture, x: float, y: float) -> str:
    return picture[int(y * SCALE)][int(x * SCALE)]


def test_a_box_is_filled_and_nothing_else() -> None:
    picture = drawn(Box(x=10, y=5, width=20, height=10, ink=Ink.L1))
    assert sum(row.count(COLOURS[Ink.L1]) for row in picture) == 20 * 10 * SCALE**2
    assert at(picture, 10, 5) == at(picture, 29.5, 14.5) == COLOURS[Ink.L1]
    assert at(picture, 30, 5) == at(picture, 10, 15) == COLOURS[Ink.PAPER]


def test_the_last_shape_is_on_top() -> None:
    picture = drawn(
        Box(x=0, y=0, width=40, height=20, ink=Ink.L1), Line(points=((0, 10), (40, 10)), ink=Ink.L2, width=2)
    )
    assert at(picture, 20, 10) == COLOURS[Ink.L2]
    assert at(picture, 20, 5) == COLOURS[Ink.L1]


@pytest.mark.parametrize("points", [((0, 10), (40, 10)), ((20, 0), (20, 20)), ((0, 0), (40, 20))])
def test_a_line_goes_through(points: tuple[tuple[float, float], ...]) -> None:
    assert at(drawn(Line(points=points, ink=Ink.L3, width=2)), 20, 10) == COLOURS[Ink.L3]


def test_dashes_are_as_long_as_their_gaps() -> None:
    row = drawn(Line(points=((0, 10), (10, 10), (40, 10)), ink=Ink.LIMIT, width=1, dash=4))[10 * SCALE]
    dark = row.count(COLOURS[Ink.LIMIT])
    assert 18 * SCALE <= dark <= 26 * SCALE
    assert row[2 * SCALE] == row[10 * SCALE] == COLOURS[Ink.LIMIT]
    assert row[6 * SCALE] == COLOURS[Ink.PAPER]


@pytest.mark.parametrize(
    ("anchor", "left", "right"), [(Anchor.START, 20, 40), (Anchor.END, 0, 20), (Anchor.MIDDLE, 10, 30)]
)
def test_a_text_stands_at_its_place(anchor: Anchor, left: float, right: float) -> None:
    picture = drawn(Text(x=20, y=15, text="Hö1", size=12, anchor=anchor))
    inked = [column for row in picture for column, each in enumerate(row) if each == COLOURS[Ink.TEXT]]
    assert left * SCALE - 2 <= min(inked)
    assert max(inked) <= right * SCALE
    assert all(each == COLOURS[Ink.PAPER] for row in picture[16 * SCALE :] for each in row), "nothing below the line"


def test_letters_are_different() -> None:
    letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789äöüÄÖÜß.,:;-_/|()%+=<>*#!?"&'
    pictures = {str(drawn(Text(x=5, y=14, text=each, size=16))) for each in letters}
    same = 1  # O and 0 may look alike
    assert len(pictures) >= len(letters) - same


@given(st.text(max_size=12), st.floats(-50, 90), st.floats(-50, 90))
def test_any_text_anywhere_is_drawn_or_cut_off(text: str, x: float, y: float) -> None:
    drawn(Text(x=x, y=y, text=text), Box(x=x, y=y, width=10, height=10, ink=Ink.L1))
