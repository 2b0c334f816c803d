"""Readings that the CSMS asks for now (OCPP 2.0.1 Part 2, F06.FR.06, F06.FR.07): MeterValues and TransactionEvent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.contracts import Message, Reply
from gateway.model.changes import SamplesTaken
from gateway.model.commands import Report, TriggerReport
from gateway.model.device import VariableRef
from gateway.model.ids import Place
from gateway.model.readings import Context, Sample, register
from gateway.model.station import Capability
from profiles.common.replies import ACCEPTED, refused
from profiles.core import payloads

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gateway.contracts import Backend, Json, Northbound
    from gateway.model.station import StationState
    from profiles.core.latest import LatestReadings

PATIENCE = 10.0
"""Seconds that a station may take to tell the readings that it has been asked for."""

_ALIGNED = VariableRef(component="AlignedDataCtrlr", variable="Measurands")
_UPDATED = VariableRef(component="SampledDataCtrlr", variable="TxUpdatedMeasurands")


class ReadingsOnDemand:
    """Measures now where the station can be asked to; else the last readings serve, with the time they were taken at.

    A station whose transactions the box runs is read there and then. One of OCPP 1.6 is asked to tell its readings, and
    does so in a message of its own: outside a transaction that is the MeterValues that was asked for; within one it is
    a TransactionEvent, and what was asked for follows.
    """

    def __init__(self, northbound: Northbound, backend: Backend, latest: LatestReadings) -> None:
        self._northbound = northbound
        self._backend = backend
        self._latest = latest

    async def meter_values(self, station: str, evse: Json) -> Reply:
        """MeterValues of one EVSE, or of each."""
        wanted: int = evse.get("id", 0)
        before = self._latest.of(station)
        busy = {t.evse for t in self._state(station).transactions if wanted in {0, t.evse}}
        asked = await self._measure(station, wanted)
        if asked and not self._read_by_box(station):
            # What is of no transaction goes up as soon as the station tells it.
            return self._later(station, busy, before) if busy else ACCEPTED
        messages = self._messages(station, {wanted} if wanted else self._told(station).keys())
        if not messages:
            return refused("Unspecified", "nothing has been measured yet")

        async def post() -> None:
            await self._backend.post(station, *messages)

        return Reply(payload=ACCEPTED.payload, then=post)

    async def transaction_events(self, station: str, evse: Json) -> Reply:
        """A TransactionEvent of the transaction on one EVSE, or of every one that runs."""
        wanted: int = evse.get("id", 0)
        running = [t for t in self._state(station).transactions if wanted in {0, t.evse}]
        if not running:
            return refused("TxNotFound")
        before = self._latest.of(station)
        waits = await self._measure(station, wanted) and not self._read_by_box(station)

        async def retell() -> None:
            for transaction in running:
                if waits:
                    last = before.get(transaction.evse)
                    await self._latest.newer(station, transaction.evse, last, patience=PATIENCE)
                sample = self._chosen(station, transaction.evse, _UPDATED)
                await self._northbound.retell(station, transaction.id, (sample,) if sample else ())

        async def in_background() -> None:
            self._northbound.background(retell())

        return Reply(payload=ACCEPTED.payload, then=in_background if waits else retell)

    def _later(self, station: str, evses: Collection[int], before: Mapping[int, Sample]) -> Reply:
        """Post as soon as the station has told its readings of transactions; nobody else's call waits for that."""

        async def post() -> None:
            for evse in sorted(evses):
                await self._latest.newer(station, evse, before.get(evse), patience=PATIENCE)
            await self._backend.post(station, *self._messages(station, evses))

        async def in_background() -> None:
            self._northbound.background(post())

        return Reply(payload=ACCEPTED.payload, then=in_background)

    async def _measure(self, station: str, evse: int) -> bool:
        """Have the station measure (evse 0: everywhere); False if it cannot be asked to.

        A station that tells by itself is not asked before the boot is accepted: only what the CSMS has asked for may go
        out then (B02.FR.02).
        """
        state = self._state(station)
        if Capability.TRIGGER not in state.capabilities:
            return False
        if not self._read_by_box(station) and not self._backend.accepted(station):
            return False
        if evse and state.connector(evse) is None:
            return False
        place = Place(station=station, evse=evse, connector=1 if evse else 0)
        return (await self._northbound.execute(TriggerReport(place=place, report=Report.METER_VALUES))).accepted

    def _messages(self, station: str, evses: Collection[int]) -> list[Message]:
        """A MeterValues of each EVSE that has any."""
        samples = {evse: self._chosen(station, evse, _ALIGNED) for evse in sorted(evses)}
        return [
            Message(
                action="MeterValues",
                payload=payloads.meter_values(
                    SamplesTaken(place=Place(station=station, evse=evse, connector=1), samples=(sample,))
                ),
                requested=True,
            )
            for evse, sample in samples.items()
            if sample is not None
        ]

    def _told(self, station: str) -> Mapping[int, Sample]:
        """The last readings of each EVSE; of a transaction that has told none since the box started, its register."""
        kept = {
            t.evse: register(t.meter_last, t.last_at, Context.TRIGGER)
            for t in self._state(station).transactions
            if t.meter_last is not None
        }
        return {**kept, **self._latest.of(station)}

    def _chosen(self, station: str, evse: int, ref: VariableRef) -> Sample | None:
        """The last readings of the measurands that a variable names, in the context of an answer; None: there are none.

        A station of OCPP 1.x tells what it has chosen; if that has nothing of what is named, it is better than nothing.
        """
        sample = self._told(station).get(evse)
        if sample is None:
            return None
        named = self._northbound.device(station).value(ref) or ""
        wanted = {part.strip() for part in named.split(",")}
        found = tuple(reading for reading in sample.readings if reading.measurand in wanted)
        if not found and not self._read_by_box(station):
            found = sample.readings
        answered = tuple(replace(reading, context=Context.TRIGGER) for reading in found)
        return replace(sample, readings=answered) if answered else None

    def _read_by_box(self, station: str) -> bool:
        return Capability.BOX_SESSIONS in self._state(station).capabilities

    def _state(self, station: str) -> StationState:
        return self._northbound.station(station)
