"""What `stationlift limit` asks the running box for, as JSON: a limit of somebody other than the backend."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gateway.json_line import from_line, to_line
from gateway.model.charging import ChargingPeriod, ChargingSchedule, LimitSource, RateUnit

if TYPE_CHECKING:
    from pathlib import Path


SOCKET = "limit.sock"
HIGHEST = 10_000.0
"""A per phase: whatever is more is no limit of a charging station."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitOrder:
    """A limit that somebody sets, changes or (with neither current nor steps) gives up.

    Attributes:
        station: Its identity.
        evse: 0: all of the station together.
        holder: Who sets it; each holder has one limit at a place.
        source: What the backend is told; never CSO.
        current: A per phase, as long as it is not given up.
        steps: Limits in A per phase over time: (seconds from now, limit), the first at 0.
        lasting: Seconds after which the steps are over; None: the last one stays.
        grid_critical: Whether the grid depends on it.
    """

    station: str
    evse: int = 0
    holder: str = "local"
    source: LimitSource = LimitSource.OTHER
    current: float | None = None
    steps: tuple[tuple[int, float], ...] = ()
    lasting: int | None = None
    grid_critical: bool = False

    @property
    def makes_sense(self) -> bool:
        """True where every number can be a limit or a time."""
        limits = [limit for _, limit in self.steps] + ([] if self.current is None else [self.current])
        starts = [start for start, _ in self.steps]
        return (
            all(0 <= limit <= HIGHEST for limit in limits)
            and starts[:1] in ([], [0])
            and all(later > earlier for earlier, later in pairwise(starts))
            and (self.lasting is None or (self.lasting > 0 and bool(self.steps)))
            and self.source is not LimitSource.CSO
            and bool(self.holder)
        )

    @property
    def schedule(self) -> ChargingSchedule | None:
        """The steps as a schedule that begins when it is set."""
        if not self.steps:
            return None
        periods = tuple(ChargingPeriod(start=start, limit=limit) for start, limit in self.steps)
        return ChargingSchedule(id=1, unit=RateUnit.AMPERE, periods=periods, duration=self.lasting)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitAnswer:
    """What the box says: the code of what is wrong, "" for nothing, and its values."""

    error: str = ""
    params: dict[str, Any] = field(default_factory=dict)


def limit_socket(data_dir: Path) -> Path:
    """Where the running box with this data folder takes orders."""
    return data_dir / SOCKET


def to_json(what: LimitOrder | LimitAnswer) -> bytes:
    """One line of JSON."""
    return to_line(what)


def order_from_json(document: bytes) -> LimitOrder:
    """The order that ``to_json`` wrote.

    Raises:
        ValueError: the document is no order.
    """
    return from_line(LimitOrder, document)


def answer_from_json(document: bytes) -> LimitAnswer:
    """The answer that ``to_json`` wrote.

    Raises:
        ValueError: the document is no answer.
    """
    return from_line(LimitAnswer, document)
