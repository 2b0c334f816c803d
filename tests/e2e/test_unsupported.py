"""Every action that OCPP 2.0.1 lets a CSMS call is answered: done, refused by its own status, or said to be missing."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson

from gateway.bench.csms.ledger import CallError, CallResult
from gateway.bench.csms.schemas import load

if TYPE_CHECKING:
    from tests.e2e.world import World

TO_STATION = frozenset(
    [
        "CancelReservation",
        "CertificateSigned",
        "ChangeAvailability",
        "ClearCache",
        "ClearChargingProfile",
        "ClearDisplayMessage",
        "ClearVariableMonitoring",
        "CostUpdated",
        "CustomerInformation",
        "DataTransfer",
        "DeleteCertificate",
        "GetBaseReport",
        "GetChargingProfiles",
        "GetCompositeSchedule",
        "GetDisplayMessages",
        "GetInstalledCertificateIds",
        "GetLocalListVersion",
        "GetLog",
        "GetMonitoringReport",
        "GetReport",
        "GetTransactionStatus",
        "GetVariables",
        "InstallCertificate",
        "PublishFirmware",
        "RequestStartTransaction",
        "RequestStopTransaction",
        "ReserveNow",
        "Reset",
        "SendLocalList",
        "SetChargingProfile",
        "SetDisplayMessage",
        "SetMonitoringBase",
        "SetMonitoringLevel",
        "SetNetworkProfile",
        "SetVariableMonitoring",
        "SetVariables",
        "TriggerMessage",
        "UnlockConnector",
        "UnpublishFirmware",
        "UpdateFirmware",
    ]
)
"""Actions that a CSMS calls (OCPP 2.0.1 Part 2, chapter 2)."""

SUPPORTED = frozenset(
    [
        "CancelReservation",
        "ChangeAvailability",
        "ClearCache",
        "ClearVariableMonitoring",
        "DataTransfer",
        "GetBaseReport",
        "GetLocalListVersion",
        "GetLog",
        "GetMonitoringReport",
        "GetReport",
        "GetTransactionStatus",
        "GetVariables",
        "RequestStartTransaction",
        "RequestStopTransaction",
        "ReserveNow",
        "Reset",
        "SendLocalList",
        "SetMonitoringBase",
        "SetMonitoringLevel",
        "SetVariableMonitoring",
        "SetVariables",
        "TriggerMessage",
        "UnlockConnector",
        "UpdateFirmware",
    ]
)
"""Those that an OCPP 1.5 station behind the box can do, or the box for it."""

ALL = sorted(
    entry.name.removesuffix("Request.json")
    for entry in files("ocpp").joinpath("v201", "schemas").iterdir()
    if entry.name.endswith("Request.json")
)


def smallest(schema: dict[str, Any], definitions: dict[str, Any]) -> Any:
    """The smallest value that fits a JSON schema of OCPP."""
    if "$ref" in schema:
        return smallest(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: smallest(schema["properties"][name], definitions) for name in schema.get("required", ())}
        case "array":
            return [smallest(schema["items"], definitions) for _ in range(schema.get("minItems", 1))]
        case "string":
            return "2026-01-01T00:00:00Z" if schema.get("format") == "date-time" else "x"
        case "boolean":
            return False
        case _:
            return 1


def test_every_action_is_known_to_this_test() -> None:
    assert set(ALL) >= TO_STATION
    assert TO_STATION >= SUPPORTED


async def test_every_action_is_answered_honestly(one: World) -> None:
    schemas = await asyncio.to_thread(load)
    codes: dict[str, str] = {}
    for action in ALL:
        if action in SUPPORTED - {"GetLocalListVersion"}:
            continue
        schema = orjson.loads(schemas._texts[f"{action}Request"])
        payload = smallest(schema, schema.get("definitions", {}))
        answer = await one.csms.call(one.station.id, action, payload)
        if isinstance(answer, CallError):
            codes[action] = answer.code
        else:
            assert isinstance(answer, CallResult)
            assert answer.error is None
            codes[action] = "answered"
    refused = {action: code for action, code in codes.items() if code != "answered"}
    assert set(refused) == set(ALL) - SUPPORTED
    assert set(refused.values()) <= {"NotImplemented", "NotSupported"}


CROOKED = {
    '[2,"m1","NoSuchAction",{}]': "NotImplemented",
    '[2,"m2","GetVariables",{}]': "OccurrenceConstraintViolation",
    '[2,"m3","GetBaseReport",{"requestId":"one","reportBase":"FullInventory"}]': "TypeConstraintViolation",
    '[2,"m4","GetBaseReport",{"requestId":1,"reportBase":"Everything"}]': "PropertyConstraintViolation",
    '[2,"m5","Reset",{"type":"Immediate","force":true}]': "FormatViolation",
    '[9,"m6",{}]': "MessageTypeNotSupported",
    '[2,"m7"': "RpcFrameworkError",
}
"""Error codes of OCPP 2.0.1 Part 4, 4.3."""


async def test_crooked_calls_are_refused_and_the_link_stays(one: World) -> None:
    frames: list[str] = []
    one.watches.append(lambda side, text: frames.append(text) if side == "frame-in" else None)
    connection = one.csms._connections[one.station.id]
    for frame, code in CROOKED.items():
        await connection._send(frame)
        await one.call("GetTransactionStatus")
        (refusal,) = [text for text in frames if text.startswith("[4,")]
        assert f'"{code}"' in refusal, frame
        frames.clear()
    assert one.csms._connections[one.station.id] is connection
