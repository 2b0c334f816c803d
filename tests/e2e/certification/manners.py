"""How a box is to behave with every request: the answer before the result, and nothing beyond the limits it tells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gateway.bench.csms.ledger import CallError, CallResult
from tests.e2e.certification.stage import at, profile
from tests.e2e.effects import CARD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.certification.stage import Stage
    from tests.e2e.pair import Side

NOWHERE = "http://127.0.0.1:9/none"
THRESHOLD = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}}
STATE = {"component": {"name": "ChargingStation"}, "variable": {"name": "AvailabilityState"}}
MONITOR = {**STATE, "type": "Delta", "value": 1, "severity": 8}

BOTH: tuple[tuple[str, Payload, str], ...] = (
    ("GetBaseReport", {"reportBase": "SummaryInventory"}, "NotifyReport"),
    ("GetReport", {"componentVariable": [STATE]}, "NotifyReport"),
    ("GetMonitoringReport", {}, "NotifyMonitoringReport"),
    ("GetDisplayMessages", {}, "NotifyDisplayMessages"),
    ("CustomerInformation", {"report": True, "clear": False, "idToken": CARD}, "NotifyCustomerInformation"),
    ("GetLog", {"logType": "SecurityLog", "log": {"remoteLocation": NOWHERE}, "retries": 0}, "LogStatusNotification"),
)
"""What both stations are asked for, and what brings the result."""

OF_ONE: dict[str, tuple[str, Payload, str]] = {
    "family": ("GetChargingProfiles", {"chargingProfile": {}}, "ReportChargingProfiles"),
    "ocpp15": ("UpdateFirmware", {"firmware": {"location": NOWHERE, "retrieveDateTime": at()}}, "FirmwareStatusNotification"),
}  # fmt: skip
"""What only one of them can."""

LIMITED: Mapping[str, tuple[str, str, Any]] = {
    "GetVariables": ("DeviceDataCtrlr", "getVariableData", THRESHOLD),
    "SetVariables": ("DeviceDataCtrlr", "setVariableData", {**THRESHOLD, "attributeValue": "60"}),
    "GetReport": ("DeviceDataCtrlr", "componentVariable", STATE),
    "SetVariableMonitoring": ("MonitoringCtrlr", "setMonitoringData", MONITOR),
    "ClearVariableMonitoring": ("MonitoringCtrlr", "id", 4711),
}
"""The requests with limits: the component that tells them, the list, and an item of it."""


async def result_follows_answer(stage: Stage) -> None:
    """The answer to a request comes before its result, which has the request's id (Part 2, 3, FR.05)."""
    message = {"id": 1, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "Good morning"}}
    for side in stage.both.sides:
        assert (await side.call("SetDisplayMessage", message=message))["status"] == "Accepted"
        if side.kind == "family":
            assert await stage.install(stage.evse, profile(1)) == "Accepted"
        for number, (action, payload, result) in enumerate((*BOTH, OF_ONE[side.kind]), start=200):
            await _in_order(stage, side, action, {**payload, "requestId": number}, result, requestId=number)
        where = {"evse": {"id": 1, "connectorId": 1}}
        asked = {"requestedMessage": "StatusNotification", **where}
        await _in_order(stage, side, "TriggerMessage", asked, "StatusNotification", evseId=1)
        assert (await side.call("ClearDisplayMessage", id=1))["status"] == "Accepted"


async def _in_order(stage: Stage, side: Side, action: str, payload: Payload, result: str, **fields: int) -> None:
    frames: list[list[Any]] = []

    def take(way: str, text: str) -> None:
        if way == "frame-in":
            frames.append(json.loads(text))

    watches, since = stage.both.world.watches, stage.both.world.news
    watches.append(take)
    assert (await side.call(action, **payload))["status"] == "Accepted", action
    await side.heard(result, since, **fields)
    watches.remove(take)
    kinds = [frame[0] if frame[0] != 2 else frame[2] for frame in frames]
    assert kinds.index(3) < kinds.index(result), f"{action} of {side.kind}"


async def limits_hold(stage: Stage) -> None:
    """As many items and bytes as the variables say are taken, and no more."""
    for side in stage.both.sides:
        for action, (component, name, item) in LIMITED.items():
            items, size = [
                await _limit(side, component, limit, action) for limit in ("ItemsPerMessage", "BytesPerMessage")
            ]
            more: Payload = {"requestId": 300} if action == "GetReport" else {}
            answer = await side.answer(action, {name: [item] * items, **more})
            assert isinstance(answer, CallResult), f"{action} of {side.kind}: {answer}"
            answer = await side.answer(action, {name: [item] * (items + 1), **more})
            assert isinstance(answer, CallError)
            assert answer.code == "OccurrenceConstraintViolation"
            note = {"vendorId": "org.example", "note": "x" * size}
            answer = await side.answer(action, {name: [item], "customData": note, **more})
            assert isinstance(answer, CallError)
            assert answer.code == "FormatViolation"


async def _limit(side: Side, component: str, variable: str, action: str) -> int:
    asked = {"component": {"name": component}, "variable": {"name": variable, "instance": action}}
    (found,) = (await side.call("GetVariables", getVariableData=[asked]))["getVariableResult"]
    return int(found["attributeValue"])
