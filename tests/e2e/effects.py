"""What has to be so after ``Accepted``: each function asks for something, and looks for what came of it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gateway.bench.csms.ledger import CallResult
from tests.e2e.plan import TOKEN
from tests.profiles.security.pki import Authority

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.pair import Pair, Side

    Effect = Callable[[Pair, Side], Awaitable[None]]

EVSE = {"name": "EVSE", "evse": {"id": 1}}
CARD = {"idToken": TOKEN, "type": "ISO14443"}
REFUSALS = {"Rejected"}
SAMPLE = {"component": EVSE, "variable": {"name": "AvailabilityState"}, "type": "Delta", "value": 1, "severity": 5}


def soon(seconds: float = 600) -> str:
    """A time to come."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds").replace("+00:00", "Z")


async def plug(both: Pair, side: Side, *, into: bool = True) -> None:
    """Put the plug in at the simulated station, or pull it."""
    sim = both.stand.sim if side.kind == "family" else both.world.station.sim
    since = both.world.news
    await (sim.plug_in(1) if into else sim.plug_out(1))
    await side.heard("StatusNotification", since, connectorStatus="Occupied" if into else "Available")


async def availability(both: Pair, side: Side) -> None:
    """ChangeAvailability."""
    for status, shown in (("Inoperative", "Unavailable"), ("Operative", "Available")):
        since = both.world.news
        answer = await side.call("ChangeAvailability", operationalStatus=status, evse={"id": 1})
        assert answer["status"] == "Accepted"
        await side.heard("StatusNotification", since, connectorStatus=shown)
        assert (await side.value(EVSE, "AvailabilityState"))["attributeValue"] == shown


async def variables(_both: Pair, side: Side) -> None:
    """SetVariables and GetVariables."""
    where = {"name": "OCPPCommCtrlr"}
    before = (await side.value(where, "HeartbeatInterval"))["attributeValue"]
    assert await side.set(where, "HeartbeatInterval", "4711") == "Accepted"
    assert (await side.value(where, "HeartbeatInterval"))["attributeValue"] == "4711"
    assert await side.set(where, "HeartbeatInterval", before) == "Accepted"


async def reports(both: Pair, side: Side) -> None:
    """GetBaseReport and GetReport."""
    since = both.world.news
    assert (await side.call("GetBaseReport", requestId=31, reportBase="FullInventory"))["status"] == "Accepted"
    pages = await side.report("NotifyReport", since, requestId=31)
    assert sum(len(page["reportData"]) for page in pages) > 40
    wanted = [{"component": EVSE, "variable": {"name": "AvailabilityState"}}]
    assert (await side.call("GetReport", requestId=32, componentVariable=wanted))["status"] == "Accepted"
    (page,) = await side.report("NotifyReport", since, requestId=32)
    assert [item["variable"]["name"] for item in page["reportData"]] == ["AvailabilityState"]


async def monitors(both: Pair, side: Side) -> None:
    """SetVariableMonitoring, GetMonitoringReport, SetMonitoringLevel, SetMonitoringBase, ClearVariableMonitoring."""
    since = both.world.news
    wanted = [{"component": EVSE, "variable": SAMPLE["variable"]}]
    (made,) = (await side.call("SetVariableMonitoring", setMonitoringData=[SAMPLE]))["setMonitoringResult"]
    assert made["status"] == "Accepted"
    assert (await side.call("GetMonitoringReport", requestId=33, componentVariable=wanted))["status"] == "Accepted"
    (page,) = await side.report("NotifyMonitoringReport", since, requestId=33)
    assert [each["id"] for each in page["monitor"][0]["variableMonitoring"]] == [made["id"]]
    assert (await side.call("SetMonitoringLevel", severity=4))["status"] == "Accepted"
    assert (await side.value({"name": "MonitoringCtrlr"}, "ActiveMonitoringLevel"))["attributeValue"] == "4"
    assert (await side.call("SetMonitoringLevel", severity=9))["status"] == "Accepted"
    (gone,) = (await side.call("ClearVariableMonitoring", id=[made["id"]]))["clearMonitoringResult"]
    assert gone["status"] == "Accepted"
    asked = await side.call("GetMonitoringReport", requestId=34, componentVariable=wanted)
    assert asked["status"] == "EmptyResultSet"
    assert (await side.call("SetMonitoringBase", monitoringBase="HardWiredOnly"))["status"] == "Accepted"
    assert (await side.call("GetMonitoringReport", requestId=35))["status"] == "Accepted"
    (page,) = await side.report("NotifyMonitoringReport", since, requestId=35)
    left = {(item["variable"]["name"], len(item["variableMonitoring"])) for item in page["monitor"]}
    assert left == {("Power", 1)}  # the hard-wired one
    assert (await side.call("SetMonitoringBase", monitoringBase="All"))["status"] == "Accepted"


