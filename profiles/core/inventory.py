"""The device model for the CSMS: read and set variables, and reports (OCPP 2.0.1 use cases B05 to B08)."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from gateway.contracts import Message, Reply
from gateway.model.device import (
    Attribute,
    Criterion,
    ReportBase,
    SetResult,
    VariableStatus,
    inventory,
    rejected,
    report,
)
from gateway.model.errors import GatewayError
from profiles.common.addresses import pattern_from, ref_from
from profiles.common.paging import check_size, unhurried
from profiles.common.replies import status_info
from profiles.common.wire import flag
from profiles.core.authorization_variables import CACHE_STORAGE
from profiles.core.inventory_wire import get_result, pages, report_data, set_result
from profiles.core.variables import DEVICE_DATA

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.device import DeviceModel, ReportItem, VariableRef


class Inventory:
    """Answers the CSMS's questions for variables; reports follow their answer as NotifyReport messages."""

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each action."""
        return {
            "GetVariables": self.get_variables,
            "SetVariables": self.set_variables,
            "GetBaseReport": self.get_base_report,
            "GetReport": self.get_report,
        }

    async def get_variables(self, station: str, payload: Json) -> Reply:
        """Answer GetVariables (B06).

        Raises:
            CallRefused: more items or bytes than DeviceDataCtrlr allows (B06.FR.16, B06.FR.17).
        """
        questions: list[Json] = payload["getVariableData"]
        await self._measure_cache(station)
        device = self._northbound.device(station)
        check_size(device, DEVICE_DATA, "GetVariables", payload, len(questions))
        size = device.integer(DEVICE_DATA, "ReportingValueSize")
        results = []
        for question in questions:
            result = device.get(ref_from(question), question.get("attributeType", Attribute.ACTUAL))
            results.append(get_result(question, result, size))
        return Reply(payload={"getVariableResult": results})

    async def set_variables(self, station: str, payload: Json) -> Reply:
        """Answer SetVariables (B05), one item after the other.

        Raises:
            CallRefused: more items or bytes than DeviceDataCtrlr allows.
        """
        orders: list[Json] = payload["setVariableData"]
        check_size(self._northbound.device(station), DEVICE_DATA, "SetVariables", payload, len(orders))
        results = []
        seen: set[tuple[VariableRef, str]] = set()
        for order in orders:
            ref, attribute = ref_from(order), order.get("attributeType", Attribute.ACTUAL)
            if (ref, attribute) in seen:
                result = rejected("InvalidValue", "repeated in this request")  # forbidden by B05.FR.13
            else:
                result = await self._set(station, ref, attribute, order["attributeValue"])
            seen.add((ref, attribute))
            results.append(set_result(order, result))
        return Reply(payload={"setVariableResult": results})

    async def get_base_report(self, station: str, payload: Json) -> Reply:
        """Answer GetBaseReport (B07); the report follows."""
        if not self._knows(station):
            return _status("Rejected", "MissingDevModelInfo")  # B07.FR.13
        base = ReportBase(payload["reportBase"])
        return _status(
            "Accepted", then=partial(self._send, station, payload["requestId"], partial(inventory, base=base))
        )

    async def get_report(self, station: str, payload: Json) -> Reply:
        """Answer GetReport (B08); the report follows.

        Raises:
            CallRefused: more items or bytes than DeviceDataCtrlr allows (B08.FR.17, B08.FR.18).
        """
        if not self._knows(station):
            return _status("Rejected", "MissingDevModelInfo")  # B08.FR.16
        wanted: list[Json] = payload.get("componentVariable", [])
        device = self._northbound.device(station)
        check_size(device, DEVICE_DATA, "GetReport", payload, len(wanted))
        criteria = frozenset(Criterion(name) for name in payload.get("componentCriteria", []))
        select = partial(report, criteria=criteria, patterns=tuple(map(pattern_from, wanted)))
        if not select(device):
            return _status("EmptyResultSet", "NotFound")
        return _status("Accepted", then=partial(self._send, station, payload["requestId"], select))

    async def _set(self, station: str, ref: VariableRef, attribute: str, value: str) -> SetResult:
        expected = self._northbound.device(station).check_set(ref, value, attribute)
        if not expected.accepted:
            return expected
        try:
            return await self._northbound.set_variable(station, ref, value)
        except GatewayError as error:
            return SetResult(status=VariableStatus.REJECTED, reason="InternalError", info=error.code)

    async def _send(
        self, station: str, request_id: int, select: Callable[[DeviceModel], tuple[ReportItem, ...]]
    ) -> None:
        await self._northbound.refresh_variables(station)
        await self._measure_cache(station)
        device = self._northbound.device(station)
        size = device.integer(DEVICE_DATA, "ReportingValueSize")
        monitoring, now = flag(device, "MonitoringCtrlr", "Available"), self._northbound.now()
        data = await unhurried(report_data(item, size, monitoring=monitoring) for item in select(device))
        payloads = pages(data, request_id=request_id, at=now)
        messages = [Message(action="NotifyReport", payload=payload, requested=True) for payload in payloads]
        await self._backend.post(station, *messages)

    async def _measure_cache(self, station: str) -> None:
        """Bring the size of the authorization cache up to date: only who asks for it has to know."""
        with contextlib.suppress(GatewayError):  # the store tells of its own failure
            size = str(await self._northbound.tokens.cache_bytes(station))
            if self._northbound.device(station).value(CACHE_STORAGE) != size:
                await self._northbound.note_variable(station, CACHE_STORAGE, size)

    def _knows(self, station: str) -> bool:
        """True once the station has said what it is: a report before that would leave out most of it."""
        try:
            state = self._northbound.station(station)
        except KeyError:
            return False
        return state.identity is not None or bool(state.connectors)


def _status(status: str, reason: str = "", then: Callable[[], Awaitable[None]] | None = None) -> Reply:
    answer: Json = {"status": status}
    if reason:
        answer["statusInfo"] = status_info(reason)
    return Reply(payload=answer, then=then)
