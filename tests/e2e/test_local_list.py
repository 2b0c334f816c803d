"""SendLocalList and GetLocalListVersion: the box's list counts, and the station has a copy of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.plan import TOKEN
from tests.e2e.truth import assert_all_whole

if TYPE_CHECKING:
    from tests.e2e.world import World

OTHER = "DEADBEEF"


def entry(token: str, status: str = "Accepted") -> dict[str, Any]:
    return {"idToken": {"idToken": token, "type": "ISO14443"}, "idTokenInfo": {"status": status}}


async def send(world: World, version: int, kind: str, *entries: dict[str, Any]) -> str:
    content: dict[str, Any] = {"localAuthorizationList": list(entries)} if entries else {}
    answer = await world.call("SendLocalList", versionNumber=version, updateType=kind, **content)
    return str(answer["status"])


@pytest.mark.ocpp("D01.FR.04", "D01.FR.15", "D01.FR.16", "D01.FR.17", "D01.FR.19", "D02.FR.01", "D02.FR.02")
async def test_list_and_its_copy_at_the_station(one: World) -> None:
    memory = one.station.sim.point.outlets.memory
    assert await one.call("GetLocalListVersion") == {"versionNumber": 0}
    assert await send(one, 3, "Full", entry(TOKEN), entry(OTHER, "Blocked")) == "Accepted"
    assert await one.call("GetLocalListVersion") == {"versionNumber": 3}
    await one.station.until(lambda _: len(memory.local_list) == 2)
    assert {key: info.status for key, info in memory.local_list.items()} == {
        TOKEN.casefold(): "Accepted",
        OTHER.casefold(): "Blocked",
    }
    assert await send(one, 3, "Differential", entry("AA000001")) == "VersionMismatch"
    gone = {"idToken": {"idToken": OTHER, "type": "ISO14443"}}
    assert await send(one, 4, "Differential", gone, entry("AA000001")) == "Accepted"
    await one.station.until(lambda _: set(memory.local_list) == {TOKEN.casefold(), "aa000001"})
    assert await one.call("GetLocalListVersion") == {"versionNumber": 4}
    assert await send(one, 5, "Full") == "Accepted"
    await one.station.until(lambda _: memory.local_list == {})


@pytest.mark.ocpp("D01.FR.10", "C13.FR.05")
async def test_list_authorizes_without_the_backend_and_outlives_a_kill(one: World) -> None:
    await one.impatient()
    assert await send(one, 1, "Full", entry(TOKEN), entry(OTHER, "Blocked")) == "Accepted"
    await one.csms.go_down()
    one.box.kill()
    await one.box.gone()
    await one.box.start()
    await one.answered()
    one.station.sim.point.outlets.memory.local_list.clear()
    await one.station.sim.plug_in(1)
    await one.station.present(OTHER)
    await one.station.told_all()
    assert one.station.ledger.transactions == []
    await one.station.present(TOKEN)
    await one.station.until(lambda _: len(one.station.ledger.transactions) == 1)
    await one.station.sim.plug_out(1)
    await one.station.told_all()
    await one.back()
    await one.delivered()
    assert await one.call("GetLocalListVersion") == {"versionNumber": 1}
    assert assert_all_whole(one) == 0


@pytest.mark.case("TC_D_10_CS")
@pytest.mark.ocpp("D02.FR.03")
async def test_disabled_list_has_no_version(one: World) -> None:
    assert await send(one, 2, "Full", entry(TOKEN)) == "Accepted"
    assert await one.set_variable("LocalAuthListCtrlr", "Enabled", "false") == "Accepted"
    assert await one.call("GetLocalListVersion") == {"versionNumber": 0}
    assert await send(one, 3, "Full", entry(TOKEN)) == "Failed"
