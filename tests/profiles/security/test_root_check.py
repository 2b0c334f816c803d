"""Root certificates of the CSMS that take the place of one another: AdditionalRootCertificateCheck, M05.FR.09-12."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.model.credentials import CSMS_ROOT
from gateway.model.trust import ROOTS, trust_of
from tests.fakes.box import ID, Box
from tests.profiles.security.pki import Authority
from tests.profiles.security.test_trust_store import (
    CSMS,
    LEVEL,
    MANUFACTURER,
    delete,
    entries,
    give_roots,
    install,
    listed,
)


@pytest.fixture
async def old(box: Box) -> Authority:
    """The authority of the site file."""
    root = Authority.root("Old")
    give_roots(box, root.pem, check=True)
    await box.hub.note_variable(ID, LEVEL, "2")
    return root


async def trusted(box: Box) -> str:
    """What a connection goes by."""
    documents = await box.hub.vault.documents(ID)
    return trust_of(documents, box.member.installation.roots).text.strip()


async def former(box: Box) -> str:
    """What it goes by if that fails."""
    documents = await box.hub.vault.documents(ID)
    return trust_of(documents, box.member.installation.roots).kept.before.strip()


async def worked(box: Box) -> None:
    """The new root certificate has verified the CSMS."""
    documents = await box.hub.vault.documents(ID)
    kept = trust_of(documents, box.member.installation.roots).kept
    await box.hub.vault.keep(ID, {ROOTS: replace(kept, before="").text()})


@pytest.mark.ocpp("M05.FR.09", "M05.FR.10", "M05.FR.12")
async def test_a_new_root_replaces_the_old_one_which_stays_as_fallback(box: Box, old: Authority) -> None:
    new = old.sub("New")
    assert await install(box, new.pem) == "Accepted"
    assert await trusted(box) == new.pem.strip()
    assert await former(box) == old.pem.strip()
    assert box.backend.reconnects == [True]  # with the next boot
    serials = {each["certificateHashData"]["serialNumber"] for each in await listed(box, CSMS)}
    assert serials == {f"{each.certificate.serial_number:x}" for each in (old, new)}
    assert entries(box) == "2"
    await worked(box)
    newer = new.sub("Newer")
    assert await install(box, newer.pem) == "Accepted"
    assert (await trusted(box), await former(box)) == (newer.pem.strip(), new.pem.strip())
    assert len([name for name in await box.hub.vault.documents(ID) if name.startswith(CSMS_ROOT)]) == 1


@pytest.mark.ocpp("M05.FR.10", "M05.FR.11")
async def test_a_root_that_the_old_one_has_not_signed_is_refused(box: Box, old: Authority) -> None:
    before = await listed(box, CSMS)
    for stranger in (Authority.root("Stranger"), Authority.root("Old").sub("New"), old.sub("Leaf", authority=False)):
        assert await install(box, stranger.pem) == "Rejected"
    assert await listed(box, CSMS) == before
    assert (await trusted(box), await former(box)) == (old.pem.strip(), "")
    assert box.backend.reconnects == []


@pytest.mark.ocpp("M05.FR.09")
async def test_a_root_that_has_never_worked_is_no_fallback(box: Box, old: Authority) -> None:
    await install(box, old.sub("Wrong").pem)
    right = old.sub("Right")
    assert await install(box, right.pem) == "Accepted"
    assert (await trusted(box), await former(box)) == (right.pem.strip(), old.pem.strip())
    assert len(await listed(box, CSMS)) == 2


async def test_the_same_root_once_more_changes_nothing(box: Box, old: Authority) -> None:
    assert await install(box, old.pem) == "Accepted"
    assert (await trusted(box), await former(box)) == (old.pem.strip(), "")


async def test_roots_of_firmware_are_none_of_the_csms(box: Box, old: Authority) -> None:
    assert await install(box, Authority.root("Maker").pem, MANUFACTURER) == "Accepted"
    assert await trusted(box) == old.pem.strip()


@pytest.mark.ocpp("M04.FR.02")
async def test_without_the_new_root_the_old_one_counts_again(box: Box, old: Authority) -> None:
    new = old.sub("New")
    await install(box, new.pem)
    of_new = next(
        each
        for each in await listed(box, CSMS)
        if each["certificateHashData"]["serialNumber"] == f"{new.certificate.serial_number:x}"
    )
    assert await delete(box, of_new) == "Accepted"
    assert (await trusted(box), await former(box)) == (old.pem.strip(), "")
    (left,) = await listed(box, CSMS)
    assert await delete(box, left) == "Failed"


async def test_the_fallback_may_go_first(box: Box, old: Authority) -> None:
    new = old.sub("New")
    await install(box, new.pem)
    of_old = next(
        each
        for each in await listed(box, CSMS)
        if each["certificateHashData"]["serialNumber"] == f"{old.certificate.serial_number:x}"
    )
    assert await delete(box, of_old) == "Accepted"
    assert (await trusted(box), await former(box)) == (new.pem.strip(), "")
    assert entries(box) == "1"


async def test_the_first_root_of_all_needs_no_signer(box: Box) -> None:
    give_roots(box, "", check=True)
    root = Authority.root()
    assert await install(box, root.pem) == "Accepted"
    assert (await trusted(box), await former(box)) == (root.pem.strip(), "")
