"""Whose clock the box follows, and which stations' backends hear of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.device import VariableRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from gateway.clock import Clock

TIME_SOURCE = VariableRef(component="ClockCtrlr", variable="TimeSource")
THRESHOLD = VariableRef(component="ClockCtrlr", variable="TimeAdjustmentReportingThreshold")


class Timekeeper:
    """Sets the box's clock, which is that of every station.

    Args:
        clock: the box's.
        stations: gives every station of the site.
        setting: gives the value of a variable of a station; "" where it has none.
    """

    def __init__(
        self, clock: Clock, stations: Callable[[], tuple[str, ...]], setting: Callable[[str, VariableRef], str]
    ) -> None:
        self._clock = clock
        self._stations = stations
        self._setting = setting

    def follow(self, current_time: datetime) -> Iterator[tuple[str, str]]:
        """Follow a backend's clock, or the box's own where a backend wants that.

        Args:
            current_time: the backend's.

        Yields:
            Each station whose backend wants to hear of so large a step, and the step.
        """
        own = any(self._setting(station, TIME_SOURCE).startswith("RealTimeClock") for station in self._stations())
        moved = self._clock.synchronise(self._clock.system() if own else current_time).total_seconds()
        for station in self._stations() if moved else ():
            threshold = self._setting(station, THRESHOLD)
            if threshold and abs(moved) > int(threshold):
                yield station, f"{moved:+.0f} s"