async def local_list(_both: Pair, side: Side) -> None:
    """SendLocalList and GetLocalListVersion."""
    entry = {"idToken": CARD, "idTokenInfo": {"status": "Accepted"}}
    for version, entries in ((7, [entry]), (8, [])):
        more = {"localAuthorizationList": entries} if entries else {}
        assert (await side.call("SendLocalList", versionNumber=version, updateType="Full", **more))[
            "status"
        ] == "Accepted"
        assert (await side.value({"name": "LocalAuthListCtrlr"}, "Entries"))["attributeValue"] == str(len(entries))
        # An empty list has no version (D01.FR.04, D01.FR.17).
        assert (await side.call("GetLocalListVersion"))["versionNumber"] in {version, 0 if not entries else version}


async def transaction(both: Pair, side: Side) -> None:
    """RequestStartTransaction, GetTransactionStatus, SetChargingProfile for it, RequestStopTransaction, ClearCache."""
    since = both.world.news
    await plug(both, side)
    assert (await side.call("RequestStartTransaction", idToken=CARD, remoteStartId=41, evseId=1))[
        "status"
    ] == "Accepted"
    started = await side.heard("TransactionEvent", since, eventType="Started")
    info = started["transactionInfo"]
    assert info["remoteStartId"] == 41
    number = info["transactionId"]
    assert (await side.call("GetTransactionStatus", transactionId=number))["ongoingIndicator"] is True
    assert (await side.call("RequestStopTransaction", transactionId=number))["status"] == "Accepted"
    ended = await side.heard("TransactionEvent", since, eventType="Ended")
    assert ended["transactionInfo"]["transactionId"] == number
    await plug(both, side, into=False)
    assert (await side.call("GetTransactionStatus", transactionId=number))["ongoingIndicator"] is False
    assert (await side.call("ClearCache"))["status"] == "Accepted"


async def reservation(both: Pair, side: Side) -> None:
    """ReserveNow and CancelReservation."""
    since = both.world.news
    answer = await side.call("ReserveNow", id=51, evseId=1, expiryDateTime=soon(), idToken=CARD)
    if answer["status"] != "Accepted":
        assert (await side.value({"name": "ReservationCtrlr"}, "Available"))["attributeValue"] == "false"
        assert (await side.call("CancelReservation", reservationId=51))["status"] == "Rejected"
        return
    await side.heard("StatusNotification", since, connectorStatus="Reserved")
    since = both.world.news
    assert (await side.call("CancelReservation", reservationId=51))["status"] == "Accepted"
    await side.heard("StatusNotification", since, connectorStatus="Available")
    assert (await side.call("CancelReservation", reservationId=51))["status"] == "Rejected"


async def triggered(both: Pair, side: Side) -> None:
    """TriggerMessage: what is accepted comes."""
    for kind, action in TRIGGERS.items():
        since = both.world.news
        where = {"evse": {"id": 1, "connectorId": 1}} if kind == "StatusNotification" else {}
        answer = await side.call("TriggerMessage", requestedMessage=kind, **where)
        if answer["status"] == "Accepted":
            await side.heard(action, since)
        else:
            assert answer["status"] in {"Rejected", "NotImplemented"}


TRIGGERS = {
    "BootNotification": "BootNotification",
    "LogStatusNotification": "LogStatusNotification",
    "FirmwareStatusNotification": "FirmwareStatusNotification",
    "Heartbeat": "Heartbeat",
    "MeterValues": "MeterValues",
    "SignChargingStationCertificate": "SignCertificate",
    "SignV2GCertificate": "SignCertificate",
    "StatusNotification": "StatusNotification",
    "TransactionEvent": "TransactionEvent",
    "SignCombinedCertificate": "SignCertificate",
    "PublishFirmwareStatusNotification": "PublishFirmwareStatusNotification",
}


