"""What came to the simulated station's commands with OCPP 1.6: charging profiles, and reports on request."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gateway.bench.ocpp_s.messages import instant
from gateway.bench.ocpp_s.profiles import DEFAULT, MAX, OWN, Period, Profile
from gateway.bench.ocpp_s.service import Reply
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from gateway.bench.ocpp_s.messages import Fields
    from gateway.bench.ocpp_s.soap import Node
    from gateway.bench.ocpp_s.station import SimulatedStation

_ACCEPTED = {"status": "Accepted"}
_REJECTED = {"status": "Rejected"}


class SmartCommands:
    """Carries out the commands that are new in OCPP 1.6 (5.5, 5.7, 5.16, 5.17)."""

    def __init__(self, station: SimulatedStation) -> None:
        self._station = station
        self._outlets = station.point.outlets
        self.handlers: Mapping[str, Callable[[Node], Reply]] = {
            "ClearChargingProfile": self._clear,
            "GetCompositeSchedule": self._composite,
            "SetChargingProfile": self._set,
            "TriggerMessage": self._trigger,
        }

    def _set(self, request: Node) -> Reply:
        number = request.number("connectorId")
        profile = profile_of(request.child("csChargingProfiles"), number)
        if number != 0 and number not in self._outlets.connectors:
            return Reply(fields=_REJECTED)
        if (profile.purpose == MAX) != (number == 0) and profile.purpose != DEFAULT:
            return Reply(fields=_REJECTED)
        if profile.purpose == OWN and self._outlets.connectors[number].session is None:
            return Reply(fields=_REJECTED)
        self._outlets.profiles.install(profile)
        self._outlets.limit()
        return Reply(fields=_ACCEPTED, effect=self._outlets.report_each)

    def _clear(self, request: Node) -> Reply:
        found = self._outlets.profiles.clear(
            id_=_optional(request, "id"),
            connector=_optional(request, "connectorId"),
            purpose=request.text("chargingProfilePurpose", ""),
            stack=_optional(request, "stackLevel"),
        )
        self._outlets.limit()
        return Reply(fields={"status": "Accepted" if found else "Unknown"}, effect=self._outlets.report_each)

    def _composite(self, request: Node) -> Reply:
        number, duration = request.number("connectorId"), request.number("duration")
        if number not in self._outlets.connectors:
            return Reply(fields=_REJECTED)
        limit = self._outlets.connectors[number].evse.max_current
        at = self._outlets.write(self._outlets.now())
        schedule: Fields = {
            "duration": duration,
            "startSchedule": at,
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": f"{limit:.1f}"}],
        }
        answer: Fields = {"connectorId": number, "scheduleStart": at, "chargingSchedule": schedule}
        return Reply(fields={**_ACCEPTED, **answer})

    def _trigger(self, request: Node) -> Reply:
        asked, number = request.text("requestedMessage"), request.number("connectorId", 0)
        if number != 0 and number not in self._outlets.connectors:
            return Reply(fields=_REJECTED)
        numbers = [number] if number else list(self._outlets.connectors)
        effects: Mapping[str, Callable[[], None]] = {
            "BootNotification": self._station.tell_boot,
            "DiagnosticsStatusNotification": self._station.jobs.tell_diagnostics,
            "FirmwareStatusNotification": self._station.jobs.tell_firmware,
            "Heartbeat": self._station.beat_now,
            "MeterValues": partial(_each, self._station.point.sessions.tell, numbers),
            "StatusNotification": partial(_each, self._outlets.tell, [number] if number else [0, *numbers]),
        }
        effect = effects.get(asked)
        return Reply(fields={"status": "NotImplemented"}) if effect is None else Reply(fields=_ACCEPTED, effect=effect)


def profile_of(node: Node, connector: int) -> Profile:
    """Read a charging profile.

    Raises:
        GatewayError: ``soap-element-missing`` or ``soap-element-wrong``.
    """
    schedule = node.child("chargingSchedule")
    periods = tuple(
        Period(start=item.number("startPeriod"), limit=_decimal(item, "limit"))
        for item in schedule.all("chargingSchedulePeriod")
    )
    return Profile(
        id=node.number("chargingProfileId"),
        connector=connector,
        purpose=node.text("chargingProfilePurpose"),
        stack=node.number("stackLevel"),
        periods=tuple(sorted(periods, key=lambda period: period.start)),
        in_watts=schedule.text("chargingRateUnit") == "W",
        starts_at=_moment(schedule, "startSchedule"),
        duration=_optional(schedule, "duration"),
        valid_from=_moment(node, "validFrom"),
        valid_to=_moment(node, "validTo"),
    )


def _each(act: Callable[[int], None], numbers: list[int]) -> None:
    for number in numbers:
        act(number)


def _optional(node: Node, name: str) -> int | None:
    return node.number(name) if node.text(name, "") else None


def _decimal(node: Node, name: str) -> float:
    text = node.text(name)
    try:
        return float(text)
    except ValueError as error:
        raise GatewayError("soap-element-wrong", element=name, value=text) from error


def _moment(node: Node, name: str) -> datetime | None:
    text = node.text(name, "")
    try:
        return instant(text) if text else None
    except ValueError as error:
        raise GatewayError("soap-element-wrong", element=name, value=text) from error
