"""Certification cases of security, over the wire.

TC_A_01, TC_A_05, TC_A_06, TC_A_07, TC_A_09, TC_A_10, TC_A_11, TC_A_14, TC_A_15, TC_A_23, TC_B_01, TC_M_23.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from gateway.bench.csms.settings import BootPolicy, CsmsSettings
from tests.e2e.certification.keyring import hashes
from tests.e2e.plan import Plan
from tests.e2e.trust import PASSWORD, Passwords, secret, server
from tests.e2e.truth import assert_all_whole
from tests.e2e.world import World, world
from tests.profiles.security.pki import Authority, key_pem, name, pem

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography import x509

    from gateway.bench.csms.ledger import Record

NEW = "a-quite-new-password-4711"
OWNER = "Operator"
_DAY = timedelta(days=1)


def _operator() -> Authority:
    now = datetime.now(UTC)
    return Authority.root("Operator root", start=now - _DAY, end=now + 1000 * _DAY)


def _signed(operator: Authority, csr: str, **changes: Any) -> x509.Certificate:
    now = datetime.now(UTC)
    return operator.sign(csr, start=now - _DAY, end=now + 365 * _DAY, **changes)


@pytest.mark.case("TC_A_01_CS", "TC_A_05_CS", "TC_A_06_CS", "TC_B_01_CS")
@pytest.mark.ocpp("A00.FR.314", "A04.FR.01", "A04.FR.02")
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_events_of_the_start_and_of_a_csms_that_was_none_are_told(tmp_path: Path) -> None:
    """TC_A_01, TC_A_05, TC_A_06, TC_B_01."""
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    backend = f'security_profile = 2\nca_file = "{tmp_path / "ca.pem"}"\n{secret(tmp_path, PASSWORD)}'
    tls = server(authority)
    settings = CsmsSettings(password=PASSWORD, tls=tls)
    async with world(tmp_path, settings=settings, backend=backend) as made:
        await made.heard("SecurityEventNotification", type="StartupOfTheDevice")
        await made.impatient()
        stranger.issue_cert("127.0.0.1").configure_cert(tls)
        await made.csms.disconnect(made.station.id)
        await made.box.logged("csms-certificate-invalid")
        assert made.csms.connected == frozenset()
        authority.issue_cert("127.0.0.1").configure_cert(tls)
        await made.heard("SecurityEventNotification", type="InvalidCsmsCertificate")
        await made.settled()
        told = [record.payload["type"] for record in made.csms.of("SecurityEventNotification")]
        assert told.count("InvalidCsmsCertificate") == 1
        least, best = tls.minimum_version, tls.maximum_version
        tls.minimum_version, tls.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        since = len(made.box.log)
        await made.csms.disconnect(made.station.id)
        await made.box.logged("no connection to the CSMS", since=since)
        assert made.csms.connected == frozenset()
        tls.maximum_version, tls.minimum_version = best, least
        await made.csms.wait_until(lambda: made.station.id in made.csms.connected)


@pytest.mark.case("TC_A_10_CS")
async def test_a_short_password_is_rejected_and_the_old_one_holds(tmp_path: Path) -> None:
    """TC_A_10."""
    backend = f"security_profile = 1\n{secret(tmp_path, PASSWORD)}"
    async with world(tmp_path, settings=CsmsSettings(password=PASSWORD), backend=backend) as made:
        await made.impatient()
        assert await made.set_variable("SecurityCtrlr", "BasicAuthPassword", "x" * 15) == "Rejected"
        await made.csms.disconnect(made.station.id)
        await made.csms.wait_until(lambda: made.station.id in made.csms.connected)


@pytest.mark.case("TC_A_09_CS", "TC_N_48_CS")
@pytest.mark.ocpp("A01.FR.01", "A01.FR.02", "A01.FR.12", "N07.FR.10")
async def test_a_new_password_is_used_at_once_and_after_a_restart(tmp_path: Path) -> None:
    """TC_A_09, TC_N_48."""
    watched = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    monitor = {**watched, "type": "Delta", "value": 1, "severity": 5}
    plan = Plan()
    passwords = Passwords(**{plan.identity: PASSWORD})
    backend = f"security_profile = 1\n{secret(tmp_path, PASSWORD)}"
    async with world(tmp_path, plan, settings=CsmsSettings(passwords=passwords), backend=backend) as made:
        (result,) = (await made.call("SetVariableMonitoring", setMonitoringData=[monitor]))["setMonitoringResult"]
        assert result["status"] == "Accepted"
        passwords[plan.identity] = NEW
        asked = passwords.asked
        assert await made.set_variable("SecurityCtrlr", "BasicAuthPassword", NEW) == "Accepted"
        await made.csms.wait_until(lambda: passwords.asked > asked and plan.identity in made.csms.connected)
        (event,) = (await made.heard("NotifyEvent")).payload["eventData"]
        assert (event["variableMonitoringId"], event["trigger"], event["actualValue"]) == (result["id"], "Delta", "")
        await made.whole_session()
        await made.box.stop()
        await made.box.start()
        await made.csms.wait_until(lambda: plan.identity in made.csms.connected)
        await made.delivered()
        assert assert_all_whole(made) == 0
        assert NEW not in "\n".join(made.box.log)


async def test_a_password_that_the_csms_does_not_take_itself_is_given_up(tmp_path: Path) -> None:
    plan = Plan()
    passwords = Passwords(**{plan.identity: PASSWORD})
    backend = f"security_profile = 1\n{secret(tmp_path, PASSWORD)}"
    async with world(tmp_path, plan, settings=CsmsSettings(passwords=passwords), backend=backend) as made:
        await made.impatient()
        assert await made.set_variable("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "1") == "Accepted"
        asked = passwords.asked
        assert await made.set_variable("SecurityCtrlr", "BasicAuthPassword", NEW) == "Accepted"
        await made.csms.wait_until(lambda: passwords.asked >= asked + 2 and plan.identity in made.csms.connected)
        await made.box.logged("the former one stays")
        await made.whole_session()
        await made.delivered()


def _backend_of_profile_3(folder: Path, authority: trustme.CA, operator: Authority) -> tuple[str, str]:
    """Lines of the site file, and the serial number of the station's certificate."""
    own = operator.sub("OLD", authority=False)
    (folder / "ca.pem").write_text(authority.cert_pem.bytes().decode() + operator.pem)
    (folder / "station.pem").write_text(pem(own.certificate))
    (folder / "station.key").write_text(key_pem(own.key))
    (folder / "station.key").chmod(0o600)
    lines = (
        f'security_profile = 3\nca_file = "{folder / "ca.pem"}"\ncertificate_file = "{folder / "station.pem"}"\n'
        f'key_file = "{folder / "station.key"}"'
    )
    return lines, f"{own.certificate.serial_number:x}"


