"""What the simulated station does when nobody answers, or when its power goes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.bench.ocpp_s import memory as store
from gateway.bench.ocpp_s.quirks import Quirk
from tests.gateway.bench.ocpp_s.conftest import living

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gateway.bench.ocpp_s.central import Central
    from tests.gateway.bench.ocpp_s.conftest import Bench

LIST = (
    "<c:updateType>Full</c:updateType><c:listVersion>1</c:listVersion>"
    "<c:localAuthorisationList><c:idTag>LOCAL</c:idTag>"
    "<c:idTagInfo><c:status>Accepted</c:status></c:idTagInfo></c:localAuthorisationList>"
)


async def test_offline_transaction_is_replayed_in_order_with_its_own_times(bench: Bench) -> None:
    assert await bench.command("SendLocalList", LIST) == "Accepted"
    await bench.station.link_down()
    await bench.station.plug_in(1)
    await bench.station.present_token(1, "local")
    await bench.until(lambda station: bool(station.ledger.transactions))
    await bench.clock.advance(125)
    await bench.station.plug_out(1)
    await bench.clock.advance(1000)
    before = len(bench.central.seen)
    await bench.station.link_up()
    await bench.settled()
    replayed = [item for item in bench.central.seen[before:] if item.operation != "statusNotification"]
    assert [item.operation for item in replayed] == [
        "startTransaction",
        "meterValues",
        "meterValues",
        "stopTransaction",
    ]
    assert [item.texts["timestamp"] for item in replayed] == [
        "2026-03-01T12:00:00.123Z",
        "2026-03-01T12:01:00.123Z",
        "2026-03-01T12:02:00.123Z",
        "2026-03-01T12:02:05.123Z",
    ]
    assert [item.texts["transactionId"] for item in replayed[1:]] == ["1", "1", "1"]
    assert bench.station.ledger.transactions[0].offline
    assert len([item for item in bench.central.seen[before:] if item.operation == "statusNotification"]) == 1


async def test_unknown_token_does_not_charge_offline(bench: Bench) -> None:
    await bench.station.link_down()
    await bench.station.plug_in(1)
    await bench.station.present_token(1, "STRANGER")
    await bench.clock.advance(10)
    assert bench.station.ledger.transactions == []


async def test_known_token_charges_offline_until_the_cache_is_cleared(bench: Bench) -> None:
    await bench.charge("KNOWN", 1)
    await bench.station.link_down()
    await bench.station.plug_in(2)
    await bench.station.present_token(2, "KNOWN")
    await bench.until(lambda station: len(station.ledger.transactions) == 2)
    await bench.station.link_up()
    await bench.settled()
    assert await bench.command("ClearCache") == "Accepted"
    await bench.station.plug_out(2)
    await bench.settled()
    await bench.station.link_down()
    await bench.station.plug_in(2)
    await bench.station.present_token(2, "KNOWN")
    await bench.clock.advance(10)
    assert len(bench.station.ledger.transactions) == 2


@pytest.mark.parametrize("operation", ["startTransaction", "stopTransaction"])
async def test_lost_answer_brings_the_same_message_again(bench: Bench, operation: str) -> None:
    bench.central.drop[operation] = 2
    await bench.station.plug_in(1)
    await bench.station.present_token(1, "AB12")
    await bench.tick_until(lambda station: bool(station.ledger.answered("StartTransaction")))
    await bench.station.plug_out(1)
    await bench.tick_until(lambda station: bool(station.ledger.answered("StopTransaction")))
    sent = bench.central.of(operation)
    assert len(sent) == 3
    assert len({item.xml for item in sent}) == 1


async def test_soap_fault_is_never_answered_by_a_repetition(bench: Bench) -> None:
    bench.central.fault.add("startTransaction")
    await bench.station.plug_in(1)
    await bench.station.present_token(1, "AB12")
    await bench.until(lambda station: any(item.outcome == "fault" for item in station.ledger.exchanges))
    await bench.clock.advance(120)
    await bench.station.plug_out(1)
    await bench.settled()
    assert len(bench.central.of("startTransaction")) == 1
    assert bench.central.last("stopTransaction").texts["transactionId"] == "-1"


async def test_central_system_away_and_back(central: Central) -> None:
    async with living(central) as bench:
        await bench.settled()
        await bench.charge()
        central.drop["meterValues"] = 1_000
        await bench.clock.advance(60)
        await bench.until(lambda station: not station.point.outlets.online)
        await bench.clock.advance(3)
        central.drop.clear()
        await bench.tick_until(lambda station: not station.backlog)
        assert {item.texts["timestamp"] for item in central.of("meterValues")} == {"2026-03-01T12:01:00.123Z"}


async def test_power_loss_ends_the_transaction_with_the_time_and_meter_of_the_loss(bench: Bench) -> None:
    await bench.charge()
    await bench.clock.advance(30)
    await bench.station.power_cycle()
    await bench.tick_until(lambda station: station.ledger.boots == 2 and station.is_accepted)
    await bench.settled()
    stop = bench.central.last("stopTransaction").texts
    assert stop["timestamp"] == "2026-03-01T12:00:30.123Z"
    assert stop["meterStop"] == "92"
    assert bench.central.order("statusNotification")[-2:] == ["bootNotification", "stopTransaction"]
    await bench.clock.advance(100)
    assert bench.station.connector(1).evse.register == pytest.approx(92)


async def test_forgetful_station_never_tells_the_end(central: Central) -> None:
    async with living(central, quirks=frozenset({Quirk.FORGET_ON_POWER_LOSS})) as bench:
        await bench.settled()
        await bench.charge()
        await bench.station.power_cycle()
        await bench.tick_until(lambda station: station.ledger.boots == 2 and station.is_accepted)
        await bench.settled()
        await bench.station.present_token(1, "AB12")
        await bench.central.until_seen("startTransaction", 2)
        assert central.of("stopTransaction") == []
        assert bench.station.ledger.transactions[0].forgotten


async def test_memory_in_a_file_outlives_the_process(central: Central, tmp_path: Path) -> None:
    path = tmp_path / "station.json"
    async with living(central, state_file=path) as bench:
        await bench.settled()
        await bench.charge()
        assert await bench.command("SendLocalList", LIST) == "Accepted"
        await bench.clock.advance(36)
    memory = await asyncio.to_thread(store.read_file, path)
    assert memory.sessions
    async with living(central, memory=memory, state_file=path) as bench:
        await bench.settled()
        stop = central.last("stopTransaction").texts
        assert (stop["transactionId"], stop["timestamp"]) == ("1", "2026-03-01T12:00:36.123Z")
        assert bench.station.connector(1).evse.register == pytest.approx(110.4)
        assert bench.station.point.outlets.memory.list_version == 1
