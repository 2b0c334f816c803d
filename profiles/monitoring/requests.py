"""What the backend asks about monitors (OCPP 2.0.1 Part 2, N02 to N06)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gateway.contracts import Message, Reply
from gateway.model.errors import GatewayError
from gateway.model.monitoring import (
    LOWEST_SEVERITY,
    MonitoringBase,
    Origin,
    SetStatus,
    Verdict,
    judged,
    monitors_of,
)
from profiles.common.addresses import pattern_from
from profiles.common.paging import check_size, unhurried
from profiles.common.replies import ACCEPTED, refused, status_info
from profiles.monitoring.variables import BASE, CONTROLLER, LEVEL, enabled
from profiles.monitoring.wire import by_variable, report_pages, set_result, wish_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.device import DeviceModel
    from gateway.model.monitoring import Book, VariableMonitor, Wish
    from profiles.monitoring.watch import Watch

MOST_MONITORS = 500
"""Of one station; what is looked at with every change must not be without end."""

_DISABLED = Verdict(status=SetStatus.REJECTED, reason="NotEnabled")


class Requests:
    """The handlers. What they change is kept before the backend is answered."""

    def __init__(self, northbound: Northbound, backend: Backend, watch: Watch) -> None:
        self._northbound = northbound
        self._backend = backend
        self._watch = watch

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each action."""
        return {
            "GetMonitoringReport": self.get_monitoring_report,
            "SetMonitoringBase": self.set_monitoring_base,
            "SetVariableMonitoring": self.set_variable_monitoring,
            "SetMonitoringLevel": self.set_monitoring_level,
            "ClearVariableMonitoring": self.clear_variable_monitoring,
        }

    async def get_monitoring_report(self, station: str, payload: Json) -> Reply:
        """Tell which monitors there are (N02); the report follows the answer.

        Raises:
            CallRefused: more items or bytes than DeviceDataCtrlr allows in a GetReport (N02.FR.07).
        """
        device = self._northbound.device(station)
        if not enabled(device):
            return refused("NotEnabled")
        wanted: list[Json] = payload.get("componentVariable", [])
        check_size(device, "DeviceDataCtrlr", "GetReport", payload, len(wanted))
        found = _fitting((await self._watch.book(station)).monitors, device, payload)
        if not found:
            return refused("NotFound", status="EmptyResultSet")
        return Reply(payload={"status": "Accepted"}, then=partial(self._report, station, payload["requestId"], found))

    async def _report(self, station: str, request_id: int, monitors: Sequence[VariableMonitor]) -> None:
        data = await unhurried(by_variable(monitors))
        pages = report_pages(data, request_id=request_id, at=self._northbound.now())
        messages = [Message(action="NotifyMonitoringReport", payload=page, requested=True) for page in pages]
        await self._backend.post(station, *messages)

    async def set_monitoring_base(self, station: str, payload: Json) -> Reply:
        """Choose which monitors there are at all (N03)."""
        if not enabled(self._northbound.device(station)):
            return refused("NotEnabled")
        base = MonitoringBase(payload["monitoringBase"])
        try:
            await self._watch.change(station, lambda book: book.based_on(base))
            await self._northbound.note_variable(station, BASE, base.value)
        except GatewayError as error:
            return refused("InternalError", error.code)
        return Reply(payload=ACCEPTED.payload, then=partial(self._look, station))

    async def set_monitoring_level(self, station: str, payload: Json) -> Reply:
        """Choose how severe an event must be to be told (N05)."""
        if not enabled(self._northbound.device(station)):
            return refused("NotEnabled")
        severity: int = payload["severity"]
        if not 0 <= severity <= LOWEST_SEVERITY:
            return refused("ValueOutOfRange", f"0 to {LOWEST_SEVERITY}")
        try:
            await self._northbound.note_variable(station, LEVEL, str(severity))
        except GatewayError as error:
            return refused("InternalError", error.code)
        return ACCEPTED

    async def set_variable_monitoring(self, station: str, payload: Json) -> Reply:
        """Set monitors, one after the other (N04); then look whether they have something to tell.

        Raises:
            CallRefused: more items or bytes than MonitoringCtrlr allows (N04.FR.09).
        """
        items: list[Json] = payload["setMonitoringData"]
        device = self._northbound.device(station)
        check_size(device, CONTROLLER, "SetVariableMonitoring", payload, len(items))
        book = await self._watch.book(station)
        results, wishes = [], []
        for item in items:
            wish = wish_from(item)
            verdict = _verdict(wish, device, book)
            monitor = None
            if verdict.status is SetStatus.ACCEPTED:
                wishes.append(wish)
                book, monitor = book.with_wish(wish)
            results.append(set_result(item, verdict, monitor))
        try:
            await self._watch.change(station, lambda current: _with_all(current, wishes))
        except GatewayError as error:
            failed = Verdict(status=SetStatus.REJECTED, reason="InternalError", info=error.code)
            results = [
                set_result(item, failed, None) if result["status"] == SetStatus.ACCEPTED else result
                for item, result in zip(items, results, strict=True)
            ]
        return Reply(payload={"setMonitoringResult": results}, then=partial(self._look, station))

    async def clear_variable_monitoring(self, station: str, payload: Json) -> Reply:
        """Take monitors away (N06); what they had told is not taken back (N07.FR.12).

        Raises:
            CallRefused: more items or bytes than MonitoringCtrlr allows (N06.FR.06, N06.FR.07).
        """
        ids: list[int] = payload["id"]
        device = self._northbound.device(station)
        check_size(device, CONTROLLER, "ClearVariableMonitoring", payload, len(ids))
        monitors = {monitor.id: monitor for monitor in (await self._watch.book(station)).monitors}
        results, cleared = [], []
        for id_ in ids:
            monitor = monitors.get(id_)
            refusal = _why_not_cleared(monitor, device)
            if refusal is None:
                cleared.append(id_)
                del monitors[id_]
            results.append({"id": id_, **(refusal or {"status": "Accepted"})})
        try:
            await self._watch.change(station, lambda book: _without_all(book, cleared))
        except GatewayError as error:
            failed = refused("InternalError", error.code).payload
            results = [{"id": id_, **failed} for id_ in ids]
        return Reply(payload={"clearMonitoringResult": results}, then=partial(self._look, station))

    async def _look(self, station: str) -> None:
        self._watch.look(station)


