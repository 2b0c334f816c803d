"""A drawing as PNG (RFC 2083): a byte for each pixel, which is a place in a short palette."""

from __future__ import annotations

import struct
import zlib
from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING

from gateway.chart.drawing import COLOURS, Anchor, Box, Drawing, Ink, Line, Text
from gateway.chart.glyphs import strokes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.chart.drawing import Point

SCALE = 2
"""Pixels of the picture for one of the drawing."""

_INKS = (Ink.PAPER, *(each for each in Ink if each is not Ink.PAPER))
_ACROSS, _UP = 0.088, 0.12  # of the size of type: one step of a letter's grid
_ADVANCE = 5.6  # steps from one letter to the next
_STANDS = 2  # the step that letters stand on
_NOTHING_LEFT = 1e-6  # of a dash


def png(drawing: Drawing) -> bytes:
    """Write it as a file."""
    canvas = _Canvas(round(drawing.width * SCALE), round(drawing.height * SCALE))
    for shape in drawing.shapes:
        if isinstance(shape, Box):
            canvas.fill(shape.x, shape.y, shape.x + shape.width, shape.y + shape.height, shape.ink)
        elif isinstance(shape, Line):
            for piece in _pieces(shape.points, shape.dash):
                canvas.line(*piece, shape.width, shape.ink)
        else:
            _write(canvas, shape)
    return canvas.file()


class _Canvas:
    """Pixels; places are those of the drawing."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._rows = [bytearray(width) for _ in range(height)]

    def fill(self, left: float, top: float, right: float, bottom: float, ink: Ink) -> None:
        """All between the edges, one pixel at least."""
        first, begin = max(0, round(left * SCALE)), max(0, round(top * SCALE))
        last = min(self._width, max(first + 1, round(right * SCALE)))
        end = min(self._height, max(begin + 1, round(bottom * SCALE)))
        if last > first:
            run = bytes([_INKS.index(ink)]) * (last - first)
            for row in self._rows[begin:end]:
                row[first:last] = run

    def line(self, one: Point, two: Point, width: float, ink: Ink) -> None:
        """From one point to another."""
        half = width / 2
        if one[0] == two[0] or one[1] == two[1]:
            (left, right), (top, bottom) = sorted((one[0], two[0])), sorted((one[1], two[1]))
            self.fill(left - half, top - half, right + half, bottom + half, ink)
            return
        steps = int(hypot(two[0] - one[0], two[1] - one[1]) * SCALE * 2) + 1
        for step in range(steps + 1):
            x = one[0] + (two[0] - one[0]) * step / steps
            y = one[1] + (two[1] - one[1]) * step / steps
            self.fill(x - half, y - half, x + half, y + half, ink)

    def file(self) -> bytes:
        palette = b"".join(bytes.fromhex(COLOURS[each].removeprefix("#")) for each in _INKS)
        pixels = b"".join(b"\0" + row for row in self._rows)
        header = struct.pack(">IIBBBBB", self._width, self._height, 8, 3, 0, 0, 0)
        parts = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _pieces(points: Sequence[Point], dash: float) -> Iterator[tuple[Point, Point]]:
    """What of a line is drawn: all, or dashes as long as their gaps."""
    left, drawn = dash, True
    for one, two in pairwise(points):
        length = hypot(two[0] - one[0], two[1] - one[1])
        if not dash or not length:
            yield one, two
            continue
        at = 0.0
        while at < length:
            until = min(length, at + left)
            if drawn:
                yield _between(one, two, at / length), _between(one, two, until / length)
            left -= until - at
            at = until
            if left < _NOTHING_LEFT:
                left, drawn = dash, not drawn


def _between(one: Point, two: Point, share: float) -> Point:
    return one[0] + (two[0] - one[0]) * share, one[1] + (two[1] - one[1]) * share


def _write(canvas: _Canvas, text: Text) -> None:
    across, up = _ACROSS * text.size, _UP * text.size
    width = len(text.text) * _ADVANCE * across
    left = text.x - {Anchor.START: 0.0, Anchor.MIDDLE: width / 2, Anchor.END: width}[text.anchor]
    thick = text.size / (8.5 if text.bold else 11)
    for letter in strokes(text.text):
        for stroke in letter:
            points = [(left + x * across, text.y - (y - _STANDS) * up) for x, y in stroke]
            for one, two in zip(points, points[1:] or points, strict=False):
                canvas.line(one, two, thick, Ink.TEXT)
        left += _ADVANCE * across
