"""Which authorities a way goes by: those of the site file, what the CSMS has made of them, and the former ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.access.site_access import DOWNGRADE, PRIORITY, ROOT_CHECK, SECURITY_PROFILE, WILDCARDS, SiteAccess, SiteWay
from gateway.link.peer_name import NamedPeer
from gateway.link.target import Target
from gateway.model import network as net
from gateway.model.credentials import CSMS_ROOT
from gateway.model.trust import ROOTS, KeptRoots, fingerprint, trust_of
from profiles.security import SecurityProfile
from tests.fakes.box import ID, Box
from tests.profiles.opened import opened_with
from tests.profiles.security.pki import Authority

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.link.route import Candidate

URL = "wss://one.example.com/ocpp"
NEW_ROOT = f"{CSMS_ROOT}new.pem"


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with opened_with(SecurityProfile, tmp_path) as (opened, _):
        opened.member.installation = replace(opened.member.installation, root_check=True, security_profile=2)
        opened.member.device = None
        await opened.sent()
        yield opened


@pytest.fixture
def old() -> Authority:
    return Authority.root("Old")


@pytest.fixture
async def new(box: Box, old: Authority) -> Authority:
    """A root certificate that has taken the old one's place, and has not worked yet."""
    authority = old.sub("New")
    kept = KeptRoots(site=fingerprint(old.pem), gone=(fingerprint(old.pem),), before=old.pem, issuer=old.pem)
    await box.hub.vault.keep(ID, {NEW_ROOT: authority.pem, ROOTS: kept.text()})
    return authority


@pytest.fixture
def own(box: Box, old: Authority, tmp_path: Path) -> SiteAccess:
    file = tmp_path / "ca.pem"
    file.write_text(old.pem)
    target = Target(identity=ID, url=URL, password="site-password-0123", security_profile=2)
    return SiteAccess({ID: SiteWay(target=target, ca_file=file)}, box.hub.vault, box.hub)


async def ways(access: SiteAccess) -> list[Candidate]:
    return list((await access.candidates(ID)).ways)


def names(tls: ssl.SSLContext | None) -> set[object]:
    """The common names of who is trusted."""
    assert tls is not None
    found = tls.get_ca_certs()
    return {dict(part[0] for part in each["subject"])["commonName"] for each in found}  # type: ignore[misc]  # its value is a tuple of pairs


async def test_with_the_check_only_the_site_files_root_counts_at_first(box: Box, own: SiteAccess) -> None:
    assert box.hub.setting(ID, ROOT_CHECK) == "true"
    (way,) = await ways(own)
    assert names(way.tls) == {"Old"}
    assert way.former is None


@pytest.mark.usefixtures("new")
@pytest.mark.ocpp("M05.FR.14", "M05.FR.15", "M05.FR.16")
async def test_the_former_root_counts_where_the_station_was_and_not_where_it_goes(box: Box, own: SiteAccess) -> None:
    wire = {"ocppCsmsUrl": "wss://two.example.com", "securityProfile": 2, "messageTimeout": 30}
    await box.hub.shelf(net.SHELF).keep(ID, {net.document(2): wire})
    await box.hub.note_variable(ID, PRIORITY, "2,1")
    away, home = await ways(own)
    assert (away.slot, home.slot) == (2, 1)
    assert (names(away.tls), away.former) == ({"New"}, None)
    assert (names(home.tls), names(home.former)) == ({"New"}, {"Old"})


@pytest.mark.usefixtures("new")
@pytest.mark.ocpp("M05.FR.13")
async def test_the_former_root_goes_once_the_new_one_has_worked(box: Box, own: SiteAccess, old: Authority) -> None:
    (way,) = await ways(own)
    await own.connected(ID, replace(way, by_former=True))
    assert trust_of(await box.hub.vault.documents(ID), old.pem).kept.before == old.pem
    await own.connected(ID, way)
    assert trust_of(await box.hub.vault.documents(ID), old.pem).kept.before == ""
    (way,) = await ways(own)
    assert (names(way.tls), way.former) == ({"New"}, None)


@pytest.mark.usefixtures("new")
async def test_roots_that_the_technician_changes_count(own: SiteAccess, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(Authority.root("Of the technician").pem)
    (way,) = await ways(own)
    assert names(way.tls) == {"New", "Of the technician"}


async def test_a_document_that_somebody_has_edited_is_none(own: SiteAccess, box: Box) -> None:
    await box.hub.vault.keep(ID, {ROOTS: "{"})
    (way,) = await ways(own)
    assert names(way.tls) == {"Old"}


async def test_patterns_are_allowed_by_the_variable(own: SiteAccess, box: Box) -> None:
    (way,) = await ways(own)
    assert way.tls is not None
    assert way.tls.sslobject_class is NamedPeer
    await box.hub.note_variable(ID, WILDCARDS, "true")
    (way,) = await ways(own)
    assert way.tls is not None
    assert way.tls.sslobject_class is not NamedPeer


@pytest.mark.ocpp("A00.FR.005")
async def test_only_from_3_to_2_a_station_may_be_lowered(box: Box, own: SiteAccess) -> None:
    state = net.NetworkState(
        floor=3, active=1, site=net.NetworkProfile(slot=1, url=URL, security_profile=2).fingerprint
    )
    await box.hub.shelf(net.SHELF).keep(ID, {net.STATE: state.to_json()})
    await box.hub.note_variable(ID, SECURITY_PROFILE, "3")
    low = net.NetworkProfile(slot=2, url="ws://x", security_profile=1)
    tls = net.NetworkProfile(slot=1, url=URL, security_profile=2)
    known = {1: tls, 2: low}
    assert net.order_of(known, (2, 1), state, downgrade=True) == (tls,)
    (way,) = await ways(own)
    await box.hub.note_variable(ID, DOWNGRADE, "true")
    await own.connected(ID, way)
    assert box.hub.setting(ID, SECURITY_PROFILE) == "2"
    kept = await box.hub.shelf(net.SHELF).documents(ID)
    assert kept[net.STATE]["floor"] == 2
