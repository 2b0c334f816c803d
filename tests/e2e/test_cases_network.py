"""Certification cases of network profiles: a station that moves from one CSMS to another, over the wire.

TC_A_19, TC_A_22, TC_B_45, TC_B_46, TC_B_49, TC_B_50.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import trustme

from gateway.bench.csms.server import Csms
from gateway.bench.csms.settings import CsmsSettings
from tests.e2e.certification.keyring import network
from tests.e2e.plan import Plan
from tests.e2e.trust import PASSWORD, Passwords, secret, server
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path


async def _variable(made: World, component: str, variable: str) -> str:
    return str((await made.get_variable(component, variable)).get("attributeValue"))


@pytest.mark.case("TC_B_50_CS")
async def test_a_station_moves_to_a_csms_of_another_root(tmp_path: Path) -> None:
    """TC_B_50."""
    old, new = trustme.CA(), trustme.CA()
    old.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    backend = f'security_profile = 2\nca_file = "{tmp_path / "ca.pem"}"\n{secret(tmp_path, PASSWORD)}'
    settings = CsmsSettings(password=PASSWORD, tls=server(old))
    async with (
        Csms(CsmsSettings(password=PASSWORD, tls=server(new))) as other,
        world(tmp_path, settings=settings, backend=backend) as made,
    ):
        root = new.cert_pem.bytes().decode()
        await made.call("InstallCertificate", certificateType="CSMSRootCertificate", certificate=root)
        await made.call("SetNetworkProfile", configurationSlot=2, connectionData=network(other.url, 2))
        assert await made.set_variable("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1") == "Accepted"
        await made.call("Reset", type="OnIdle")
        await other.wait_for(lambda record: record.action == "StatusNotification", 20)
        made.csms = other
        assert await _variable(made, "OCPPCommCtrlr", "NetworkConfigurationPriority") == "2,1"


async def _called(port: int | None, times: int) -> None:
    """Wait until somebody has called at a port so often; nobody is there who talks TLS."""
    calls = asyncio.Semaphore(0)

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        calls.release()

    async with asyncio.timeout(20), await asyncio.start_server(hang_up, "127.0.0.1", port, reuse_port=True):
        for _ in range(times):
            await calls.acquire()


@pytest.mark.case("TC_A_19_CS", "TC_A_22_CS", "TC_B_45_CS")
@pytest.mark.ocpp(
    "A00.FR.001", "A05.FR.04", "A05.FR.05", "A05.FR.06", "B09.FR.01", "B09.FR.04", "B10.FR.01", "B10.FR.04", "B10.FR.10"
)
async def test_a_station_moves_to_a_more_secure_csms_and_never_back(tmp_path: Path) -> None:
    """TC_A_19, TC_A_22, TC_B_45, TC_M_01, TC_M_12."""
    authority = trustme.CA()
    backend = f"security_profile = 1\n{secret(tmp_path, PASSWORD)}"
    async with (
        Csms(CsmsSettings(password=PASSWORD, tls=server(authority))) as other,
        world(tmp_path, settings=CsmsSettings(password=PASSWORD), backend=backend) as made,
    ):
        root = authority.cert_pem.bytes().decode()
        installed = await made.call("InstallCertificate", certificateType="CSMSRootCertificate", certificate=root)
        assert installed["status"] == "Accepted"
        listed = await made.call("GetInstalledCertificateIds", certificateType=["CSMSRootCertificate"])
        assert len(listed["certificateHashDataChain"]) == 1
        answer = await made.call("SetNetworkProfile", configurationSlot=2, connectionData=network(other.url, 2))
        assert answer["status"] == "Accepted"
        assert await made.set_variable("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1") == "Accepted"
        assert await _variable(made, "OCPPCommCtrlr", "ActiveNetworkProfile") == "1"
        assert (await made.call("Reset", type="OnIdle"))["status"] == "Accepted"
        boot = await other.wait_for(lambda record: record.action == "BootNotification", 20)
        assert boot.payload["reason"] == "RemoteReset"
        first, made.csms = made.csms, other
        await made.heard("StatusNotification")
        assert made.station.id not in first.connected
        assert await _variable(made, "OCPPCommCtrlr", "ActiveNetworkProfile") == "2"
        assert await _variable(made, "SecurityCtrlr", "SecurityProfile") == "2"
        assert await _variable(made, "OCPPCommCtrlr", "NetworkConfigurationPriority") == "2"
        answer = await made.call("SetNetworkProfile", configurationSlot=3, connectionData=network(first.url, 1))
        assert answer["statusInfo"]["reasonCode"] == "NoSecurityDowngrade"
        assert await made.set_variable("OCPPCommCtrlr", "NetworkConfigurationPriority", "1,2") == "Rejected"
        await made.whole_session()
        await made.delivered()
        since = len(first.received)
        await made.impatient()
        assert await made.set_variable("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "1") == "Accepted"
        await other.go_down()
        await _called(urlsplit(other.url).port, 3)
        assert made.station.id not in first.connected
        await made.back()
        await made.box.stop()
        await made.box.start()
        await other.wait_until(lambda: made.station.id in other.connected)
        assert len(first.received) == since


@pytest.mark.case("TC_B_49_CS")
@pytest.mark.ocpp("B10.FR.03", "B10.FR.07", "B10.FR.09")
async def test_a_station_that_is_let_in_nowhere_does_not_give_up(tmp_path: Path) -> None:
    """TC_B_49: neither the new CSMS nor, at first, the old one takes it."""
    plan = Plan()
    passwords = Passwords(**{plan.identity: PASSWORD})
    backend = f"security_profile = 1\n{secret(tmp_path, PASSWORD)}"
    async with (
        Csms(CsmsSettings(password=PASSWORD)) as other,
        world(tmp_path, plan, settings=CsmsSettings(passwords=passwords), backend=backend) as made,
    ):
        await other.go_down()
        await made.impatient()
        assert await made.set_variable("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "1") == "Accepted"
        await made.call("SetNetworkProfile", configurationSlot=2, connectionData=network(other.url, 1))
        assert await made.set_variable("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1") == "Accepted"
        since = made.news
        passwords[plan.identity] = "nobody-has-this-one"
        assert (await made.call("Reset", type="OnIdle"))["status"] == "Accepted"
        await passwords.asked_again(1)
        assert made.csms.connected == frozenset()
        passwords[plan.identity] = PASSWORD
        await made.booted(since=since)
        assert await _variable(made, "OCPPCommCtrlr", "ActiveNetworkProfile") == "1"


@pytest.mark.case("TC_B_46_CS")
@pytest.mark.ocpp("B10.FR.03", "B10.FR.07")
async def test_a_station_that_finds_nobody_at_the_new_csms_comes_back(tmp_path: Path) -> None:
    """TC_B_46."""
    backend = f"security_profile = 1\n{secret(tmp_path, PASSWORD)}"
    async with (
        Csms(CsmsSettings(password=PASSWORD)) as other,
        world(tmp_path, settings=CsmsSettings(password=PASSWORD), backend=backend) as made,
    ):
        await other.go_down()
        await made.impatient()
        assert await made.set_variable("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "2") == "Accepted"
        await made.call("SetNetworkProfile", configurationSlot=2, connectionData=network(other.url, 1))
        assert await made.set_variable("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1") == "Accepted"
        since = made.news
        assert (await made.call("Reset", type="Immediate"))["status"] == "Accepted"
        await made.booted(since=since)
        assert await _variable(made, "OCPPCommCtrlr", "ActiveNetworkProfile") == "1"
        await other.come_up()
        await made.csms.go_down()
        first, made.csms = made.csms, other
        await made.heard("StatusNotification")
        assert await _variable(made, "OCPPCommCtrlr", "ActiveNetworkProfile") == "2"
        await first.come_up()
        await made.whole_session()
        await made.delivered()
