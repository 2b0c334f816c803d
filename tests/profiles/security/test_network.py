"""Network profiles and their order, as the CSMS sets them: B09, B10, A05."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gateway.model.credentials import CLIENT, CSMS_ROOT
from gateway.model.device import VariableRef
from gateway.model.network import SHELF
from profiles.security.variables import DOWNGRADE, PRIORITY
from tests.fakes.box import ID, Box
from tests.profiles.security.pki import Authority, key_pem, pem

if TYPE_CHECKING:
    from gateway.contracts import Json

LEVEL = VariableRef(component="SecurityCtrlr", variable="SecurityProfile")


def wire(url: str = "ws://other.example.com/ocpp", profile: int = 1, **changes: Any) -> Json:
    """A NetworkConnectionProfileType."""
    return {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": url,
        "messageTimeout": 30,
        "securityProfile": profile,
        "ocppInterface": "Wired0",
        **changes,
    }


async def set_profile(box: Box, slot: int, data: Json) -> tuple[str, str]:
    answer = await box.call("SetNetworkProfile", {"configurationSlot": slot, "connectionData": data})
    return answer["status"], answer.get("statusInfo", {}).get("reasonCode", "")


async def set_priority(box: Box, value: str) -> tuple[str, str]:
    data = {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "NetworkConfigurationPriority"},
        "attributeValue": value,
    }
    answer = await box.call("SetVariables", {"setVariableData": [data]})
    result = answer["setVariableResult"][0]
    return result["attributeStatus"], result.get("attributeStatusInfo", {}).get("reasonCode", "")


def unchanged(box: Box, order: str) -> bool:
    """Whether a station keeps to its order and its security profile, and does not connect anew."""
    values = box.hub.setting(ID, PRIORITY), box.hub.setting(ID, LEVEL)
    return values == (order, "1") and box.backend.reconnects == []


@pytest.mark.ocpp("A05.FR.04", "B09.FR.01", "B09.FR.06", "B10.FR.01")
async def test_a_profile_is_kept_and_its_place_in_the_order_waits_for_the_reboot(box: Box) -> None:
    assert await set_profile(box, 2, wire()) == ("Accepted", "")
    assert await set_priority(box, "2,1") == ("Accepted", "")
    assert box.backend.reconnects == [True, True]
    assert (await box.hub.shelf(SHELF).documents(ID))["slot-2"]["ocppCsmsUrl"] == "ws://other.example.com/ocpp"


@pytest.mark.case("TC_B_43_CS")
@pytest.mark.ocpp("B09.FR.02", "B09.FR.05")
@pytest.mark.parametrize(
    ("slot", "data", "reason"),
    [
        (4, wire(), "InvalidConfSlot"),
        (0, wire(), "InvalidConfSlot"),
        (1, wire(), "InvalidConfSlot"),
        (2, wire("http://x/"), "InvalidNetworkConf"),
        (2, wire("ws://"), "InvalidNetworkConf"),
        (2, wire("ws://x:99999/"), "InvalidNetworkConf"),
        (2, wire("ws://user:secret@x/"), "InvalidNetworkConf"),
        (2, wire("ws://x/ocpp", 2), "InvalidNetworkConf"),
        (2, wire("wss://x/ocpp", 1), "InvalidNetworkConf"),
        (2, wire("wss://x/ocpp", 4), "InvalidNetworkConf"),
        (2, wire(ocppVersion="OCPP16"), "InvalidNetworkConf"),
        (2, wire(ocppTransport="SOAP"), "InvalidNetworkConf"),
        (2, wire(messageTimeout=0), "InvalidNetworkConf"),
        (2, wire(apn={"apn": "internet", "apnAuthentication": "NONE"}), "InvalidNetworkConf"),
    ],
)
async def test_what_cannot_work_is_refused(box: Box, slot: int, data: Json, reason: str) -> None:
    assert await set_profile(box, slot, data) == ("Rejected", reason)
    assert await box.hub.shelf(SHELF).documents(ID) == {}
    assert box.backend.reconnects == []


@pytest.mark.ocpp("B09.FR.04", "A00.FR.005")
async def test_a_less_secure_profile_is_refused(box: Box) -> None:
    await box.hub.note_variable(ID, LEVEL, "2")
    assert await set_profile(box, 2, wire()) == ("Rejected", "NoSecurityDowngrade")
    assert await set_profile(box, 2, wire("wss://x/ocpp", 2)) == ("Accepted", "")


@pytest.mark.ocpp("B10.FR.02")
@pytest.mark.parametrize("value", ["2", "1,3", "2,1"])
async def test_an_order_with_an_empty_slot_is_refused(box: Box, value: str) -> None:
    assert await set_priority(box, value) == ("Rejected", "InvalidNetworkConf")
    assert box.backend.reconnects == []


@pytest.mark.parametrize("value", ["", "4", "1,1", "one"])
async def test_an_order_of_slots_that_there_are_not_is_refused(box: Box, value: str) -> None:
    assert (await set_priority(box, value))[0] == "Rejected"


@pytest.mark.ocpp("A00.FR.005", "A05.FR.10")
async def test_an_order_with_a_less_secure_profile_is_refused(box: Box) -> None:
    await set_profile(box, 2, wire())
    await box.hub.note_variable(ID, LEVEL, "2")
    assert await set_priority(box, "2") == ("Rejected", "NoSecurityDowngrade")


@pytest.mark.ocpp("A00.FR.005", "A05.FR.08", "A05.FR.09", "A05.FR.10", "B09.FR.04", "B09.FR.31")
async def test_from_3_to_2_a_station_goes_where_the_operator_allows_it(box: Box) -> None:
    low, tls = wire(), wire("wss://x/ocpp", 2)
    assert await set_profile(box, 3, low) == ("Accepted", "")
    await box.hub.note_variable(ID, LEVEL, "3")
    assert await set_profile(box, 2, tls) == ("Rejected", "NoSecurityDowngrade")
    await box.hub.note_variable(ID, DOWNGRADE, "true")
    assert await set_profile(box, 2, low) == ("Rejected", "NoSecurityDowngrade")
    assert await set_profile(box, 2, tls) == ("Accepted", "")
    assert await set_priority(box, "3") == ("Rejected", "NoSecurityDowngrade")
    assert await set_priority(box, "2") == ("Accepted", "")
    await box.hub.note_variable(ID, DOWNGRADE, "false")
    assert await set_priority(box, "2") == ("Rejected", "NoSecurityDowngrade")


@pytest.mark.ocpp("A05.FR.02", "A05.FR.03", "A05.FR.04")
async def test_more_security_needs_certificates_first(box: Box) -> None:
    await set_profile(box, 2, wire("wss://x/ocpp", 2))
    await set_profile(box, 3, wire("wss://x/ocpp", 3))
    box.backend.reconnects.clear()
    assert await set_priority(box, "2,1") == ("Rejected", "InvalidCertificate")
    assert unchanged(box, "1")
    root = Authority.root()
    await box.hub.vault.keep(ID, {CSMS_ROOT + "1.pem": root.pem})
    assert await set_priority(box, "2,1") == ("Accepted", "")
    box.backend.reconnects.clear()
    assert await set_priority(box, "3,2") == ("Rejected", "InvalidCertificate")
    assert unchanged(box, "2,1")
    own = root.sub("Station", authority=False)
    await box.hub.vault.keep(ID, {CLIENT: key_pem(own.key) + pem(own.certificate)})
    assert await set_priority(box, "3,2") == ("Accepted", "")


async def test_a_profile_with_a_password_needs_one(box: Box) -> None:
    box.member.installation = replace(box.member.installation, password="", security_profile=0)
    await box.hub.note_variable(ID, LEVEL, "0")
    await set_profile(box, 2, wire())
    assert await set_priority(box, "2") == ("Rejected", "InvalidNetworkConf")


@pytest.mark.ocpp("B09.FR.03")
async def test_a_disk_that_fails_is_told(box: Box) -> None:
    await box.storage.writer.close()
    assert await set_profile(box, 2, wire()) == ("Failed", "InternalError")
    await box.storage.writer.open()
