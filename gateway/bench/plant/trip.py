"""When a fuse trips at the earliest, and how much of the way to there an overload has gone.

The curves are lower envelopes: straight lines in log-log between two points that the standards give.
"""

from __future__ import annotations

from bisect import bisect_right
from math import exp, inf, log
from typing import TYPE_CHECKING

from gateway.load.site import Fuse

if TYPE_CHECKING:
    from gateway.load.site import Node

# IEC 60269-1: rated current, and the current that a gG fuse stands for 10 s.
_GATES = (
    (16, 33), (20, 42), (25, 52), (32, 75), (40, 95), (50, 125), (63, 160), (80, 215), (100, 290), (125, 355),
    (160, 460), (200, 610), (250, 750), (315, 1050), (400, 1420), (500, 1780), (630, 2200), (800, 3060),
    (1000, 4000), (1250, 5000),
)  # fmt: skip
_GATE_TIME = 10.0
_GG_NEVER = 1.25
# IEC 60269-1: conventional time in s, for ratings up to this many A.
_CONVENTIONAL = ((63, 3600.0), (160, 7200.0), (400, 10_800.0), (inf, 14_400.0))
# IEC 60898-1, curve B: 1.13 In holds for 1 h, 2.55 In for 1 s; a warm breaker is taken to need a quarter of it.
_B_NEVER = 1.13
_B_NEVER_TIME = 3600.0 / 4
_B_SECOND = 2.55
_B_MAGNETIC = 3.0
_B_MAGNETIC_TIME = 0.02


class Curve:
    """The earliest trip times of one fuse.

    Args:
        fuse: Its kind.
        rated: Its rating, A.
    """

    def __init__(self, fuse: Fuse, rated: float) -> None:
        if fuse is Fuse.GG:
            near, near_time, far, far_time = _GG_NEVER, _conventional(rated), _gate(rated), _GATE_TIME
        else:
            near, near_time, far, far_time = _B_NEVER, _B_NEVER_TIME, _B_SECOND, 1.0
        self._slope = log(near_time / far_time) / log(far / near)
        self._anchor = log(near_time) + self._slope * log(near * rated)
        self._magnetic = inf if fuse is Fuse.GG else _B_MAGNETIC * rated
        self.never = near * rated
        """A that never trip it."""

    def time(self, current: float) -> float:
        """Seconds for which it holds at least; inf: for ever."""
        if current <= self.never:
            return inf
        if current >= self._magnetic:
            return _B_MAGNETIC_TIME
        return exp(self._anchor - self._slope * log(current))


def curve(node: Node) -> Curve:
    """The curve of a circuit's fuse."""
    return Curve(node.fuse, node.rated)


def _conventional(rated: float) -> float:
    return next(time for most, time in _CONVENTIONAL if rated <= most)


def _gate(rated: float) -> float:
    """The 10 s gate in multiples of the rating; between two ratings that of the smaller one."""
    index = max(0, bisect_right(_GATES, (rated, inf)) - 1)
    most, gate = _GATES[index]
    return gate / most
