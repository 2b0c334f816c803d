"""What an operator may read and set of a family station: variables that the station, or the box for it, holds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gateway.model.commands import ACCEPTED, Outcome, Verdict
from gateway.model.device import LEGACY_STATION
from gateway.model.events import StationVariable, VariablesReported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adapters.common.evse import EvseDriver
    from gateway.contracts import Southbound

LIMIT = "CurrentLimit"
HOLDER = "operator"
SHORTEST, LONGEST = 1.0, 3600.0
"""Seconds without the box after which a station may fall back; 0 would be never."""

_POINTS = {"FailsafeCurrent": "fallback", "FailsafeTimeout": "timeout"}
"""Variable -> key of [watchdog] that names its point."""


class Settings:
    """The variables of one station; keys are ``<variable>.<evse>``."""

    def __init__(
        self, station: str, drivers: Mapping[int, EvseDriver], hub: Southbound, notes: Mapping[str, str]
    ) -> None:
        self._station = station
        self._drivers = drivers
        self._hub = hub
        self._limits = {evse: notes.get(f"{LIMIT}.{evse}", "") for evse in drivers}

    def recall(self) -> None:
        """Hold the limits that an operator had set before the box was restarted."""
        for evse, text in self._limits.items():
            if text:
                self._drivers[evse].hold(HOLDER, float(text))

    async def report(self) -> None:
        """Tell the hub what there is, and its values."""
        variables = tuple(
            StationVariable(
                key=f"{name}.{evse}", component=LEGACY_STATION, variable=name, value=value, read_only=fixed, evse=evse
            )
            for evse, driver in self._drivers.items()
            for name, value, fixed in self._of(evse, driver)
        )
        event = VariablesReported(station=self._station, at=self._hub.now(), variables=variables, complete=True)
        await self._hub.publish(event)

    def _of(self, evse: int, driver: EvseDriver) -> Iterator[tuple[str, str, bool]]:
        family, values = driver.family, driver.values()
        yield "Family", family.meta.id, True
        yield "EnergySource", driver.metering.source or "", True
        if family.control.limit is not None:
            yield LIMIT, self._limits[evse], False
        for name, key in _POINTS.items():
            point = getattr(family.watchdog, key)
            if point in family.points:
                value = values.get(point)
                yield name, "" if value is None else str(value), not family.points[point].writable

    async def set(self, key: str, value: str) -> Outcome:
        """Set one of them. An empty ``CurrentLimit`` takes the limit back."""
        name, _, evse = key.partition(".")
        driver = self._drivers.get(int(evse)) if evse.isdecimal() else None
        if driver is None:
            return Outcome(verdict=Verdict.UNKNOWN)
        number = _number(value)
        if number is None and not (name == LIMIT and value == ""):
            return Outcome(verdict=Verdict.REJECTED, reason="no number of at least 0")
        if name == LIMIT and driver.family.control.limit is not None:
            return await self._limit(driver, value, number)
        if name in _POINTS and number is not None:
            return await _fall_back(driver, _POINTS[name], number)
        return Outcome(verdict=Verdict.UNKNOWN)

    async def _limit(self, driver: EvseDriver, value: str, number: float | None) -> Outcome:
        evse = driver.place.evse
        await self._hub.note(self._station, f"{LIMIT}.{evse}", value)
        self._limits[evse] = value
        driver.hold(HOLDER, number)
        if not driver.reached:
            return ACCEPTED  # it holds as soon as the station is back
        await driver.settle()
        failed = driver.setpoint.failed
        return Outcome(verdict=Verdict.REJECTED, reason="the limit could not be read back") if failed else ACCEPTED


async def _fall_back(driver: EvseDriver, key: str, number: float) -> Outcome:
    """Set what the station falls back to, or after how long; never more than its ceilings, never never."""
    name = getattr(driver.family.watchdog, key)
    if name not in driver.family.points:
        return Outcome(verdict=Verdict.UNKNOWN)
    unit = driver.family.points[name].unit
    highest = driver.bounds.in_unit(driver.bounds.fallback(driver.family, math.inf), unit)
    if key == "fallback" and number > highest:
        return Outcome(verdict=Verdict.REJECTED, reason=f"more than {highest:g} {unit}")
    if key == "timeout" and not SHORTEST <= number <= LONGEST:
        return Outcome(verdict=Verdict.REJECTED, reason=f"not {SHORTEST:g} to {LONGEST:g} s")
    await driver.write(name, number)
    return ACCEPTED


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