def _verdict(wish: Wish, device: DeviceModel, book: Book) -> Verdict:
    if not enabled(device):
        return _DISABLED
    verdict = judged(wish, device, book.monitors)
    if verdict.status is SetStatus.ACCEPTED and wish.id is None and len(book.custom) >= MOST_MONITORS:
        return Verdict(status=SetStatus.REJECTED, reason="OutOfStorage", info=f"max {MOST_MONITORS} monitors")
    return verdict


def _with_all(book: Book, wishes: Sequence[Wish]) -> Book:
    for wish in wishes:
        book, _ = book.with_wish(wish)
    return book


def _without_all(book: Book, ids: Sequence[int]) -> Book:
    for id_ in ids:
        book = book.without(id_)
    return book


def _why_not_cleared(monitor: VariableMonitor | None, device: DeviceModel) -> Json | None:
    if not enabled(device):
        return {"status": "Rejected", "statusInfo": status_info("NotEnabled")}
    if monitor is None:
        return {"status": "NotFound", "statusInfo": status_info("NotFound")}
    if monitor.origin is Origin.HARD_WIRED:
        return {"status": "Rejected", "statusInfo": status_info("ReadOnly", "the monitor is hard-wired")}
    return None


def _fitting(monitors: Sequence[VariableMonitor], device: DeviceModel, payload: Json) -> list[VariableMonitor]:
    """The monitors that are asked for, of variables that the station has (N02.FR.05 to N02.FR.21)."""
    patterns = [pattern_from(item) for item in payload.get("componentVariable", [])]
    types = [monitors_of(criterion) for criterion in payload.get("monitoringCriteria", [])]
    return [
        monitor
        for monitor in monitors
        if device.spec(monitor.ref) is not None
        and (not types or any(monitor.type in kinds for kinds in types))
        and (not patterns or any(pattern.fits(monitor.ref) for pattern in patterns))
    ]
