"""What is known of each station while the box runs: where it is, when it was heard, what it is doing."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from adapters.ocpp_soap.callback import station_url
from adapters.ocpp_soap.clock_offset import ClockOffset, correct, observe
from adapters.ocpp_soap.connectors import Connectors
from adapters.ocpp_soap.tokens import Tokens
from adapters.ocpp_soap.versions import Version, version_of
from gateway.model.tokens import TokenType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

    from adapters.ocpp_soap.callback import Networks
    from adapters.ocpp_soap.config import StationConfig
    from adapters.ocpp_soap.message import Deviation
    from gateway.contracts import StationSettings

_LOG = logging.getLogger(__name__)
_MAX_DEVIATIONS = 200
_MAX_MOVES = 8
"""Moves of a station that are logged; two that share an identity would fill the log with theirs."""
_FIRST_STAMP = datetime(2011, 1, 1, tzinfo=UTC)
"""No OCPP 1.5 station was there before; an earlier time is that of a clock that nobody has set."""


@dataclass(slots=True, kw_only=True)
class Peer:
    """One station.

    ``*_tick`` are seconds of the event loop's clock; ``present`` is None until it is known. ``remembered`` is the
    callback that the box keeps over a restart.
    """

    id: str
    options: StationConfig
    version: Version
    connectors: Connectors
    tokens: Tokens
    zone: tzinfo = UTC
    address: str = ""
    claims: tuple[str, ...] = ()
    remembered: str = ""
    by_address: bool = False
    heard_at: datetime | None = None
    heard_tick: float = 0.0
    settled_tick: float = 0.0
    present: bool | None = None
    unanswered: bool = False
    clock: ClockOffset = field(default_factory=ClockOffset)
    calling: asyncio.Lock = field(default_factory=asyncio.Lock)
    _open: int = 0
    _answered: asyncio.Event = field(default_factory=asyncio.Event)
    _deviations: set[tuple[str, str]] = field(default_factory=set)
    _moves: set[tuple[str, str]] = field(default_factory=set)

    def locate(self, address: str, claims: Iterable[str]) -> None:
        """Take over where a message came from and what it says of the station's own URL."""
        if self.address and address != self.address:
            self._moved(self.address, address)
        given = tuple(claim for claim in claims if claim)
        if address != self.address or (given and given != self.claims):
            self.by_address = False
        self.address = address
        # Some stations name themselves in their first message only.
        self.claims = given or self.claims

    def _moved(self, before: str, now: str) -> None:
        """Log a move once, and the way back as a second station with the same identity."""
        if (before, now) in self._moves or len(self._moves) >= _MAX_MOVES:
            return
        self._moves.add((before, now))
        if (now, before) in self._moves:
            _LOG.warning("%s calls from %s and from %s: do two stations have its identity?", self.id, before, now)
        else:
            _LOG.info("%s now calls from %s, before from %s", self.id, now, before)

    def url(self, networks: Networks) -> str:
        """Where to call the station; "" if that is not known."""
        return (
            self.options.callback_url
            or station_url(self.claims, self.address, self.options.callback_port, networks, by_address=self.by_address)
            or self.remembered
        )

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


def peer_of(settings: StationSettings, options: StationConfig) -> Peer:
    """The record of a station that has not been heard yet.

    Raises:
        GatewayError: ``version-unknown``.
    """
    version = version_of(options.version)
    type_ = TokenType(options.token_type) if options.token_type else None
    return Peer(
        id=settings.identity,
        options=options,
        version=version,
        connectors=Connectors(settings.identity, settings.connectors),
        tokens=Tokens(version.token_length, type_),
        zone=ZoneInfo(options.time_zone) if options.time_zone else UTC,
    )
