"""A drawing as SVG 1.1. Colours are attributes, so that a page whose policy allows no inline styles shows them, too."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from gateway.chart.drawing import COLOURS, Anchor, Box, Drawing, Ink, Line, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.chart.drawing import Shape

ON_A_PAGE = COLOURS | {Ink.TEXT: "currentColor", Ink.LIMIT: "currentColor", Ink.GRID: "#88888866", Ink.L1: "#3b8fd0"}
"""On the page, which may be dark or light."""


def svg(drawing: Drawing) -> str:
    """Write it as a file of its own."""
    return "\n".join(_lines(drawing, COLOURS, ' xmlns="http://www.w3.org/2000/svg"')) + "\n"


def on_a_page(drawing: Drawing) -> str:
    """Write it as an element of HTML, which knows the namespace by itself."""
    return "\n".join(_lines(drawing, ON_A_PAGE)) + "\n"


def _lines(drawing: Drawing, colours: Mapping[Ink, str], namespace: str = "") -> Iterator[str]:
    wide, high = _number(drawing.width), _number(drawing.height)
    yield (
        f'<svg{namespace} viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        f'role="img" font-family="system-ui, sans-serif">'
    )
    yield f"<title>{_text(drawing.title)}</title>"
    for shape in drawing.shapes:
        yield _shape(shape, colours)
    yield "</svg>"


def _shape(shape: Shape, colours: Mapping[Ink, str]) -> str:
    if isinstance(shape, Line):
        points = " ".join(f"{_number(x)},{_number(y)}" for x, y in shape.points)
        dash = f' stroke-dasharray="{_number(shape.dash)}"' if shape.dash else ""
        return (
            f'<polyline points="{points}" fill="none" stroke="{colours[shape.ink]}" '
            f'stroke-width="{_number(shape.width)}"{dash}/>'
        )
    if isinstance(shape, Box):
        place = f'x="{_number(shape.x)}" y="{_number(shape.y)}"'
        size = f'width="{_number(shape.width)}" height="{_number(shape.height)}"'
        return f'<rect {place} {size} fill="{colours[shape.ink]}"/>'
    return _words(shape, colours)


def _words(shape: Text, colours: Mapping[Ink, str]) -> str:
    anchor = "" if shape.anchor is Anchor.START else f' text-anchor="{shape.anchor.value}"'
    weight = ' font-weight="bold"' if shape.bold else ""
    return (
        f'<text x="{_number(shape.x)}" y="{_number(shape.y)}" font-size="{_number(shape.size)}" '
        f'fill="{colours[Ink.TEXT]}"{anchor}{weight}>{_text(shape.text)}</text>'
    )


def _text(text: str) -> str:
    """As XML has it; what it cannot hold is left out."""
    return escape("".join(each for each in text if each.isprintable()))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
