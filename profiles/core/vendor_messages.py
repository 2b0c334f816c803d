"""Vendors' own messages, both ways (OCPP 2.0.1 Part 2, P): to extensions of the box, programs beside it, and stations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gateway.contracts import Reply
from gateway.model.commands import Outcome, VendorRequest, Verdict
from gateway.model.errors import GatewayError
from profiles.common.replies import refused
from profiles.common.variable_specs import writable
from profiles.core.relay import relay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.contracts import Backend, Extension, Handler, Json, Northbound
    from gateway.model.device import VariableSpec

PATIENCE = 15.0
"""Seconds that a station's DataTransfer waits for the backend."""

_CONTROLLER, _ENABLED = "CustomizationCtrlr", "CustomImplementationEnabled"
_LONGEST_INSTANCE = 50  # the schema's limit for a variable's instance
_STATUS = {
    Verdict.ACCEPTED: "Accepted",
    Verdict.UNKNOWN: "UnknownVendorId",
    Verdict.UNKNOWN_MESSAGE: "UnknownMessageId",
    # A station without DataTransfer implements nobody's messages (P01.FR.05).
    Verdict.UNSUPPORTED: "UnknownVendorId",
}
_VERDICTS = {
    "Accepted": Verdict.ACCEPTED,
    "UnknownVendorId": Verdict.UNKNOWN,
    "UnknownMessageId": Verdict.UNKNOWN_MESSAGE,
}


class VendorMessages:
    """DataTransfer. Vendors are compared without regard to case; who is known here is never asked for at the station."""

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend
        self._made: Mapping[str, Extension] = {}

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of the one action."""
        return {"DataTransfer": self.data_transfer}

    def variables(self, station: str) -> Iterator[VariableSpec]:
        """Whether each vendor's messages are taken; not of one whose name is too long for an instance."""
        for vendor in self._vendors(station).values():
            if len(vendor) <= _LONGEST_INSTANCE:
                yield writable(_CONTROLLER, _ENABLED, "true", instance=vendor)

    async def data_transfer(self, station: str, payload: Json) -> Reply:
        """Answer a vendor's message, or pass it on to the station (P01)."""
        vendor, key = payload["vendorId"].strip(), payload["vendorId"].strip().casefold()
        known = self._vendors(station)
        if not vendor or (key in known and not self._enabled(station, known[key])):
            # Nobody is called nothing, and many a station takes an empty element for a missing one.
            return Reply(payload={"status": "UnknownVendorId"})
        extension = self._extensions().get(key)
        if extension is not None:
            return await _answered(extension, station, payload)
        relays = [each for each in self._northbound.installation(station).relays if each.vendor.casefold() == key]
        if relays:
            message = payload.get("messageId")
            fitting = next((each for each in relays if not each.messages or message in each.messages), None)
            return await relay(fitting.url, station, payload) if fitting else _unknown_message()
        return await self._passed_on(station, payload)

    async def vendor_message(self, station: str, vendor: str, message: str | None, data: str | None) -> Outcome:
        """Pass a station's vendor message on to the backend as it is (P02)."""
        payload: Json = {"vendorId": vendor[:255]}
        if message is not None:
            payload["messageId"] = message[:50]
        if data is not None:
            payload["data"] = data
        answer = await self._backend.ask(station, "DataTransfer", payload, patience=PATIENCE)
        if answer is None:
            return Outcome(verdict=Verdict.REJECTED, reason="the backend did not answer")
        back = answer.get("data")
        return Outcome(verdict=_VERDICTS.get(answer["status"], Verdict.REJECTED), data=_text(back))

    async def _passed_on(self, station: str, payload: Json) -> Reply:
        request = VendorRequest(
            station=station,
            vendor=payload["vendorId"],
            message=payload.get("messageId"),
            data=_text(payload.get("data")),
        )
        outcome = await self._northbound.execute(request)
        answer: Json = {"status": _STATUS.get(outcome.verdict, "Rejected")}
        if outcome.data is not None:
            answer["data"] = outcome.data
        return Reply(payload=answer)

    def _vendors(self, station: str) -> dict[str, str]:
        """The vendors that are known without the station, as they write themselves."""
        relays = self._northbound.installation(station).relays
        names = [extension.vendor for extension in self._extensions().values()] + [each.vendor for each in relays]
        return {name.casefold(): name for name in reversed(names)}

    def _extensions(self) -> Mapping[str, Extension]:
        if not self._made:
            classes = self._northbound.extensions()
            self._made = {each.vendor.casefold(): each(self._northbound, self._backend) for each in classes}
        return self._made

    def _enabled(self, station: str, vendor: str) -> bool:
        if len(vendor) > _LONGEST_INSTANCE:
            return True
        return self._northbound.device(station).boolean(_CONTROLLER, _ENABLED, vendor)


async def _answered(extension: Extension, station: str, payload: Json) -> Reply:
    message = payload.get("messageId")
    if extension.messages and message not in extension.messages:
        return _unknown_message()
    try:
        told = await extension.answer(station, message, payload.get("data"))
    except GatewayError as error:
        return refused("InternalError", error.code)
    answer: Json = {"status": "Accepted" if told.accepted else "Rejected"}
    if told.data is not None:
        answer["data"] = told.data
    return Reply(payload=answer)


def _unknown_message() -> Reply:
    return Reply(payload={"status": "UnknownMessageId"})


def _text(data: object) -> str | None:
    """Data as OCPP 1.x has it: text only; anything else travels as its JSON text."""
    return data if data is None or isinstance(data, str) else json.dumps(data, ensure_ascii=False)
