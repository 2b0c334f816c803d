"""What is known of each station while the box runs: when it was heard, how its clock goes, what it is doing."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.ocpp1x.clock_offset import ClockOffset, correct, observe
from gateway.model.station import Capability

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import tzinfo

    from adapters.ocpp1x.connectors import Connectors
    from adapters.ocpp1x.dialects import Dialect
    from adapters.ocpp1x.failsafe import Failsafe, Held
    from adapters.ocpp1x.features import Features
    from adapters.ocpp1x.fields import Deviation
    from adapters.ocpp1x.tokens import Tokens
    from gateway.model.ids import Place
    from gateway.model.installation import Outlet
    from gateway.model.transactions import ChargingState

_LOG = logging.getLogger(__name__)
_MAX_DEVIATIONS = 200
_TOLD = {Capability.SMART_CHARGING, Capability.SIGNED_FIRMWARE, Capability.PLUG_AND_CHARGE}
_FIRST_STAMP = datetime(2011, 1, 1, tzinfo=UTC)
"""No OCPP 1.5 station was there before; an earlier time is that of a clock that nobody has set."""


@dataclass(slots=True, kw_only=True)
class Peer:
    """One station; an adapter adds what its way of carrying messages needs.

    ``*_tick`` are seconds of the event loop's clock; ``present`` is None until it is known. ``remembered`` is the
    callback that the box keeps over a restart. ``calling`` is held while the station is called. ``features`` and
    ``stages`` are what an OCPP 1.6 station has said of what it can do and of the stage of the visit at each connector;
    ``booted`` is set when it says that it has started; until ``boot_asked_until`` (loop's clock, s) it may only say so
    because the box has asked.
    ``outlets`` is the wiring by (EVSE, connector). ``failsafe`` is what it is to fall to without the box, ``limits`` what each
    connector was last given, ``falls_back`` that it has its fall-back; ``limiting`` is held while its limits change.
    """

    id: str
    dialect: Dialect
    connectors: Connectors
    tokens: Tokens
    zone: tzinfo = UTC
    address: str = ""
    remembered: str = ""
    heard_at: datetime | None = None
    heard_tick: float = 0.0
    settled_tick: float = 0.0
    present: bool | None = None
    unanswered: bool = False
    outlets: Mapping[tuple[int, int], Outlet] = field(default_factory=dict)
    features: Features | None = None
    stages: dict[Place, ChargingState] = field(default_factory=dict)
    booted: asyncio.Event = field(default_factory=asyncio.Event)
    boot_asked_until: float = 0.0
    clock: ClockOffset = field(default_factory=ClockOffset)
    calling: asyncio.Lock = field(default_factory=asyncio.Lock)
    failsafe: Failsafe | None = None
    limits: dict[int, Held] = field(default_factory=dict)
    falls_back: bool = False
    limiting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _open: int = 0
    _answered: asyncio.Event = field(default_factory=asyncio.Event)
    _deviations: set[tuple[str, str]] = field(default_factory=set)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the station can do; what its version leaves open and it has not told yet, it cannot."""
        if not self.dialect.tells_features:
            return self.dialect.capabilities
        if self.features is None:
            return self.dialect.capabilities - _TOLD
        return self.features.capabilities(self.dialect.capabilities)

    @property
    def secured(self) -> bool:
        """True where the station has the security extension."""
        return self.dialect.secured and self.features is not None and self.features.security

    def phases(self, place: Place) -> int:
        """How many phases a connector has; where nobody has said it, one: no limit is made too high by that."""
        outlet = self.outlets.get((place.evse, place.connector))
        return (outlet.phases if outlet else None) or 1

    def time(self, stamp: datetime | None, now: datetime) -> datetime:
        """The true time of a stamp; now if there is none, or it is that of a clock that nobody has set."""
        return now if unset(stamp) or stamp is None else correct(self.clock, stamp)

    def observe_clock(self, stamp: datetime | None, now: datetime, tick: float) -> None:
        """Learn from a message that may be taken as sent the moment it happened."""
        if stamp is None or unset(stamp) or tick < self.settled_tick:
            return
        before = self.clock.offset
        self.clock = observe(self.clock, stamp, now)
        if self.clock.offset != before:
            _LOG.warning("%s marks its times %s off; they are corrected", self.id, self.clock.offset)

    def restarted(self) -> None:
        """It has started anew: the limits that it was given it may have forgotten."""
        self.limits.clear()
        self.falls_back = False

    def note(self, deviations: Iterable[Deviation]) -> None:
        """Log each kind of deviation once."""
        for deviation in deviations:
            kind = (deviation.code, deviation.path)
            if kind in self._deviations or len(self._deviations) >= _MAX_DEVIATIONS:
                continue
            self._deviations.add(kind)
            shown = "" if "idtag" in deviation.path.lower() else deviation.raw
            _LOG.info("%s deviates: %s at %s %r", self.id, deviation.code, deviation.path, shown)

    @contextmanager
    def exchange(self) -> Iterator[None]:
        """Mark that one of the station's own requests is open: it may not be able to answer a call meanwhile."""
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self._answered.set()

    async def all_answered(self) -> None:
        """Wait until none of the station's own requests is open."""
        while self._open:
            self._answered.clear()
            await self._answered.wait()


def unset(stamp: datetime | None) -> bool:
    """Tell whether a stamp is that of a clock that nobody has set."""
    return stamp is not None and stamp < _FIRST_STAMP
