"""Monitors and their events in OCPP 2.0.1's JSON."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from gateway.model.device import timestamp
from gateway.model.monitoring import MonitorType, SetStatus, VariableMonitor, Wish
from profiles.common.addresses import address, echo, ref_from
from profiles.common.paging import parts
from profiles.common.replies import status_info

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from gateway.contracts import Json
    from gateway.model.device import DeviceModel
    from gateway.model.monitoring import Finding, Verdict


TECH_INFO_LENGTH = 500
RESTLESS = "Restless"
"""``techCode``: it has come so often that it stays, and is told again when it was quiet for a minute."""


def wish_from(item: Json) -> Wish:
    """The monitor that a SetMonitoringDataType (Part 2, 2.42) asks for."""
    return Wish(
        ref=ref_from(item),
        type=MonitorType(item["type"]),
        value=item["value"],
        severity=item["severity"],
        transaction=item.get("transaction", False),
        id=item.get("id"),
    )


def set_result(item: Json, verdict: Verdict, monitor: VariableMonitor | None) -> Json:
    """A SetMonitoringResultType (Part 2, 2.43); the id only of a monitor that has been set."""
    answer: Json = {"status": verdict.status.value, "type": item["type"], "severity": item["severity"], **echo(item)}
    if monitor is not None and verdict.status is SetStatus.ACCEPTED:
        answer["id"] = monitor.id
    if verdict.reason:
        answer["statusInfo"] = status_info(verdict.reason, verdict.info)
    return answer


def settings(monitor: VariableMonitor) -> Json:
    """A VariableMonitoringType (Part 2, 2.52)."""
    return {
        "id": monitor.id,
        "transaction": monitor.transaction,
        "value": monitor.value,
        "type": monitor.type.value,
        "severity": monitor.severity,
    }


def document(monitor: VariableMonitor) -> Json:
    """A custom monitor as it is kept."""
    return {**address(monitor.ref), **settings(monitor)}


def from_document(kept: Json) -> VariableMonitor:
    """The custom monitor that ``document`` has written."""
    wish = wish_from(kept)
    return VariableMonitor(
        id=kept["id"],
        ref=wish.ref,
        type=wish.type,
        value=wish.value,
        severity=wish.severity,
        transaction=wish.transaction,
    )


def report_pages(data: Iterable[Json], *, request_id: int, at: datetime) -> Iterator[Json]:
    """The payloads of the NotifyMonitoringReport messages of one report (N02.FR.03, N02.FR.04, N02.FR.09).

    Args:
        data: What is reported, as ``by_variable`` makes it.
        request_id: The request that they answer.
        at: When the report was made.
    """
    found = parts(data)
    for number, part in enumerate(found):
        yield {
            "requestId": request_id,
            "generatedAt": timestamp(at),
            "seqNo": number,
            "tbc": number < len(found) - 1,
            "monitor": part,
        }


def by_variable(monitors: Iterable[VariableMonitor]) -> Iterator[Json]:
    """A MonitoringDataType (Part 2, 2.34) for each variable that has monitors."""
    for _, group in groupby(sorted(monitors, key=_variable), key=_variable):
        same = sorted(group, key=lambda monitor: monitor.id)
        yield {**address(same[0].ref), "variableMonitoring": [settings(monitor) for monitor in same]}


def _variable(monitor: VariableMonitor) -> str:
    return monitor.ref.key


def event_data(finding: Finding, number: tuple[int, int | None], device: DeviceModel, value_size: int) -> Json:
    """An EventDataType (Part 2, 2.22); the value of a variable that may not be read stays here (N07.FR.10).

    Args:
        finding: What has happened.
        number: Of the event, and of the event that is its cause, if there is one that is known.
        device: The variables.
        value_size: Characters of a value at most.
    """
    monitor = finding.monitor
    spec = device.spec(monitor.ref)
    readable = spec is not None and spec.readable
    event: Json = {
        "eventId": number[0],
        "timestamp": timestamp(finding.at),
        "trigger": finding.trigger.value,
        "actualValue": finding.value[:value_size] if readable else "",
        "variableMonitoringId": monitor.id,
        "eventNotificationType": monitor.origin.value,
        **address(monitor.ref),
    }
    if number[1] is not None:
        event["cause"] = number[1]
    if finding.cleared:
        event["cleared"] = True
    elif monitor.alert is not None and monitor.alert.message:
        event["techInfo"] = monitor.alert.message[:TECH_INFO_LENGTH]
    if finding.restless:
        event["techCode"] = RESTLESS
    if finding.transaction is not None:
        event["transactionId"] = finding.transaction
    return event


def event_pages(events: Iterable[Json], at: datetime) -> Iterator[Json]:
    """The payloads of the NotifyEvent messages of events that came together (N07.FR.07, N08.FR.04)."""
    found = parts(events)
    for number, part in enumerate(found):
        yield {
            "generatedAt": timestamp(at),
            "seqNo": number,
            "tbc": number < len(found) - 1,
            "eventData": part,
        }
