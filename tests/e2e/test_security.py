"""Who the box trusts, who it is trusted by, and how it stops."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import orjson
import pytest
import trustme

from gateway.bench.csms.answers import Silence
from gateway.bench.csms.settings import CsmsSettings
from tests.e2e.plan import TOKEN, Plan
from tests.e2e.trust import PASSWORD, Passwords, secret, server
from tests.e2e.truth import assert_all_whole
from tests.e2e.visitor import Visitor
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.case("TC_A_04_CS")
@pytest.mark.ocpp("A00.FR.301", "A00.FR.302", "A00.FR.303", "A00.FR.312")
async def test_session_over_tls_with_a_password(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    settings = CsmsSettings(tls=server(authority), password=PASSWORD)
    backend = f'security_profile = 2\nca_file = "{tmp_path / "ca.pem"}"\n{secret(tmp_path, PASSWORD)}'
    async with world(tmp_path, settings=settings, backend=backend) as made:
        assert made.csms.url.startswith("wss://")
        await made.whole_session()
        await made.delivered()
        assert assert_all_whole(made) == 0
        assert PASSWORD not in "\n".join(made.box.log)


@pytest.mark.ocpp("A00.FR.308", "A00.FR.309", "A00.FR.311")
@pytest.mark.parametrize("host", ["127.0.0.1", "csms.example.com"])
async def test_backend_with_the_wrong_certificate_gets_nothing(tmp_path: Path, host: str) -> None:
    """Of another authority, or with another name."""
    authority, other = trustme.CA(), trustme.CA()
    known = other if host == "127.0.0.1" else authority
    known.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    settings = CsmsSettings(tls=server(authority, host), password=PASSWORD)
    backend = f'security_profile = 2\nca_file = "{tmp_path / "ca.pem"}"\n{secret(tmp_path, PASSWORD)}'
    async with world(tmp_path, settings=settings, backend=backend, booted=False) as made:
        await made.box.logged("csms-certificate-invalid")
        await made.station.told_all()
        assert made.csms.received == []


@pytest.mark.ocpp("A00.FR.202")
async def test_wrong_password_shows_and_is_logged_once(tmp_path: Path) -> None:
    plan = Plan()
    passwords = Passwords(**{plan.identity: PASSWORD})
    settings = CsmsSettings(passwords=passwords, password="the-password-of-others")
    backend = f"security_profile = 1\n{secret(tmp_path, PASSWORD)}"
    async with world(tmp_path, plan, settings=settings, backend=backend) as made:
        await made.impatient()
        passwords[plan.identity] = "changed-by-the-backend"
        await made.csms.disconnect(plan.identity)
        await passwords.asked_again(3)
        status = await made.box.status()
        assert status.stations[0].backend.state == "offline"
        await made.whole_session_by_list()
        passwords[plan.identity] = PASSWORD
        await made.delivered()
        assert len([line for line in made.box.log if "csms-unauthorized" in line]) == 1
        assert len([line for line in made.box.log if "connected to the CSMS" in line]) == 2
        assert PASSWORD not in "\n".join(made.box.log)
        assert assert_all_whole(made) == 0


async def test_stranger_is_refused_logged_once_and_shown(one: World) -> None:
    stranger = Visitor(Plan(charge_box="STRANGER-7"), one.url, one.saw)
    await stranger.enter()
    try:
        await stranger.until(lambda _: len(stranger.ledger.exchanges) >= 3)
    finally:
        await stranger.leave()
    assert {e.outcome for e in stranger.ledger.exchanges} <= {"fault", "lost"}
    fault = next(s.xml for s in stranger.seen if s.operation == "Fault").decode()
    assert "IdentityMismatch" in fault
    assert "Sender" in fault
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "status", "--json", "--site", str(one.box.site),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    shown, _ = await process.communicate()
    assert process.returncode == 0
    (refused,) = orjson.loads(shown)["refused"]
    assert refused["charge_box_identity"] == "STRANGER-7"
    assert refused["count"] >= 2
    assert refused["peer"].startswith("127.0.0.1")
    assert len([line for line in one.box.log if "STRANGER-7" in line]) == 1
    assert {record.station for record in one.csms.received} == {one.station.id}
    await one.whole_session()
    await one.delivered()
    assert assert_all_whole(one) == 0


async def test_sigterm_in_a_session_loses_nothing(one: World) -> None:
    truth = await one.station.charge(TOKEN, samples=2)
    assert await one.box.stop() == 0
    assert "stopped" in one.box.log[-1]
    more = len(truth.samples) + 3
    await one.station.until(lambda _: len(truth.samples) >= more)
    await one.box.start()
    await one.answered()
    await one.station.sim.plug_out(1)
    await one.delivered()
    assert assert_all_whole(one) == 0


async def test_sigterm_does_not_wait_for_a_backend_that_says_nothing(one: World) -> None:
    one.csms.override("TransactionEvent", lambda _: Silence(stored=False))
    await one.station.charge(TOKEN, samples=1)
    await one.heard("TransactionEvent")
    async with asyncio.timeout(8):  # the start's answer waits 5 s for the backend, and is not cut off
        assert await one.box.stop() == 0
    one.csms.restore("TransactionEvent")
    await one.box.start()
    await one.answered()
    await one.station.sim.plug_out(1)
    await one.delivered()
    assert assert_all_whole(one, repeats=1) == 1
