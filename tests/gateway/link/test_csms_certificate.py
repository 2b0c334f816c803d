"""The certificate of the CSMS: its authority, its time, its name, and which authorities count."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.link.peer_name import by_wildcard
from gateway.link.route import Candidate
from gateway.link.target import tls_context
from tests.gateway.link.csms import Csms, running
from tests.gateway.link.fakes import STATION, Box, eventually
from tests.gateway.link.test_security import Ways, running_by
from tests.profiles.security.pki import Authority, key_pem, pem

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import web

    from tests.profiles.security.pki import Key

HOST = "csms.example.com"
NOW = datetime.now(UTC)
NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which Python has no name for
_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name is that of this machine."""

    async def found(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        del host
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)


def authority(common: str = "Root", start: int = -10, end: int = 100, key: ec.EllipticCurvePrivateKey | None = None,
              ) -> Authority:  # fmt: skip
    """A root; what it signs is valid as long as it is itself."""
    return Authority.root(common, start=NOW + start * _DAY, end=NOW + end * _DAY, key=key)


def show(context: ssl.SSLContext, folder: Path, issuer: Authority, common: str = HOST, key: Key | None = None) -> None:
    """From now on the server shows a certificate that has no name but its common name (A00.FR.510, A00.FR.511)."""
    leaf = issuer.sub(common, authority=False, key=key)
    file = folder / "server.pem"
    file.write_text(key_pem(leaf.key) + pem(leaf.certificate, issuer.certificate))
    context.load_cert_chain(file)