@pytest.fixture
async def certified(tmp_path: Path) -> Any:
    """A box at security profile 3, the authority that signs for stations, and the serial number of its certificate."""
    authority, operator = trustme.CA(), _operator()
    backend, serial = _backend_of_profile_3(tmp_path, authority, operator)
    settings = CsmsSettings(tls=server(authority, clients=operator))
    async with world(tmp_path, settings=settings, backend=backend) as made:
        assert await made.set_variable("SecurityCtrlr", "OrganizationName", OWNER) == "Accepted"
        yield made, operator, serial


@pytest.mark.ocpp("B02.FR.02", "A02.FR.08")
async def test_a_pending_station_gets_its_certificate_before_it_is_accepted(tmp_path: Path) -> None:
    authority, operator = trustme.CA(), _operator()
    backend, _ = _backend_of_profile_3(tmp_path, authority, operator)
    settings = CsmsSettings(tls=server(authority, clients=operator), boot=BootPolicy(status="Pending", interval=1))
    async with world(tmp_path, settings=settings, backend=backend, booted=False) as made:
        station = made.station.id
        await made.heard("BootNotification")
        assert await made.set_variable("SecurityCtrlr", "OrganizationName", OWNER) == "Accepted"
        leaf = _signed(operator, await _request(made))
        made.csms.boot[station] = BootPolicy()
        assert (await made.call("CertificateSigned", certificateChain=pem(leaf)))["status"] == "Accepted"
        await made.csms.wait_until(lambda: int(made.csms.certificates[station], 16) == leaf.serial_number)
        await made.booted()


