"""Words of the stand-in for gpiod."""

from __future__ import annotations

from enum import Enum, auto


class Bias(Enum):
    """A line's resistor."""

    AS_IS = auto()
    DISABLED = auto()
    PULL_UP = auto()
    PULL_DOWN = auto()


class Clock(Enum):
    """What times of edges are of."""

    MONOTONIC = auto()


class Direction(Enum):
    """What a line is."""

    INPUT = auto()
    OUTPUT = auto()


class Edge(Enum):
    """Which edges are told."""

    NONE = auto()
    BOTH = auto()


class Value(Enum):
    """What a line is now."""

    INACTIVE = 0
    ACTIVE = 1
