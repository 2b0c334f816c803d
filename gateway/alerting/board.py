"""Which alerts stand, at every station, whatever is told of them to the backend."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Protocol

from typing_extensions import override

from gateway.contracts import Profile
from gateway.model.alerts import NOTHING, Standing, by_severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gateway.contracts import Handler
    from gateway.model.alerts import Alert
    from gateway.model.device import DeviceModel, VariableSpec
    from gateway.model.installation import Installation
    from gateway.model.station import StationState

PACE = 0.25
"""Seconds between two looks: a sensor that tells a hundred values a second is not looked at each time."""

LONGEST_WAIT = timedelta(minutes=1)
"""The box's clock may be set while something waits for a time of day."""


class View(Protocol):
    """What the board looks at."""

    def stations(self) -> tuple[str, ...]:
        """Every station of the site."""

    def station(self, station: str) -> StationState:
        """The state of a station now."""

    def device(self, station: str) -> DeviceModel:
        """The device model of a station now, with its live values."""

    def installation(self, station: str) -> Installation:
        """What only the site knows of a station."""

    def now(self) -> datetime:
        """The box's clock, UTC."""


class Board(Profile):
    """Is told of changes as profiles are, and says nothing to the backend."""

    name: ClassVar[str] = "alerts"

    def __init__(self, view: View, *, pace: float = PACE) -> None:
        """Take the box; nothing stands before ``run`` has looked."""
        self._view = view
        self._pace = pace
        self._standing: dict[str, Standing] = {}
        self._changed: set[str] = set()
        self._news = asyncio.Event()
        self._followers: list[asyncio.Event] = []

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {}

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        return ()

    @override
    def on_commit(self, station: str) -> None:
        self._changed.add(station)
        self._news.set()

    def alerts(self, station: str) -> tuple[Alert, ...]:
        """What stands at a station, the most severe first."""
        return by_severity(self._standing.get(station, NOTHING).alerts.values())

    def everywhere(self) -> tuple[Alert, ...]:
        """What stands at all stations."""
        return tuple(alert for station in self._view.stations() for alert in self.alerts(station))

    def follow(self) -> asyncio.Event:
        """An event that is set whenever something else stands."""
        follower = asyncio.Event()
        self._followers.append(follower)
        return follower

    @override
    async def run(self) -> None:
        self._changed.update(self._view.stations())
        while True:
            self._news.clear()
            self.look()
            await asyncio.sleep(self._pace)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.pause()):
                    await self._news.wait()

    def look(self) -> None:
        """Look at the stations that have changed, and at those whose time has come."""
        now = self._view.now()
        due = {name for name, each in self._standing.items() if each.due is not None and each.due <= now}
        changed, self._changed = self._changed | due, set()
        for station in sorted(changed):
            before = self._standing.get(station, NOTHING)
            after = before.looked(
                self._view.device(station), self._view.station(station), self._view.installation(station), now
            )
            self._standing[station] = after
            if after.alerts != before.alerts:
                for follower in self._followers:
                    follower.set()

    def pause(self) -> float | None:
        """Seconds until something is due; None while nothing is."""
        first = min((each.due for each in self._standing.values() if each.due is not None), default=None)
        return None if first is None else min(first - self._view.now(), LONGEST_WAIT).total_seconds()
