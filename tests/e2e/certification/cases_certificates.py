"""Cases of root certificates and network profiles, each as a function of its name (Part 6, TC_A, TC_B and TC_M)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.certification.keyring import CSMS, MANUFACTURER, hashes, root

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.e2e.certification.keyring import Keyring

    Case = Callable[[Keyring], Awaitable[None]]

NOBODY = "wss://127.0.0.1:9/ocpp"


@pytest.mark.ocpp("M05.FR.01", "M05.FR.02")
async def tc_m_01_cs(keyring: Keyring) -> None:
    one = root("Root 1")
    assert await keyring.install(one.pem) == "Accepted"
    assert await keyring.listed(CSMS) == [(CSMS, hashes(one))]


@pytest.mark.ocpp("M05.FR.01", "M05.FR.02")
async def tc_m_02_cs(keyring: Keyring) -> None:
    maker = root("Maker")
    assert await keyring.install(maker.pem, MANUFACTURER) == "Accepted"
    assert await keyring.listed(MANUFACTURER) == [(MANUFACTURER, hashes(maker))]


@pytest.mark.ocpp("M05.FR.07")
async def tc_m_07_cs(keyring: Keyring) -> None:
    one = root("Root 1")
    assert await keyring.install(one.pem) == "Accepted"
    assert await keyring.install(root("Expired", end=-1).pem) == "Rejected"
    assert await keyring.listed(CSMS) == [(CSMS, hashes(one))]


@pytest.mark.ocpp("M03.FR.01", "M03.FR.03", "M03.FR.04")
async def tc_m_12_cs(keyring: Keyring) -> None:
    roots = [root("Root 1"), root("Root 2")]
    for each in roots:
        await keyring.install(each.pem)
    await keyring.install(root("Maker").pem, MANUFACTURER)
    found = await keyring.listed(CSMS)
    assert len(found) == len(roots)
    assert all((CSMS, hashes(each)) in found for each in roots)


@pytest.mark.ocpp("M03.FR.01", "M03.FR.03", "M03.FR.04")
async def tc_m_13_cs(keyring: Keyring) -> None:
    await keyring.install(root("Root 1").pem)
    maker = root("Maker")
    await keyring.install(maker.pem, MANUFACTURER)
    assert await keyring.listed(MANUFACTURER) == [(MANUFACTURER, hashes(maker))]


async def _both(keyring: Keyring, *uses: str) -> None:
    one, maker = root("Root 1"), root("Maker")
    await keyring.install(one.pem)
    await keyring.install(maker.pem, MANUFACTURER)
    found = await keyring.listed(*uses)
    assert sorted(use for use, _ in found) == [CSMS, MANUFACTURER]
    assert (CSMS, hashes(one)) in found
    assert (MANUFACTURER, hashes(maker)) in found


@pytest.mark.ocpp("M03.FR.01", "M03.FR.03", "M03.FR.04")
async def tc_m_17_cs(keyring: Keyring) -> None:
    await _both(keyring, CSMS, MANUFACTURER)


@pytest.mark.ocpp("M03.FR.01", "M03.FR.03", "M03.FR.04")
async def tc_m_18_cs(keyring: Keyring) -> None:
    await _both(keyring)


@pytest.mark.ocpp("M03.FR.01", "M03.FR.02")
async def tc_m_19_cs(keyring: Keyring) -> None:
    await keyring.install(root("Root 1").pem)
    assert await keyring.listed("MORootCertificate") == []


@pytest.mark.ocpp("M04.FR.01", "M04.FR.02")
async def tc_m_20_cs(keyring: Keyring) -> None:
    await keyring.install(root("Root 1").pem)
    ((_, data),) = await keyring.listed(CSMS)
    assert await keyring.delete(data) == "Accepted"
    assert await keyring.listed(CSMS) == []


@pytest.mark.ocpp("M04.FR.01", "M04.FR.04")
async def tc_m_22_cs(keyring: Keyring) -> None:
    one = root("Root 1")
    await keyring.install(one.pem)
    assert await keyring.delete(hashes(root("Unknown"))) == "NotFound"
    assert await keyring.listed(CSMS) == [(CSMS, hashes(one))]


@pytest.mark.ocpp("B09.FR.02", "B09.FR.05")
async def tc_b_43_cs(keyring: Keyring) -> None:
    assert await keyring.profile(999, "ws://127.0.0.1:9/ocpp", 1) == "Rejected"


@pytest.mark.ocpp("A05.FR.02")
async def tc_a_20_cs(keyring: Keyring) -> None:
    assert await keyring.listed(CSMS) == []
    assert await keyring.profile(2, NOBODY, 2) == "Accepted"
    assert await keyring.order("2,1") == "Rejected"


@pytest.mark.ocpp("A05.FR.03")
async def tc_a_21_cs(keyring: Keyring) -> None:
    await keyring.install(root("Root 1").pem)
    assert await keyring.profile(2, NOBODY, 3) == "Accepted"
    assert await keyring.order("2,1") == "Rejected"


CASES: dict[str, Case] = {
    case.__name__.upper(): case
    for case in (
        tc_a_20_cs, tc_a_21_cs, tc_b_43_cs, tc_m_01_cs, tc_m_02_cs, tc_m_07_cs, tc_m_12_cs, tc_m_13_cs, tc_m_17_cs,
        tc_m_18_cs, tc_m_19_cs, tc_m_20_cs, tc_m_22_cs,
    )
}  # fmt: skip
"""By id."""
