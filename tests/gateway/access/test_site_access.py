"""The ways of a station: what the site file says, what the CSMS has set, and what has worked."""

from __future__ import annotations

import stat
from base64 import b64decode
from typing import TYPE_CHECKING

import pytest
import trustme

from gateway.access.files import FileVault
from gateway.access.site_access import ACTIVE, PRIORITY, SECURITY_PROFILE, SiteAccess, SiteWay
from gateway.link.target import Target
from gateway.model import network as net
from gateway.model.credentials import CLIENT, CLIENT_BEFORE, CSMS_ROOT, PASSWORD, KeptPassword
from gateway.model.errors import GatewayError
from profiles.security import SecurityProfile
from tests.fakes.box import ID, Box
from tests.profiles.opened import opened_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json
    from gateway.link.route import Candidate

URL, OTHER, SECURE = "ws://one.example.com/ocpp", "ws://two.example.com/ocpp", "wss://two.example.com/ocpp"
SITE_PASSWORD, NEW = "site-password-0123", "new-password-45678"


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with opened_with(SecurityProfile, tmp_path) as (opened, _):
        await opened.sent()
        yield opened


def access(box: Box, url: str = URL, profile: int = 1, client: tuple[Path, Path] | None = None) -> SiteAccess:
    target = Target(identity=ID, url=url, password=SITE_PASSWORD, user="site-user", security_profile=profile)
    return SiteAccess({ID: SiteWay(target=target, client=client)}, box.hub.vault, box.hub)


def wire(url: str, profile: int = 1) -> Json:
    return {"ocppCsmsUrl": url, "securityProfile": profile, "messageTimeout": 12}


async def ways(own: SiteAccess) -> list[Candidate]:
    return list((await own.candidates(ID)).ways)


def password(way: Candidate) -> str:
    return b64decode(way.target.headers["Authorization"].removeprefix("Basic ")).decode().partition(":")[2]


async def priority(box: Box, value: str) -> None:
    await box.hub.note_variable(ID, PRIORITY, value)


async def keep(box: Box, slot: int, data: Json) -> None:
    await box.hub.shelf(net.SHELF).keep(ID, {net.document(slot): data})


async def test_at_first_there_is_the_site_files_way(box: Box) -> None:
    (way,) = await ways(access(box))
    assert (way.slot, way.target.url, way.tls) == (1, URL, None)
    assert password(way) == SITE_PASSWORD


@pytest.mark.ocpp("B10.FR.07")
async def test_profiles_come_in_their_order_and_the_one_that_worked_last(box: Box) -> None:
    own = access(box)
    await own.connected(ID, (await ways(own))[0])
    await keep(box, 2, wire(OTHER))
    await keep(box, 3, wire("ws://three.example.com"))
    await priority(box, "3,2")
    found = await ways(own)
    assert [way.slot for way in found] == [3, 2, 1]
    assert (found[0].target.user, found[2].target.user) == ("", "site-user")
    await own.connected(ID, found[1])
    assert [way.slot for way in await ways(own)] == [3, 2]
    assert box.hub.setting(ID, ACTIVE) == "2"
    assert box.hub.integer(ID, "OCPPCommCtrlr", "MessageTimeout", "Default") == 12


@pytest.mark.ocpp("A05.FR.06")
async def test_a_more_secure_profile_that_works_drops_the_others(box: Box) -> None:
    own = access(box)
    await own.connected(ID, (await ways(own))[0])
    await keep(box, 2, wire(SECURE, 2))
    await keep(box, 3, wire(OTHER))
    await priority(box, "2,3,1")
    secure = (await ways(own))[0]
    assert secure.tls is not None
    await own.connected(ID, secure)
    assert box.hub.setting(ID, SECURITY_PROFILE) == "2"
    assert box.hub.setting(ID, PRIORITY) == "2"
    assert set(await box.hub.shelf(net.SHELF).documents(ID)) == {"slot-2", net.STATE}
    assert [way.slot for way in await ways(own)] == [2]
    # Also after a restart of the box, whose site file still says otherwise.
    assert [way.slot for way in await ways(access(box))] == [2]