async def files(both: Pair, side: Side) -> None:
    """GetLog and UpdateFirmware: what is accepted is reported on, with the id of the order."""
    since = both.world.news
    for kind, number in (("DiagnosticsLog", 61), ("SecurityLog", 62)):
        log = {"remoteLocation": "http://127.0.0.1:9/put"}
        answer = await side.call("GetLog", logType=kind, requestId=number, log=log, retries=0)
        if answer["status"] not in REFUSALS:
            await side.heard("LogStatusNotification", since, requestId=number)
    firmware = {"location": "http://127.0.0.1:9/none", "retrieveDateTime": soon(0)}
    answer = await side.call("UpdateFirmware", requestId=63, firmware=firmware, retries=0)
    if answer["status"] not in REFUSALS:
        await side.heard("FirmwareStatusNotification", since, requestId=63)


async def unlock(both: Pair, side: Side) -> None:
    """UnlockConnector: said to be done only if the station was asked."""
    answer = await side.call("UnlockConnector", evseId=1, connectorId=1)
    if answer["status"] == "Unlocked" and side.kind == "ocpp15":
        assert both.world.station.commands("UnlockConnector") != []
    else:
        assert answer["status"] in {"UnlockFailed", "UnknownConnector"}


async def transfer(_both: Pair, side: Side) -> None:
    """DataTransfer: nobody here knows this vendor."""
    answer = await side.call("DataTransfer", vendorId="org.example.nobody", data={"a": 1})
    assert answer["status"] == "UnknownVendorId"


async def charging_profile(both: Pair, side: Side) -> None:
    """SetChargingProfile, GetChargingProfiles, GetCompositeSchedule, ClearChargingProfile."""
    since = both.world.news
    schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.0}]}
    profile = {
        "id": 71, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile", "chargingProfileKind": "Absolute",
        "chargingSchedule": [{**schedule, "startSchedule": "2026-01-01T00:00:00Z"}],
    }  # fmt: skip
    assert (await side.call("SetChargingProfile", evseId=1, chargingProfile=profile))["status"] == "Accepted"
    criterion = {"chargingProfileId": [71]}
    assert (await side.call("GetChargingProfiles", requestId=72, chargingProfile=criterion))["status"] == "Accepted"
    told = await side.heard("ReportChargingProfiles", since, requestId=72)
    assert [each["id"] for each in told["chargingProfile"]] == [71]
    answer = await side.call("GetCompositeSchedule", duration=60, evseId=1)
    assert [period["limit"] for period in answer["schedule"]["chargingSchedulePeriod"]] == [8.0]
    assert (await side.call("ClearChargingProfile", chargingProfileId=71))["status"] == "Accepted"
    assert (await side.call("GetChargingProfiles", requestId=73, chargingProfile=criterion))["status"] == "NoProfiles"


async def display(both: Pair, side: Side) -> None:
    """SetDisplayMessage, GetDisplayMessages, ClearDisplayMessage."""
    message = {"id": 81, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "Closed on Sunday"}}
    since = both.world.news
    assert (await side.call("SetDisplayMessage", message=message))["status"] == "Accepted"
    assert (await side.call("GetDisplayMessages", requestId=82, id=[81]))["status"] == "Accepted"
    (page,) = await side.report("NotifyDisplayMessages", since, requestId=82)
    assert [each["message"]["content"] for each in page["messageInfo"]] == ["Closed on Sunday"]
    assert (await side.call("ClearDisplayMessage", id=81))["status"] == "Accepted"
    assert (await side.call("GetDisplayMessages", requestId=83, id=[81]))["status"] == "Unknown"


async def customer(both: Pair, side: Side) -> None:
    """CustomerInformation."""
    since = both.world.news
    about = {"requestId": 91, "report": True, "clear": False, "idToken": CARD}
    assert (await side.call("CustomerInformation", **about))["status"] == "Accepted"
    await side.report("NotifyCustomerInformation", since, requestId=91)