async def _request(made: World) -> str:
    since = made.news
    assert (await made.call("TriggerMessage", requestedMessage="SignChargingStationCertificate"))[
        "status"
    ] == "Accepted"
    csr: str = (await made.heard("SignCertificate", since)).payload["csr"]
    return csr


@pytest.mark.case("TC_A_07_CS", "TC_A_11_CS", "TC_M_23_CS")
@pytest.mark.ocpp(
    "A00.FR.401", "A00.FR.402", "A00.FR.508", "A02.FR.02", "A02.FR.03", "A02.FR.06", "A02.FR.08", "A02.FR.10", "M04.FR.06"
)  # fmt: skip
async def test_a_signed_certificate_replaces_the_one_of_the_site_file(certified: Any) -> None:
    """TC_A_07, TC_A_11 and TC_M_23."""
    made, operator, serial = certified
    station = made.station.id
    assert int(made.csms.certificates[station], 16) == int(serial, 16)
    leaf = _signed(operator, await _request(made))
    assert (await made.call("CertificateSigned", certificateChain=pem(leaf)))["status"] == "Accepted"
    await made.csms.wait_until(lambda: int(made.csms.certificates[station], 16) == leaf.serial_number)
    await made.csms.wait_until(lambda: station in made.csms.connected)
    own = hashes(Authority(certificate=leaf, key=operator.key), operator)
    assert (await made.call("DeleteCertificate", certificateHashData=own))["status"] == "Failed"
    await made.whole_session()
    await made.box.stop()
    await made.box.start()
    await made.csms.wait_until(lambda: station in made.csms.connected)
    assert int(made.csms.certificates[station], 16) == leaf.serial_number
    await made.delivered()
    assert assert_all_whole(made) == 0


@pytest.mark.case("TC_A_14_CS", "TC_A_15_CS")
@pytest.mark.ocpp("A02.FR.07", "A02.FR.20", "A04.FR.01")
async def test_an_invalid_certificate_is_refused_and_told(certified: Any) -> None:
    """TC_A_14, TC_A_15."""
    made, operator, serial = certified
    csr = await _request(made)
    since = made.news
    for wrong in (_signed(_operator(), csr), _signed(operator, csr, subject=name("somebody", OWNER))):
        assert (await made.call("CertificateSigned", certificateChain=pem(wrong)))["status"] == "Rejected"
        await made.heard("SecurityEventNotification", since, type="InvalidChargingStationCertificate")
        since = made.news
    assert int(made.csms.certificates[made.station.id], 16) == int(serial, 16)
    made.csms.override("SignCertificate", lambda _: {"status": "Rejected"})
    await _request(made)
    await made.settled()


@pytest.mark.case("TC_A_23_CS")
@pytest.mark.ocpp("A02.FR.17", "A02.FR.18", "A02.FR.19")
async def test_a_certificate_that_does_not_come_is_asked_for_again(certified: Any) -> None:
    """TC_A_23: after one second and after two more."""
    made, operator, serial = certified
    assert await made.set_variable("SecurityCtrlr", "CertSigningWaitMinimum", "1") == "Accepted"
    assert await made.set_variable("SecurityCtrlr", "CertSigningRepeatTimes", "1") == "Accepted"
    since = made.news
    first = await _request(made)

    def requests() -> list[Record]:
        return [record for record in made.csms.received[since:] if record.action == "SignCertificate"]

    await made.csms.wait_until(lambda: len(requests()) == 3)
    asked = requests()
    assert [each.payload["csr"] for each in asked] == [first] * 3
    waits = [(later.at - earlier.at).total_seconds() for earlier, later in pairwise(asked)]
    assert waits[0] >= 0.9
    assert waits[1] >= 1.9
    statuses = []
    for csr in [each.payload["csr"] for each in asked]:
        await made.csms.wait_until(lambda: made.station.id in made.csms.connected)
        statuses.append((await made.call("CertificateSigned", certificateChain=pem(_signed(operator, csr))))["status"])
        await made.csms.wait_until(lambda: int(made.csms.certificates[made.station.id], 16) != int(serial, 16))
    assert statuses == ["Accepted", "Rejected", "Rejected"]
