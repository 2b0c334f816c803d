"""What is left after the box was off (K01.FR.27)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model import events as ev
from gateway.model.commands import SetLimit
from gateway.model.errors import GatewayError
from tests.fakes.box import ID, RFID
from tests.profiles.smart_charging.rig import opened, profile

if TYPE_CHECKING:
    from pathlib import Path

    from tests.profiles.smart_charging.rig import Rig

TX = {"chargingProfilePurpose": "TxProfile"}


@pytest.mark.ocpp("K01.FR.27")
async def test_profiles_stay_and_count_again(tmp_path: Path) -> None:
    """TC_K_13."""
    async with opened(tmp_path) as rig:
        await rig.accept(0, profile((0, 6.0)))
        await rig.accept(1, profile((0, 8.0), id=2, stackLevel=1))
        await rig.impose(7.0, 2)
        await rig.until({1: 8.0, 2: 6.0})
    async with opened(tmp_path, arrive=False) as rig:
        await rig.until({1: 8.0, 2: 6.0})
        assert await rig.ids() == [1, 2]
        assert [(r["evseId"], r["chargingProfile"][0]["id"]) for r in await rig.reports()] == [(0, 1), (1, 2)]


@pytest.mark.ocpp("K02.FR.05")
async def test_the_profile_of_a_transaction_stays_with_it_and_goes_with_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as rig:
        running = await rig.begin()
        await rig.accept(1, profile((0, 8.0), (100, 9.0), chargingProfileKind="Relative", transactionId=running, **TX))
        await rig.until({1: 8.0})
        clock = rig.box.clock
        number = rig.box.state.transactions[0].number
        clock.pass_(seconds=40)
    async with opened(tmp_path, arrive=False, clock=clock) as rig:
        await rig.until({1: 8.0})
        assert await rig.composite() == [(0, 8.0), (60, 9.0)]
    async with opened(tmp_path, arrive=False, governing=False, clock=clock) as rig:
        # It ends while nobody looks after limits; the station still has the last one.
        await rig.box.end(number)
    async with opened(tmp_path, arrive=False, clock=clock) as rig:
        await rig.until({1: None})
        assert await rig.ids() == []


async def test_the_profile_of_a_start_waits_for_its_transaction(tmp_path: Path) -> None:
    async with opened(tmp_path) as rig:
        token = {"idToken": RFID.value, "type": "ISO14443"}
        payload = {"idToken": token, "remoteStartId": 9, "evseId": 1, "chargingProfile": profile((0, 9.0), **TX)}
        await rig.box.call("RequestStartTransaction", payload)
    async with opened(tmp_path, arrive=False) as rig:
        await rig.begin()
        await rig.until({1: 9.0})


async def test_a_station_without_a_limit_is_left_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as rig:
        await rig.accept(1, profile((0, 8.0)))
        await rig.until({1: 8.0})
        await rig.clear(id_=1)
        await rig.until({1: None})
        await rig.impose(10.0, 2)
        await rig.until({1: None, 2: 10.0})
        await rig.impose(None, 2)
        await rig.until({1: None, 2: None})
        await rig.box.settled()
    async with opened(tmp_path) as rig:
        await rig.accept(1, profile((0, 8.0)))
        await rig.until({1: 8.0})
        assert len(rig.box.adapter.asked(SetLimit)) == 1


async def test_a_limit_that_could_not_be_taken_back_is_so_later(tmp_path: Path) -> None:
    async with opened(tmp_path) as rig:
        await rig.accept(1, profile((0, 8.0)))
        await rig.until({1: 8.0})
        await rig.box.hub.publish(ev.StationLost(station=ID, at=rig.box.clock.now()))
        assert await rig.clear(id_=1) == "Accepted"
    async with opened(tmp_path) as rig:
        await rig.until({1: None})


async def test_what_cannot_be_written_is_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    await rig.accept(1, profile((0, 8.0)))

    async def full(*_: object) -> None:
        raise GatewayError("storage-failed")

    with monkeypatch.context() as patch:
        patch.setattr(rig.box.storage.writer, "commit", full)
        assert await rig.refusal(1, profile((0, 9.0))) == "InternalError"
        assert await rig.composite() == [(0, 8.0)]
    await rig.accept(1, profile((0, 10.0)))
    await rig.until({1: 10.0})
