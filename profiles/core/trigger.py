"""Messages that the CSMS asks for (OCPP 2.0.1 Part 2, F06): answered from what the box knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.contracts import Message, Reply
from gateway.model.changes import BootReason, ConnectorStatusChanged
from gateway.model.events import FirmwareStatus, LogStatus
from gateway.model.ids import Place
from gateway.model.rules.connectors import status_of
from gateway.model.rules.stations import log_idle
from profiles.common.replies import ACCEPTED, refused
from profiles.core import payloads
from profiles.core.readings_on_demand import ReadingsOnDemand

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.station import StationState
    from profiles.core.latest import LatestReadings


class Trigger:
    """TriggerMessage."""

    def __init__(self, northbound: Northbound, backend: Backend, latest: LatestReadings) -> None:
        self._northbound = northbound
        self._backend = backend
        readings = ReadingsOnDemand(northbound, backend, latest)
        self._readings: dict[str, Callable[[str, Json], Awaitable[Reply]]] = {
            "MeterValues": readings.meter_values,
            "TransactionEvent": readings.transaction_events,
        }
        self._kinds: dict[str, Callable[[str, Json], Reply]] = {
            "BootNotification": self._boot,
            "Heartbeat": self._heartbeat,
            "StatusNotification": self._status,
            "FirmwareStatusNotification": self._firmware,
            "LogStatusNotification": self._log,
        }

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of the one action."""
        return {"TriggerMessage": self.trigger_message}

    async def trigger_message(self, station: str, payload: Json) -> Reply:
        """Answer first, send then (F06.FR.04); what is not known here is NotImplemented (F06.FR.08)."""
        message, evse = payload["requestedMessage"], payload.get("evse", {})
        if message in self._readings:
            return await self._readings[message](station, evse)
        kind = self._kinds.get(message)
        if kind is None or kind == self._log:  # the box may upload a log itself, of which only its profile knows
            reply = await self._northbound.trigger(station, message, evse.get("id", 0))
            if reply is not None:
                return reply
        if kind is None:
            return Reply(payload={"status": "NotImplemented"})
        return kind(station, evse)

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
        async def post() -> None:
            await self._backend.post(station, Message(action=action, payload=payload, requested=True))

        return _then(post)


def _why_no_connector(state: StationState, evse: Json) -> str:
    if "connectorId" not in evse:
        return "MissingParam"  # F06.FR.12
    return "UnknownConnectorId" if evse["id"] in state.evses() else "UnknownEvse"


def _then(follow_up: Callable[[], Awaitable[None]]) -> Reply:
    return Reply(payload=ACCEPTED.payload, then=follow_up)
