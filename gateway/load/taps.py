"""The meters of circuits, between the drivers of sensors and the desk: every reading counts, also one that is no change.

A channel of a station's variables only tells changes, and forgives a bad value; here it matters when a current flowed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from gateway.load.observation import MeterReading

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from gateway.config.circuit import Meter
    from gateway.contracts.sensing import Panel, SensorPoint
    from gateway.load.site import Phases
    from gateway.model.errors import GatewayError
    from gateway.model.sensing import Value

TOGETHER = 5.0
"""Seconds within which the currents of all phases have to come to be one reading."""

_FACTORS = {"mA": 1e-3, "kA": 1e3}
"""From the unit of a point to A; of a power only the sign counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A number, and when it was read (s of the loop's clock)."""

    value: float
    t: float


class Taps:
    """The newest reading of each circuit's meter.

    Attributes:
        points: Sensor -> the points that have to be read.
        heard: Told after each new reading, and when a switch tells something else; must not wait.
    """

    def __init__(
        self,
        meters: Mapping[str, Meter],
        offered: Mapping[str, Iterable[SensorPoint]],
        switches: Collection[str] = (),
    ) -> None:
        """Take the meters.

        Args:
            meters: By circuit.
            offered: By sensor, what it offers: the units of its points.
            switches: Channels that lower limits.
        """
        self._meters = dict(meters)
        self._switches = frozenset(switches)
        self._factors = {
            (sensor, each.name): _FACTORS.get(each.unit, 1.0) for sensor, points in offered.items() for each in points
        }
        self._shown: dict[tuple[str, str], _Shown] = {}
        self._newest: dict[str, MeterReading] = {}
        self.heard: Callable[[], None] = lambda: None
        self.points: dict[str, frozenset[str]] = {}
        for meter in self._meters.values():
            wanted = {point for point in (*meter.currents, *meter.powers) if point}
            self.points[meter.sensor] = self.points.get(meter.sensor, frozenset()) | wanted

    def readings(self) -> dict[str, MeterReading | None]:
        """The newest reading of each metered circuit."""
        return {circuit: self._newest.get(circuit) for circuit in self._meters}

    def on(self, panel: Panel) -> Panel:
        """A panel that is listened to."""
        return _Listening(panel, self) if self._meters else panel

    def changed(self, channel: str) -> None:
        """A channel tells something else."""
        if channel in self._switches:
            self.heard()

    def told(self, sensor: str, values: Mapping[str, Value]) -> None:
        """A sensor has sent values."""
        wanted = self.points.get(sensor)
        if wanted is None:
            return
        now, fresh = asyncio.get_running_loop().time(), False
        for point in wanted & values.keys():
            value = values[point]
            if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
                factor = self._factors.get((sensor, point), 1.0)
                self._shown[sensor, point] = _Shown(value=value * factor, t=now)
        for circuit, meter in self._meters.items():
            reading = self._reading(meter, now) if meter.sensor == sensor else None
            before = self._newest.get(circuit)
            if reading is not None and (before is None or reading.t > before.t):
                self._newest[circuit], fresh = reading, True
        if fresh:
            self.heard()

    def _reading(self, meter: Meter, now: float) -> MeterReading | None:
        """As old as the oldest of its currents; None as long as one is missing."""
        found, oldest = [0.0, 0.0, 0.0], now
        for phase, point in enumerate(meter.currents):
            if not point:
                continue
            shown = self._shown.get((meter.sensor, point))
            if shown is None or now - shown.t > TOGETHER:
                return None
            oldest = min(oldest, shown.t)
            found[phase] = shown.value
        signed: Phases = (
            self._directed(meter, 0, found[0], now),
            self._directed(meter, 1, found[1], now),
            self._directed(meter, 2, found[2], now),
        )
        return MeterReading(t=oldest, i=signed)

    def _directed(self, meter: Meter, phase: int, current: float, now: float) -> float:
        """A current that flows to the grid is negative, as its power is."""
        point = meter.powers[phase] if meter.powers else ""
        shown = self._shown.get((meter.sensor, point))
        if shown is None or now - shown.t > TOGETHER or shown.value >= 0:
            return current
        return -abs(current)


class _Listening:
    """``Panel`` between drivers and the rest."""

    def __init__(self, panel: Panel, taps: Taps) -> None:
        self._panel = panel
        self._taps = taps

    @property
    def read_only(self) -> bool:
        return self._panel.read_only

    def told(self, sensor: str, values: Mapping[str, Value]) -> None:
        self._panel.told(sensor, values)
        self._taps.told(sensor, values)

    def lost(self, sensor: str, error: GatewayError) -> None:
        self._panel.lost(sensor, error)