async def certificates(_both: Pair, side: Side) -> None:
    """InstallCertificate, GetInstalledCertificateIds, DeleteCertificate, CertificateSigned."""
    garbage = "-----BEGIN CERTIFICATE-----\n" + base64.b64encode(b"nothing").decode() + "\n-----END CERTIFICATE-----\n"
    for kind in ("CSMSRootCertificate", "ManufacturerRootCertificate"):
        answer = await side.call("InstallCertificate", certificateType=kind, certificate=garbage)
        assert answer["status"] in {"Rejected", "Failed"}
    assert (await side.call("CertificateSigned", certificateChain=garbage))["status"] == "Rejected"
    wanted = {"certificateType": ["ManufacturerRootCertificate"]}
    assert (await side.call("GetInstalledCertificateIds", **wanted))["status"] == "NotFound"
    nobody = {"hashAlgorithm": "SHA256", "issuerNameHash": "00", "issuerKeyHash": "00", "serialNumber": "1"}
    assert (await side.call("DeleteCertificate", certificateHashData=nobody))["status"] == "NotFound"
    day, now = timedelta(days=1), datetime.now(UTC)
    authority = Authority.root("Manufacturer", start=now - day, end=now + 1000 * day)
    root = {"certificateType": "ManufacturerRootCertificate", "certificate": authority.pem}
    assert (await side.call("InstallCertificate", **root))["status"] == "Accepted"
    (found,) = (await side.call("GetInstalledCertificateIds", **wanted))["certificateHashDataChain"]
    assert found["certificateType"] == root["certificateType"]
    known = found["certificateHashData"]
    assert (await side.call("DeleteCertificate", certificateHashData=known))["status"] == "Accepted"
    assert (await side.call("GetInstalledCertificateIds", **wanted))["status"] == "NotFound"


async def network_profile(_both: Pair, side: Side) -> None:
    """SetNetworkProfile: what is accepted can be put into the order of priority."""
    data: Payload = {
        "ocppVersion": "OCPP20", "ocppTransport": "JSON", "ocppCsmsUrl": "ws://127.0.0.1:9/ocpp", "messageTimeout": 30,
        "securityProfile": 0, "ocppInterface": "Wired0",
    }  # fmt: skip
    answer = await side.answer("SetNetworkProfile", {"configurationSlot": 9, "connectionData": data})
    assert isinstance(answer, CallResult)
    if answer.payload["status"] == "Accepted":
        where = {"name": "OCPPCommCtrlr"}
        before = (await side.value(where, "NetworkConfigurationPriority"))["attributeValue"]
        assert await side.set(where, "NetworkConfigurationPriority", f"{before},9") in {"Accepted", "RebootRequired"}
        assert await side.set(where, "NetworkConfigurationPriority", before) in {"Accepted", "RebootRequired"}


async def cost(_both: Pair, side: Side) -> None:
    """CostUpdated of a transaction that nobody knows: nothing can come of it."""
    answer = await side.answer("CostUpdated", {"totalCost": 1.5, "transactionId": "nobody"})
    assert isinstance(answer, CallResult) or answer.code == "PropertyConstraintViolation"


async def reset(both: Pair, side: Side) -> None:
    """Reset."""
    since = both.world.news
    assert (await side.call("Reset", type="Immediate"))["status"] in {"Accepted", "Scheduled"}
    boot = await side.heard("BootNotification", since)
    assert boot["reason"] in {"RemoteReset", "ScheduledReset"}
    await side.heard("StatusNotification", since, connectorStatus="Available")


EFFECTS: dict[str, tuple[Effect, frozenset[str]]] = {
    effect.__name__: (effect, frozenset(actions.split()))
    for effect, actions in (
        (availability, "ChangeAvailability"),
        (variables, "GetVariables SetVariables"),
        (reports, "GetBaseReport GetReport"),
        (
            monitors,
            "SetVariableMonitoring GetMonitoringReport SetMonitoringLevel SetMonitoringBase ClearVariableMonitoring",
        ),
        (local_list, "SendLocalList GetLocalListVersion"),
        (transaction, "RequestStartTransaction RequestStopTransaction GetTransactionStatus ClearCache"),
        (reservation, "ReserveNow CancelReservation"),
        (triggered, "TriggerMessage"),
        (files, "GetLog UpdateFirmware"),
        (unlock, "UnlockConnector"),
        (transfer, "DataTransfer"),
        (charging_profile, "SetChargingProfile GetChargingProfiles GetCompositeSchedule ClearChargingProfile"),
        (display, "SetDisplayMessage GetDisplayMessages ClearDisplayMessage"),
        (customer, "CustomerInformation"),
        (certificates, "InstallCertificate GetInstalledCertificateIds DeleteCertificate CertificateSigned"),
        (network_profile, "SetNetworkProfile"),
        (cost, "CostUpdated"),
        (reset, "Reset"),
    )
}
"""What to do, and the actions that it is about."""
