"""The variables of security and of the way to the CSMS: what they are, and within which limits (Part 2, 2.1, 2.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.model.device import VariableRef
from tests.fakes.box import ID
from tests.profiles.security.pki import Authority

if TYPE_CHECKING:
    from gateway.contracts import Json
    from tests.fakes.box import Box

SECURITY, COMMUNICATION = "SecurityCtrlr", "OCPPCommCtrlr"
TABLE = [
    # component, variable, instance, type, mutability, unit, minimum, maximum
    (SECURITY, "AdditionalRootCertificateCheck", "", "boolean", "ReadOnly", "", None, None),
    (SECURITY, "AllowCSMSTLSWildcards", "", "boolean", "ReadWrite", "", None, None),
    (SECURITY, "AllowSecurityProfileDowngrade", "", "boolean", "ReadWrite", "", None, None),
    (SECURITY, "BasicAuthPassword", "", "string", "WriteOnly", "", None, 64),
    (SECURITY, "CertificateEntries", "", "integer", "ReadOnly", "", None, 20),
    (SECURITY, "CertSigningRepeatTimes", "", "integer", "ReadWrite", "", 0, 20),
    (SECURITY, "CertSigningWaitMinimum", "", "integer", "ReadWrite", "s", 1, 86_400),
    (SECURITY, "Identity", "", "string", "ReadOnly", "", None, 48),
    (SECURITY, "MaxCertificateChainSize", "", "integer", "ReadOnly", "", None, 10_000),
    (SECURITY, "OrganizationName", "", "string", "ReadWrite", "", None, 64),
    (SECURITY, "SecurityProfile", "", "integer", "ReadOnly", "", None, None),
    (COMMUNICATION, "ActiveNetworkProfile", "", "integer", "ReadOnly", "", None, None),
    (COMMUNICATION, "FileTransferProtocols", "", "MemberList", "ReadOnly", "", None, None),
    (COMMUNICATION, "HeartbeatInterval", "", "integer", "ReadWrite", "s", 1, 86_400),
    (COMMUNICATION, "MessageAttemptInterval", "TransactionEvent", "integer", "ReadWrite", "s", 0, 86_400),
    (COMMUNICATION, "MessageAttempts", "TransactionEvent", "integer", "ReadWrite", "", 1, 1000),
    (COMMUNICATION, "MessageTimeout", "Default", "integer", "ReadOnly", "s", None, None),
    (COMMUNICATION, "NetworkConfigurationPriority", "", "SequenceList", "ReadWrite", "", None, None),
    (COMMUNICATION, "NetworkProfileConnectionAttempts", "", "integer", "ReadWrite", "", 1, 100),
    (COMMUNICATION, "OfflineThreshold", "", "integer", "ReadWrite", "s", 0, 604_800),
    (COMMUNICATION, "ResetRetries", "", "integer", "ReadWrite", "", 0, 10),
    (COMMUNICATION, "RetryBackOffRandomRange", "", "integer", "ReadWrite", "s", 0, 86_400),
    (COMMUNICATION, "RetryBackOffRepeatTimes", "", "integer", "ReadWrite", "", 0, 20),
    (COMMUNICATION, "RetryBackOffWaitMinimum", "", "integer", "ReadWrite", "s", 1, 86_400),
    (COMMUNICATION, "WebSocketPingInterval", "", "integer", "ReadWrite", "s", 0, 86_400),
]


async def reported(box: Box, component: str) -> dict[tuple[str, str], Json]:
    """What GetReport tells of a component, by variable and instance."""
    await box.call("GetReport", {"requestId": 1, "componentVariable": [{"component": {"name": component}}]})
    pages = await box.sent_of("NotifyReport")
    items = [item for page in pages for item in page["reportData"]]
    return {(item["variable"]["name"], item["variable"].get("instance", "")): item for item in items}


@pytest.mark.parametrize("component", [SECURITY, COMMUNICATION])
async def test_each_is_reported_as_the_standard_has_it(box: Box, component: str) -> None:
    found = await reported(box, component)
    for owner, name, instance, kind, mutability, unit, minimum, maximum in TABLE:
        if owner != component:
            continue
        item = found[name, instance]
        characteristics, (attribute,) = item["variableCharacteristics"], item["variableAttribute"]
        assert attribute.get("mutability", "ReadWrite") == mutability, name
        assert ("value" in attribute) is (mutability != "WriteOnly"), name
        said = (characteristics["dataType"], characteristics.get("unit", ""))
        limits = (characteristics.get("minLimit"), characteristics.get("maxLimit"))
        assert (said, limits) == ((kind, unit), (minimum, maximum)), name


@pytest.mark.ocpp("B09.FR.06")
async def test_the_slots_are_told_with_the_order(box: Box) -> None:
    item = (await reported(box, COMMUNICATION))["NetworkConfigurationPriority", ""]
    assert item["variableCharacteristics"]["valuesList"] == "1,2,3"


async def test_the_site_file_says_what_is_checked_at_first(box: Box) -> None:
    roots = Authority.root().pem + Authority.root("Other").pem
    box.member.installation = replace(box.member.installation, roots=roots, root_check=True, wildcards=True)
    box.member.device = None
    device = box.hub.device(ID)
    entries = device.spec(VariableRef(component=SECURITY, variable="CertificateEntries"))
    assert entries is not None
    assert entries.max_limit == 22  # beside the two of the site file
    assert device.boolean(SECURITY, "AdditionalRootCertificateCheck")
    assert device.boolean(SECURITY, "AllowCSMSTLSWildcards")