@pytest.mark.case("TC_A_05_CS")
@pytest.mark.ocpp(
    "A00.FR.308", "A00.FR.309", "A00.FR.310", "A00.FR.311", "A00.FR.411", "A00.FR.412", "A00.FR.413", "A00.FR.414"
)  # fmt: skip
@pytest.mark.parametrize("profile", [2, 3])
async def test_what_is_wrong_with_the_certificate_of_the_csms_ends_the_attempt_and_is_told(
    tmp_path: Path, box: Box, profile: int
) -> None:
    root, key = authority(), ec.generate_private_key(ec.SECP256R1())
    same = authority(key=key)
    own = root.sub("SN-1", authority=False)
    client = tmp_path / "station.pem"
    client.write_text(key_pem(own.key) + pem(own.certificate))
    box.target = replace(box.target, security_profile=profile)
    box.tls = tls_context(
        None, roots=root.pem + same.pem, alone=True, client=(client, None) if profile == 3 else None
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    show(server, tmp_path, root)
    faults = [
        ("expired", authority(start=-10, end=-1, key=key), HOST),
        ("of the future", authority(start=1, end=10, key=key), HOST),
        ("of a stranger", authority(), HOST),
        ("another name", root, "other.example.com"),
        ("a pattern", root, "*.example.com"),
    ]
    async with running(Csms(), server) as csms, box.run(csms.url.replace("localhost", HOST)) as link:
        for number, (fault, issuer, name) in enumerate(faults, 1):
            peer = await csms.peer(number)
            await peer.called("BootNotification" if number == 1 else "Heartbeat")
            box.handlers.security.clear()
            show(server, tmp_path, issuer, name)
            await peer.socket.close()
            await eventually(lambda: link.status(STATION).problem == "csms-certificate-invalid")
            await eventually(lambda: bool(box.handlers.security))
            assert len(csms.peers) == number, fault
            assert box.handlers.security[0][0] == "InvalidCsmsCertificate", fault
            show(server, tmp_path, root)
        await csms.peer(len(faults) + 1)
        assert len(box.handlers.security) == 2


@pytest.mark.ocpp("A00.FR.501", "A00.FR.502")
async def test_a_csms_with_a_weak_key_is_left(tmp_path: Path, box: Box) -> None:
    root = authority()
    box.target = replace(box.target, security_profile=2)
    box.tls = tls_context(None, roots=root.pem, alone=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.set_ciphers("ALL:@SECLEVEL=0")
    show(server, tmp_path, root, key=rsa.generate_private_key(65537, 1024))  # noqa: S505 - that is the fault
    async with running(Csms(), server) as csms, box.run(csms.url.replace("localhost", HOST)) as link:
        await eventually(lambda: link.status(STATION).problem == "csms-certificate-invalid")
        await eventually(lambda: bool(box.handlers.security))
    assert not csms.attempts
    assert box.handlers.security[0][0] == "InvalidCsmsCertificate"
    assert "too weak" in box.handlers.security[0][1]


async def test_a_pattern_will_do_where_the_operator_allows_it(tmp_path: Path, box: Box) -> None:
    root = authority()
    box.target = replace(box.target, security_profile=2)
    box.tls = tls_context(None, roots=root.pem, alone=True, wildcards=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    show(server, tmp_path, root, "*.example.com")
    async with running(Csms(), server) as csms, box.run(csms.url.replace("localhost", HOST)):
        await (await csms.peer()).called("BootNotification")


@pytest.mark.ocpp("A00.FR.309", "A00.FR.412")
@pytest.mark.parametrize("name", ["other.example.com", "*.example.org"])
async def test_where_a_pattern_will_do_the_name_still_has_to_fit(tmp_path: Path, box: Box, name: str) -> None:
    root = authority()
    box.target = replace(box.target, security_profile=2)
    box.tls = tls_context(None, roots=root.pem, alone=True, wildcards=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    show(server, tmp_path, root, name)
    async with running(Csms(), server) as csms, box.run(csms.url.replace("localhost", HOST)) as link:
        await eventually(lambda: link.status(STATION).problem == "csms-certificate-invalid")
    assert not csms.attempts


@pytest.mark.parametrize(
    ("names", "common", "host", "so"),
    [
        (("csms.example.com",), "*.example.com", HOST, False),
        (("*.example.com", "csms.example.com"), "", HOST, False),
        (("*.example.com",), "csms.example.com", HOST, True),
        ((), "*.example.com", HOST, True),
        ((), "CSMS.example.com", HOST, False),
        ((), "", "127.0.0.1", False),
    ],
)
def test_a_name_in_full_beside_a_pattern_will_do(names: tuple[str, ...], common: str, host: str, *, so: bool) -> None:
    subject = ((("commonName", common),),) if common else ()
    assert by_wildcard({"subject": subject, "subjectAltName": tuple(("DNS", n) for n in names)}, host) is so


@pytest.mark.ocpp("A00.FR.313", "A00.FR.314", "A00.FR.317", "A00.FR.321", "A00.FR.416", "A00.FR.417", "A00.FR.420",
                  "A00.FR.424")  # fmt: skip
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("profile", [2, 3])
async def test_the_connection_is_of_a_good_version_and_not_compressed(
    tmp_path: Path, box: Box, version: ssl.TLSVersion, profile: int
) -> None:
    root = authority()
    own = root.sub("SN-1", authority=False)
    client = tmp_path / "station.pem"
    client.write_text(key_pem(own.key) + pem(own.certificate))
    box.target = replace(box.target, security_profile=profile)
    box.tls = tls_context(None, roots=root.pem, alone=True, client=(client, None))
    assert box.tls.options & ssl.OP_NO_COMPRESSION
    assert box.tls.minimum_version is ssl.TLSVersion.TLSv1_2
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.options &= ~ssl.OP_NO_COMPRESSION
    server.minimum_version = server.maximum_version = version
    show(server, tmp_path, root)
    seen: list[tuple[str, str | None]] = []
    csms = Csms()

    def look(request: web.Request) -> bool:
        assert request.transport is not None
        tls = request.transport.get_extra_info("ssl_object")
        seen.append((tls.version(), tls.compression()))
        return True

    csms.accept = look
    async with running(csms, server), box.run(csms.url.replace("localhost", HOST)):
        await csms.peer()
    assert seen == [({"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name], None)]


@pytest.mark.ocpp("A00.FR.430")
async def test_a_station_whose_certificate_has_expired_still_asks_to_be_let_in(tmp_path: Path, box: Box) -> None:
    root, old = authority(), authority("Former", start=-20, end=-1)
    own = old.sub("SN-1", authority=False)
    client = tmp_path / "station.pem"
    client.write_text(key_pem(own.key) + pem(own.certificate))
    box.target = replace(box.target, security_profile=3)
    box.tls = tls_context(None, roots=root.pem, alone=True, client=(client, None))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    show(server, tmp_path, root)
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(cadata=old.pem)
    server.verify_flags |= NO_CHECK_TIME
    shown: list[str] = []
    csms = Csms()

    def look(request: web.Request) -> bool:
        assert request.transport is not None
        shown.append(request.transport.get_extra_info("peercert")["serialNumber"])
        return True

    csms.accept = look
    async with running(csms, server), box.run(csms.url.replace("localhost", HOST)):
        await (await csms.peer()).called("BootNotification")
    assert [int(serial, 16) for serial in shown] == [own.certificate.serial_number]


# --- a root certificate that another takes the place of ---------------------------------------------------------------


def _way(box: Box, url: str, trusted: Authority, former: Authority | None = None, slot: int = 1) -> Candidate:
    return Candidate(
        target=replace(box.target, url=url.replace("localhost", HOST), security_profile=2),
        tls=tls_context(None, roots=trusted.pem, alone=True),
        former=None if former is None else tls_context(None, roots=former.pem, alone=True),
        slot=slot,
    )


@pytest.mark.ocpp("M05.FR.14")
async def test_the_former_root_verifies_a_csms_that_the_new_one_does_not(tmp_path: Path, box: Box) -> None:
    old = authority("Old")
    new = old.sub("New")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    show(server, tmp_path, old)
    async with running(Csms(), server) as csms:
        access = Ways(ways=[_way(box, csms.url, new, former=old)])
        async with running_by(box, access):
            peer = await csms.peer()
            await peer.called("BootNotification")
            assert csms.attempts == 1
            show(server, tmp_path, new)
            await peer.socket.close()
            await csms.peer(2)
            await eventually(lambda: len(access.worked) > 1)
    assert [way.by_former for way in access.worked] == [True, False]
    assert box.handlers.security == []


@pytest.mark.ocpp("M05.FR.15", "M05.FR.16")
async def test_on_the_way_to_another_csms_only_the_new_root_counts(tmp_path: Path, box: Box) -> None:
    old = authority("Old")
    new = old.sub("New")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    show(server, tmp_path, old)
    async with running(Csms(), server) as csms, running(Csms(), server) as other:
        ways = [_way(box, other.url, new, slot=2), _way(box, csms.url, new, former=old)]
        access = Ways(ways=ways, attempts=2)
        async with running_by(box, access):
            await (await csms.peer()).called("BootNotification")
    assert other.attempts == 0
    assert [(way.slot, way.by_former) for way in access.worked] == [(1, True)]
