"""Shapes of a drawing, whatever it is written as. Coordinates are in pixels from the upper left."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Point = tuple[float, float]


class Ink(StrEnum):
    """What a colour stands for. The phases can be told apart with every kind of colour blindness, and in grey."""

    TEXT = "text"
    PAPER = "paper"
    GRID = "grid"
    LIMIT = "limit"
    L1 = "l1"
    L2 = "l2"
    L3 = "l3"
    PLUGGED = "plugged"
    CURRENT = "current"


PHASE_INKS = (Ink.L1, Ink.L2, Ink.L3)
COLOURS = {
    Ink.TEXT: "#222222",
    Ink.PAPER: "#ffffff",
    Ink.GRID: "#d9d9d9",
    Ink.LIMIT: "#000000",
    Ink.L1: "#0072b2",
    Ink.L2: "#e69f00",
    Ink.L3: "#009e73",
    Ink.PLUGGED: "#dddddd",
    Ink.CURRENT: "#aa4f86",
}
"""On white paper. The three of the phases are from Okabe and Ito's palette."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Straight pieces from point to point; ``dash`` is the length of a dash and of a gap, 0: none."""

    points: tuple[Point, ...]
    ink: Ink
    width: float = 1.0
    dash: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    ink: Ink


class Anchor(StrEnum):
    """Which part of a text stands at its place."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A line of text; ``y`` is where it stands on, ``size`` the height of its type."""

    x: float
    y: float
    text: str
    size: float = 12.0
    anchor: Anchor = Anchor.START
    bold: bool = False


Shape = Line | Box | Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Shapes, the last on top.

    Attributes:
        width: Pixels.
        height: Pixels.
        title: What it shows, for those who do not see it, too.
        shapes: All of it.
    """

    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...]