async def test_a_backend_that_the_technician_changes_counts(box: Box) -> None:
    own = access(box)
    await keep(box, 2, wire(SECURE, 2))
    await priority(box, "2")
    await own.connected(ID, (await ways(own))[0])
    changed = access(box, "ws://new.example.com")
    (way,) = await ways(changed)
    assert (way.slot, way.target.url) == (1, "ws://new.example.com")
    assert box.hub.setting(ID, PRIORITY) == "1"


async def test_new_password_first_and_the_former_one_until_it_has_worked(box: Box) -> None:
    own = access(box)
    kept = KeptPassword(password=NEW, before=SITE_PASSWORD, site=SITE_PASSWORD)
    await box.hub.vault.keep(ID, {PASSWORD: kept.text()})
    new, former = await ways(own)
    assert [(password(way), way.fallback) for way in (new, former)] == [(NEW, False), (SITE_PASSWORD, True)]
    await own.connected(ID, new)
    assert [password(way) for way in await ways(own)] == [NEW]


async def test_former_password_stays_where_the_new_one_did_not_work(box: Box) -> None:
    own = access(box)
    kept = KeptPassword(password=NEW, before=SITE_PASSWORD, site=SITE_PASSWORD)
    await box.hub.vault.keep(ID, {PASSWORD: kept.text()})
    await own.connected(ID, (await ways(own))[1])
    assert [password(way) for way in await ways(own)] == [SITE_PASSWORD]


def _client(folder: Path, name: str) -> tuple[Path, Path]:
    made = trustme.CA().issue_cert(name)
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(made.cert_chain_pems[0].bytes())
    made.private_key_pem.write_to_path(str(key))
    return certificate, key


def _text(files: tuple[Path, Path]) -> str:
    return "".join(file.read_text() for file in files)


@pytest.mark.ocpp("A02.FR.10", "A02.FR.29", "A03.FR.10", "A03.FR.25")
async def test_of_two_certificates_the_one_that_works_stays(box: Box, tmp_path: Path) -> None:
    site, first, second = (_client(tmp_path, name) for name in ("site", "first", "second"))
    own = access(box, SECURE, 3, site)
    assert [way.fallback for way in await ways(own)] == [False]
    await box.hub.vault.keep(ID, {CLIENT_BEFORE: "", CLIENT: _text(first)})
    new, former = await ways(own)
    assert (new.fallback, former.fallback) == (False, True)
    await own.connected(ID, new)
    assert set(await box.hub.vault.documents(ID)) == {CLIENT}
    await box.hub.vault.keep(ID, {CLIENT_BEFORE: _text(first), CLIENT: _text(second)})
    await own.connected(ID, (await ways(own))[1])
    assert await box.hub.vault.documents(ID) == {CLIENT: _text(first)}
    assert "DiscardedRenewedClientCertificate" in [m.payload.get("type") for m in await box.sent()]


async def test_installed_roots_are_trusted_beside_the_site_files(box: Box) -> None:
    own = access(box, SECURE, 2)
    (before,) = await ways(own)
    await box.hub.vault.keep(ID, {CSMS_ROOT + "1.pem": trustme.CA().cert_pem.bytes().decode()})
    (after,) = await ways(own)
    assert before.tls is not None
    assert after.tls is not None
    assert len(after.tls.get_ca_certs()) == len(before.tls.get_ca_certs()) + 1
    assert (await ways(own))[0].tls is after.tls  # made once


async def test_a_certificate_that_is_not_there_is_named(box: Box, tmp_path: Path) -> None:
    own = access(box, SECURE, 3, (tmp_path / "absent.pem", tmp_path / "absent.key"))
    with pytest.raises(GatewayError) as missing:
        await own.candidates(ID)
    assert missing.value.code == "certificate-unusable"


async def test_secrets_are_for_the_box_alone_and_never_half(tmp_path: Path) -> None:
    vault = FileVault(tmp_path / "stations")
    assert await vault.documents("..") == {}
    await vault.keep("..", {"a": "1", "b": "2"})
    await vault.keep("..", {"a": "3", "b": None})
    assert await vault.documents("..") == {"a": "3"}
    assert [each.name for each in (tmp_path / "stations").iterdir()] == ["%2E%2E"]
    file = vault.path("..", "a")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
