"""Certification cases of AdditionalRootCertificateCheck: each root certificate has signed the one that replaces it."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from gateway.bench.csms.server import Csms
from gateway.bench.csms.settings import CsmsSettings
from tests.e2e.certification.keyring import CSMS, Keyring, hashes, root
from tests.e2e.trust import PASSWORD, secret
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path

    from tests.profiles.security.pki import Authority


class Server:
    """The TLS settings of a CSMS, whose certificate may become another."""

    def __init__(self, folder: Path) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._file = folder / "server.pem"

    def show(self, authority: Authority) -> None:
        """From now on a certificate of this authority."""
        self._file.write_text(authority.serve("127.0.0.1"))
        self.context.load_cert_chain(self._file)


async def _reset(made: World) -> None:
    since = made.news
    assert (await made.call("Reset", type="OnIdle"))["status"] == "Accepted"
    await made.booted(since=since)


@pytest.mark.case("TC_M_09_CS", "TC_M_30_CS", "TC_M_31_CS", "TC_B_47_CS")
@pytest.mark.ocpp(
    "B10.FR.07", "M05.FR.09", "M05.FR.10", "M05.FR.11", "M05.FR.12", "M05.FR.13", "M05.FR.14", "M05.FR.15", "M05.FR.16"
)  # fmt: skip
async def test_a_chain_of_roots_is_followed_and_never_lost(tmp_path: Path) -> None:
    """TC_M_09, TC_M_31, TC_B_47 and TC_M_30, in this order."""
    old = root("Old")
    new = old.sub("New")
    (tmp_path / "ca.pem").write_text(old.pem)
    backend = (
        f'security_profile = 2\nca_file = "{tmp_path / "ca.pem"}"\nroot_check = true\n{secret(tmp_path, PASSWORD)}'
    )
    server = Server(tmp_path)
    server.show(old)
    settings = CsmsSettings(password=PASSWORD, tls=server.context)
    async with Csms(settings) as other, world(tmp_path, settings=settings, backend=backend) as made:
        keyring = Keyring(world=made)
        await made.impatient()
        assert (await made.get_variable("SecurityCtrlr", "AdditionalRootCertificateCheck"))["attributeValue"] == "true"

        assert await keyring.install(root("Stranger").pem) == "Rejected"  # TC_M_09
        assert await keyring.listed(CSMS) == [(CSMS, hashes(old))]

        assert await keyring.install(new.pem) == "Accepted"  # TC_M_31
        await _reset(made)
        found = await keyring.listed(CSMS)
        assert sorted(found, key=str) == sorted([(CSMS, hashes(old)), (CSMS, hashes(new, old))], key=str)

        assert await made.set_variable("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "1") == "Accepted"
        assert await keyring.profile(2, other.url, 2) == "Accepted"  # TC_B_47
        assert await keyring.order("2,1") == "Accepted"
        await _reset(made)
        assert other.received == []
        assert (CSMS, hashes(old)) in await keyring.listed(CSMS)
        assert await keyring.order("1") == "Accepted"

        server.show(new)  # TC_M_30
        await _reset(made)
        assert await keyring.listed(CSMS) == [(CSMS, hashes(new, old))]
        assert await keyring.delete(hashes(new, old)) == "Failed"  # the last one
