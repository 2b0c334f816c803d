"""Where the values of all sensors come together: each channel is followed over time, and its changes are passed on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.model.sensing import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateway.model.errors import GatewayError
    from gateway.model.sensing import Judged, Manner, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """A point of a sensor that somebody wants.

    Attributes:
        id: Of the channel, unique on the box.
        sensor: Name of the sensor.
        point: Of the sensor.
        manner: How the point is read.
    """

    id: str
    sensor: str
    point: str
    manner: Manner


class Desk:
    """``Panel`` of the drivers. Every call and every timer ends in ``on_change``, at once and in the same task."""

    def __init__(self, taps: Iterable[Tap], on_change: Callable[[str, Judged], None], *, read_only: bool) -> None:
        """Take the channels.

        Args:
            taps: What is wanted of the sensors.
            on_change: Told of each channel's new value; must not wait.
            read_only: In a dry run.
        """
        self._read_only = read_only
        self._on_change = on_change
        self._followed: dict[str, dict[str, list[_Followed]]] = {}
        self._all: dict[str, _Followed] = {}
        for tap in taps:
            followed = _Followed(tap, on_change)
            self._all[tap.id] = followed
            self._followed.setdefault(tap.sensor, {}).setdefault(tap.point, []).append(followed)

    @property
    def read_only(self) -> bool:
        """True in a dry run."""
        return self._read_only

    def now(self, channel: str) -> Judged:
        """What a channel tells."""
        return self._all[channel].channel.now

    def told(self, sensor: str, values: Mapping[str, Value]) -> None:
        """Follow what a sensor tells; points that nobody wants are passed over."""
        wanted, now = self._followed.get(sensor, {}), asyncio.get_running_loop().time()
        for point, value in values.items():
            for followed in wanted.get(point, ()):
                followed.take(followed.channel.feed(value, now))

    def lost(self, sensor: str, error: GatewayError) -> None:
        """All channels of a sensor have no value."""
        del error  # who reads the sensor has said so
        for several in self._followed.get(sensor, {}).values():
            for followed in several:
                followed.take(followed.channel.lose())

    def close(self) -> None:
        """Wait for nothing any more."""
        for followed in self._all.values():
            followed.close()


class _Followed:
    """A channel, and the timer for what happens to it when nothing comes."""

    def __init__(self, tap: Tap, on_change: Callable[[str, Judged], None]) -> None:
        self.channel = Channel(manner=tap.manner)
        self._id = tap.id
        self._on_change = on_change
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = 0.0

    def take(self, channel: Channel) -> None:
        """The channel is now so."""
        before, self.channel = self.channel, channel
        self._plan()
        if channel.now != before.now:
            self._on_change(self._id, channel.now)

    def _plan(self) -> None:
        """Look again when it is due. A timer that comes too soon plans the next: one is enough for any number of values."""
        due = self.channel.due
        if self._timer is not None:
            if self._looks_at <= due:
                return
            self._timer.cancel()
        loop, self._looks_at = asyncio.get_running_loop(), due  # a handle of uvloop that is due at once has no time
        self._timer = loop.call_at(due, self._look) if due < float("inf") else None

    def _look(self) -> None:
        self._timer = None
        self.take(self.channel.at(asyncio.get_running_loop().time()))

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
