"""Messages that the CSMS asks for (OCPP 2.0.1 Part 2, F06): answered from what the box knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.contracts import Message, Reply
from gateway.model.changes import BootReason, ConnectorStatusChanged, SamplesTaken
from gateway.model.commands import Report, TriggerReport
from gateway.model.events import FirmwareStatus, LogStatus
from gateway.model.ids import Place
from gateway.model.readings import Context
from gateway.model.rules.connectors import status_of
from gateway.model.rules.stations import log_idle
from gateway.model.station import Capability
from profiles.common.replies import ACCEPTED, refused
from profiles.core import payloads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.readings import Sample
    from gateway.model.station import StationState


class Trigger:
    """TriggerMessage; ``latest`` are the last samples by (station, EVSE)."""

    def __init__(self, northbound: Northbound, backend: Backend, latest: Mapping[tuple[str, int], Sample]) -> None:
        self._northbound = northbound
        self._backend = backend
        self._latest = latest
        self._kinds: dict[str, Callable[[str, Json], Reply]] = {
            "BootNotification": self._boot,
            "Heartbeat": self._heartbeat,
            "StatusNotification": self._status,
            "MeterValues": self._meter_values,
            "TransactionEvent": self._transactions,
            "FirmwareStatusNotification": self._firmware,
            "LogStatusNotification": self._log,
        }

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of the one action."""
        return {"TriggerMessage": self.trigger_message}

    async def trigger_message(self, station: str, payload: Json) -> Reply:
        """Answer first, send then (F06.FR.04); what is not known here is NotImplemented (F06.FR.08)."""
        kind = self._kinds.get(payload["requestedMessage"])
        evse: Json = payload.get("evse", {})
        if kind is None or kind == self._log:  # the box may upload a log itself, of which only its profile knows
            reply = await self._northbound.trigger(station, payload["requestedMessage"], evse.get("id", 0))
            if reply is not None:
                return reply
        if kind is None:
            return Reply(payload={"status": "NotImplemented"})
        if kind == self._meter_values and await self._measures_now(station, evse.get("id", 0)):
            return ACCEPTED
        return kind(station, evse)

    async def _measures_now(self, station: str, evse: int) -> bool:
        """Have the station measure, if it can be asked to; what it then reports goes up as MeterValues by itself.

        Not during a transaction: there readings are TransactionEvents, and the last ones serve. Not before the boot is
        accepted: only what is asked for here may go out then (B02.FR.02).
        """
        state = self._northbound.station(station)
        running = any(evse in {0, transaction.evse} for transaction in state.transactions)
        if Capability.TRIGGER not in state.capabilities or running or not self._backend.accepted(station):
            return False
        place = Place(station=station, evse=evse, connector=1 if evse else 0)
        if evse and state.connector(evse) is None:
            return False
        return (await self._northbound.execute(TriggerReport(place=place, report=Report.METER_VALUES))).accepted

    def _boot(self, station: str, _evse: Json) -> Reply:
        if self._backend.accepted(station):
            return refused("Unspecified", "the boot has been accepted")  # F06.FR.17

        async def boot() -> None:
            self._backend.boot_again(station, BootReason.TRIGGERED)

        return _then(boot)

    def _heartbeat(self, station: str, _evse: Json) -> Reply:
        async def beat() -> None:
            self._backend.beat(station)

        return _then(beat)

    def _status(self, station: str, evse: Json) -> Reply:
        state = self._northbound.station(station)
        connector = state.connector(evse.get("id", 0), evse.get("connectorId", 0))
        if connector is None:
            return refused(_why_no_connector(state, evse))
        place = Place(station=station, evse=connector.evse, connector=connector.connector)
        change = ConnectorStatusChanged(place=place, at=connector.at, status=status_of(state, connector))
        return self._post(station, "StatusNotification", payloads.status_notification(change))

    def _meter_values(self, station: str, evse: Json) -> Reply:
        wanted = evse.get("id")
        known = {e: s for (owner, e), s in self._latest.items() if owner == station and wanted in {None, e}}
        if not known:
            return refused("Unspecified", "nothing has been measured yet")
        return self._post_all(station, "MeterValues", [
            payloads.meter_values(SamplesTaken(place=Place(station=station, evse=e), samples=(_asked_for(sample),)))
            for e, sample in known.items()
        ])  # fmt: skip

    def _transactions(self, station: str, evse: Json) -> Reply:
        wanted = evse.get("id")
        running = [t for t in self._northbound.station(station).transactions if wanted in {None, t.evse}]
        if not running:
            return refused("TxNotFound")

        async def retell() -> None:
            for transaction in running:
                sample = self._latest.get((station, transaction.evse))
                await self._northbound.retell(station, transaction.id, (_asked_for(sample),) if sample else ())

        return _then(retell)

    def _firmware(self, station: str, _evse: Json) -> Reply:
        state = self._northbound.station(station)
        if state.firmware is None or state.firmware.status is FirmwareStatus.INSTALLED:  # L01.FR.25, L02.FR.16
            return self._post(station, "FirmwareStatusNotification", {"status": FirmwareStatus.IDLE.value})
        told: Json = {"status": state.firmware.status.value, "requestId": state.firmware.request_id}
        return self._post(station, "FirmwareStatusNotification", told)

    def _log(self, station: str, _evse: Json) -> Reply:
        state = self._northbound.station(station)
        if state.log is None or log_idle(state):
            return self._post(station, "LogStatusNotification", {"status": LogStatus.IDLE.value})
        told: Json = {"status": state.log.status.value, "requestId": state.log.request_id}
        return self._post(station, "LogStatusNotification", told)

    def _post(self, station: str, action: str, payload: Json) -> Reply:
        return self._post_all(station, action, [payload])

    def _post_all(self, station: str, action: str, payloads_: list[Json]) -> Reply:
        async def post() -> None:
            messages = [Message(action=action, payload=payload, requested=True) for payload in payloads_]
            await self._backend.post(station, *messages)

        return _then(post)


def _asked_for(sample: Sample) -> Sample:
    """The last readings as the answer to a trigger (ReadingContextEnumType); their time says when they were taken."""
    return replace(sample, readings=tuple(replace(r, context=Context.TRIGGER) for r in sample.readings))


def _why_no_connector(state: StationState, evse: Json) -> str:
    if "connectorId" not in evse:
        return "MissingParam"  # F06.FR.12
    return "UnknownConnectorId" if evse["id"] in state.evses() else "UnknownEvse"


def _then(follow_up: Callable[[], Awaitable[None]]) -> Reply:
    return Reply(payload=ACCEPTED.payload, then=follow_up)
