"""What the box knows of its stations, for whoever asks: adapters, profiles and the link. Nothing of a state is written here."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway import protocols
from gateway.access.files import FileVault
from gateway.access.journal import SecurityJournal
from gateway.store.shelf import DocumentShelf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from gateway.clock import Clock
    from gateway.contracts import Json, Shelf, Tokens
    from gateway.fleet import Fleet
    from gateway.model.device import DeviceModel, VariableRef
    from gateway.model.installation import Installation
    from gateway.model.readings import Sample
    from gateway.model.station import StationState
    from gateway.model.tokens import Token
    from gateway.model.transactions import Transaction
    from gateway.store.storage import Storage


class Known:
    """The stations now, and where what is kept of them is.

    Attributes:
        vault: Secrets and certificates.
        events: The numbers of events (NotifyEvent).
        security_log: What has happened to the security of each station.
    """

    def __init__(self, fleet: Fleet, storage: Storage, clock: Clock) -> None:
        self._fleet = fleet
        self._storage = storage
        self._clock = clock
        self.vault = FileVault(storage.folder / "stations")
        self.events = storage.events
        self.security_log = SecurityJournal(storage.folder / "security")

    def now(self) -> datetime:
        """The box's clock, UTC."""
        return self._clock.now()

    def stations(self) -> tuple[str, ...]:
        """Every station of the site."""
        return tuple(member.id for member in self._fleet.members())

    # --- a station now ------------------------------------------------------------------------------------------------

    def station(self, station: str) -> StationState:
        """The state of a station now."""
        return self._fleet.member(station).state

    def installation(self, station: str) -> Installation:
        """What only the site knows of a station."""
        return self._fleet.member(station).installation

    def device(self, station: str) -> DeviceModel:
        """The device model of a station now, with its live values."""
        member = self._fleet.member(station)
        return self._fleet.device(station).at(member.state, self.now(), member.power, member.sensed)

    def setting(self, station: str, ref: VariableRef) -> str:
        """The value of a variable of a station's device model."""
        device = self._fleet.device(station)
        return device.value(ref) if device.spec(ref) is not None else ""

    def integer(self, station: str, component: str, variable: str, instance: str | None = None) -> int:
        """The value of an integer variable."""
        return self._fleet.device(station).integer(component, variable, instance)

    def measured(self, station: str, evse: int) -> Sample | None:
        """The last readings of an EVSE since the box started."""
        return self._fleet.member(station).measured.get(evse)

    def given(self, station: str, evse: int) -> float | None:
        """The limit in A per phase that an EVSE has last taken, inf for none; None: not known."""
        given = self._fleet.member(station).given
        if evse not in given:
            return None
        limit = given[evse]
        return float("inf") if limit is None else limit

    # --- what is kept -------------------------------------------------------------------------------------------------

    @property
    def tokens(self) -> Tokens:
        """What the box knows of tokens."""
        return self._storage.tokens

    async def notes(self, station: str) -> Mapping[str, str]:
        """What the adapter has noted of a station."""
        return await self._storage.queries.notes(station)

    async def visits(self, station: str, token: Token) -> tuple[Transaction, ...]:
        """The ended transactions on record that a token was used for."""
        return await self._storage.queries.ended_transactions(station, token)

    async def queued(self, station: str, transaction: str | None) -> bool:
        """True if messages of this transaction (None: of any) are still to be delivered."""
        return await self._storage.queries.queued(station, transaction)

    async def protocols(self, station: str, since: datetime | None, until: datetime | None) -> Sequence[Json]:
        """The protocols of a technician's tests of a station."""
        return await asyncio.to_thread(protocols.read, self._storage.folder, station, since, until)

    def shelf(self, name: str) -> Shelf:
        """The documents of a profile."""
        return DocumentShelf(self._storage.writer, name)

    def folder(self, name: str) -> Path:
        """A folder for files of a profile."""
        return self._storage.folder / "files" / name
