"""What the simulated station does when the central system calls it (OCPP 1.5, section 5): all that its version has."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gateway.bench.ocpp_s.connector import Reservation
from gateway.bench.ocpp_s.jobs import Transfer
from gateway.bench.ocpp_s.ledger import Command
from gateway.bench.ocpp_s.messages import instant
from gateway.bench.ocpp_s.service import Reply
from gateway.bench.ocpp_s.smart import SmartCommands, profile_of
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from gateway.bench.ocpp_s.profiles import Profile
    from gateway.bench.ocpp_s.soap import Node
    from gateway.bench.ocpp_s.station import SimulatedStation

_VENDOR = "bench"
_LIMIT = "Limit"
_ACCEPTED = {"status": "Accepted"}
_REJECTED = {"status": "Rejected"}


class Commands:
    """Carries out commands; what takes time or speaks follows after the answer is out."""

    def __init__(self, station: SimulatedStation) -> None:
        self._station = station
        self._point = station.point
        self._dialect = station.config.dialect
        handlers: Mapping[str, Callable[[Node], Reply]] = {
            "CancelReservation": self._cancel_reservation,
            "ChangeAvailability": self._change_availability,
            "ChangeConfiguration": self._change_configuration,
            "ClearCache": self._clear_cache,
            "DataTransfer": self._data_transfer,
            "GetConfiguration": self._get_configuration,
            "GetDiagnostics": self._get_diagnostics,
            "GetLocalListVersion": self._get_local_list_version,
            "RemoteStartTransaction": self._remote_start,
            "RemoteStopTransaction": self._remote_stop,
            "ReserveNow": self._reserve_now,
            "Reset": self._reset,
            "SendLocalList": self._send_local_list,
            "UnlockConnector": self._unlock,
            "UpdateFirmware": self._update_firmware,
            **SmartCommands(station).handlers,
        }
        self._handlers = {name: handler for name, handler in handlers.items() if name in self._dialect.commands}

    def dispatch(self, operation: str, request: Node) -> Reply:
        """Carry a command out.

        Raises:
            GatewayError: ``operation-unknown``, ``soap-element-missing`` or ``soap-element-wrong``.
        """
        handler = self._handlers.get(operation)
        if handler is None:
            raise GatewayError("operation-unknown", operation=operation)
        reply = handler(request)
        at = self._point.outlets.now()
        self._point.ledger.commands.append(Command(operation=operation, at=at, answer=reply.fields))
        self._point.outlets.news()
        return reply

    def _remote_start(self, request: Node) -> Reply:
        token = request.text("idTag")
        number = request.number("connectorId", 0) or self._free_connector(token)
        outlets = self._point.outlets
        if number not in outlets.connectors:
            return Reply(fields=_REJECTED)
        if outlets.connectors[number].refuses(token, "", operative=outlets.operative(number)):
            return Reply(fields=_REJECTED)
        nodes = request.all("chargingProfile")
        profile = profile_of(nodes[0], number) if nodes else None
        return Reply(fields=_ACCEPTED, effect=partial(self._begin, number, token, profile))

    def _begin(self, number: int, token: str, profile: Profile | None) -> None:
        if self._point.admit(number, token, "", remote=True) and profile is not None:
            self._point.outlets.profiles.install(profile)
            self._point.outlets.limit()

    def _free_connector(self, token: str) -> int:
        """Choose a connector: one with a car before one without; 0 if none is free."""
        outlets = self._point.outlets
        free = [
            item
            for item in outlets.connectors.values()
            if not item.refuses(token, "", operative=outlets.operative(item.number))
        ]
        free.sort(key=lambda item: item.evse.car is None)
        return free[0].number if free else 0

    def _remote_stop(self, request: Node) -> Reply:
        transaction = request.number("transactionId")
        for number, session in self._point.outlets.memory.sessions.items():
            if self._point.outlets.memory.transaction_ids.get(session.number) == transaction:
                return Reply(fields=_ACCEPTED, effect=partial(self._end, number, "Remote"))
        return Reply(fields=_REJECTED)

    def _end(self, number: int, reason: str) -> None:
        self._point.sessions.stop(number, reason)

    def _reset(self, request: Node) -> Reply:
        kind = request.text("type")
        if kind not in {"Hard", "Soft"}:
            raise GatewayError("soap-element-wrong", element="type", value=kind)
        return Reply(fields=_ACCEPTED, effect=lambda: self._station.reset(soft=kind == "Soft"))

    def _unlock(self, request: Node) -> Reply:
        number = request.number("connectorId")
        done, refused = self._dialect.unlocked
        if number not in self._point.outlets.connectors:
            return Reply(fields={"status": refused})
        return Reply(fields={"status": done}, effect=partial(self._end, number, "Unlock"))

    def _change_availability(self, request: Node) -> Reply:
        number, kind = request.number("connectorId"), request.text("type")
        if kind not in {"Operative", "Inoperative"}:
            raise GatewayError("soap-element-wrong", element="type", value=kind)
        if number != 0 and number not in self._point.outlets.connectors:
            return Reply(fields=_REJECTED)
        return Reply(fields={"status": self._point.change_availability(number, operative=kind == "Operative")})

    def _change_configuration(self, request: Node) -> Reply:
        key, value = request.text("key"), request.text("value", "")
        status = self._point.keys.change(key, value)
        if status != "Accepted":
            return Reply(fields={"status": status})
        return Reply(fields=_ACCEPTED, effect=self._station.configured)

    def _get_configuration(self, request: Node) -> Reply:
        asked = [node.content for node in request.all("key") if node.content]
        known: list[str] = []
        unknown: list[str] = []
        keys = self._point.keys
        for name in asked or keys.known:
            try:
                known.append(keys.find(name))
            except GatewayError:
                unknown.append(name)
        return Reply(
            fields={
                "configurationKey": [
                    {"key": key, "readonly": keys.known[key].readonly, "value": self._value(key)} for key in known
                ],
                "unknownKey": unknown,
            }
        )

    def _value(self, key: str) -> str:
        own = {"ChargePointId": self._station.config.identity, "NumberOfConnectors": str(self._station.config.evses)}
        return own.get(key) or self._point.keys.get(key)

    def _clear_cache(self, _request: Node) -> Reply:
        self._station.tokens.clear_cache()
        return Reply(fields=_ACCEPTED)

    def _get_local_list_version(self, _request: Node) -> Reply:
        return Reply(fields={"listVersion": self._point.outlets.memory.list_version})

    def _send_local_list(self, request: Node) -> Reply:
        status = self._station.tokens.update_list(
            request.text("updateType"), request.number("listVersion"), request.all(self._dialect.local_list)
        )
        return Reply(fields={"status": status})

    def _reserve_now(self, request: Node) -> Reply:
        reservation = Reservation(
            number=request.number("reservationId"),
            token=request.text("idTag"),
            parent=request.text("parentIdTag", ""),
            expiry=_time(request, "expiryDate"),
        )
        return Reply(fields={"status": self._point.reserve(request.number("connectorId"), reservation)})

    def _cancel_reservation(self, request: Node) -> Reply:
        done = self._point.cancel_reservation(request.number("reservationId"))
        return Reply(fields=_ACCEPTED if done else _REJECTED)

    def _get_diagnostics(self, request: Node) -> Reply:
        transfer = _transfer(request)
        return Reply(
            fields={"fileName": self._station.jobs.diagnostics_name}, effect=lambda: self._station.upload(transfer)
        )

    def _update_firmware(self, request: Node) -> Reply:
        transfer, retrieve_at = _transfer(request), _time(request, "retrieveDate")
        return Reply(effect=lambda: self._station.update(transfer, retrieve_at))

    def _data_transfer(self, request: Node) -> Reply:
        if request.text("vendorId") != _VENDOR:
            return Reply(fields={"status": "UnknownVendorId"})
        if request.text("messageId", "") == _LIMIT:
            return self._vendor_limit(request.text("data", ""))
        return Reply(fields={"status": "Accepted", "data": request.text("data", "") or None})

    def _vendor_limit(self, data: str) -> Reply:
        """A limit as "connector:amperes", answered by what holds then; below 6 A is a pause."""
        number, _, amperes = data.partition(":")
        if not (number.isdecimal() and int(number) in self._point.outlets.connectors and amperes.isdecimal()):
            return Reply(fields=_REJECTED)
        self._point.outlets.transferred[int(number)] = float(amperes)
        return Reply(fields={"status": "Accepted", "data": amperes}, effect=self._station.limited)


def _transfer(request: Node) -> Transfer:
    return Transfer(
        location=request.text("location"),
        retries=request.number("retries", 0),
        interval=request.number("retryInterval", 60),
    )


def _time(request: Node, name: str) -> datetime:
    text = request.text(name)
    try:
        return instant(text)
    except ValueError as error:
        raise GatewayError("soap-element-wrong", element=name, value=text) from error
