"""Reports that come twice, late, or for transactions that the box has never seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.bench.ocpp_s.messages import stamp
from gateway.bench.ocpp_s.quirks import Quirk
from tests.e2e.plan import TOKEN, Plan
from tests.e2e.truth import assert_all_whole, assert_start, registers, when
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from tests.e2e.visitor import Visitor

SAME = "urn:uuid:6f1f3f0e-0000-4000-8000-000000000001"


def ago(seconds: float) -> str:
    """A stamp as stations write it."""
    return stamp(datetime.now(UTC) - timedelta(seconds=seconds))


def reading(at: str, wh: int, context: str = "Sample.Periodic") -> dict[str, Any]:
    value = {"$": str(wh), "@measurand": "Energy.Active.Import.Register", "@unit": "Wh", "@context": context}
    return {"timestamp": at, "value": [value]}


async def start(visitor: Visitor, at: str, token: str = TOKEN, meter: int = 1000, connector: int = 1) -> int:
    answer = await visitor.say("StartTransaction", connectorId=connector, idTag=token, timestamp=at, meterStart=meter)
    return answer.number("transactionId")


async def stop(visitor: Visitor, number: int, at: str, meter: int = 1500, token: str | None = TOKEN) -> None:
    answer = await visitor.say("StopTransaction", transactionId=number, idTag=token, timestamp=at, meterStop=meter)
    assert answer.name == "stopTransactionResponse"


@pytest.mark.parametrize("kill", [False, True])
async def test_start_repeated_is_one_transaction(one: World, *, kill: bool) -> None:
    """Its answer was lost: the station says the same once more, to the same box or to one that was started anew."""
    at = ago(3)
    first = await start(one.station, at)
    if kill:
        one.box.kill()
        await one.box.gone()
        await one.box.start()
        await one.answered()
    assert await start(one.station, at) == first
    await stop(one.station, first, ago(1))
    assert await start(one.station, at) == first  # and once more after its end
    await one.delivered(1)
    await one.settled()
    assert len(one.held()) == 1
    assert [e["eventType"] for e in one.held()[0].events] == ["Started", "Ended"]
    # A box that was killed before the backend's answer had come cannot know of it, and says the very same once more.
    assert [e for e in one.held()[0].duplicates if not kill or e not in one.held()[0].events] == []


async def test_meter_values_repeated_are_one_event(one: World) -> None:
    number = await start(one.station, ago(5))
    values = reading(ago(3), 1200)
    for _ in range(2):
        await one.station.say("MeterValues", SAME, connectorId=1, transactionId=number, values=[values])
    await one.station.say("MeterValues", connectorId=1, transactionId=number, values=[reading(ago(2), 1300)])
    await stop(one.station, number, ago(1))
    await one.delivered(1)
    updates = [e for e in one.held()[0].events if e["eventType"] == "Updated"]
    assert [registers(e)[0][1] for e in updates] == [1200, 1300]


async def test_stop_repeated_is_told_once_and_the_first_holds(one: World) -> None:
    number = await start(one.station, ago(5))
    at = ago(2)
    await stop(one.station, number, at, 1500)
    await stop(one.station, number, at, 1500)
    await stop(one.station, number, ago(1), 1999)
    await one.delivered(1)
    await one.settled()
    held = one.held()
    assert len(held) == 1
    assert [e["eventType"] for e in held[0].events] == ["Started", "Ended"]
    assert registers(held[0].events[-1])[-1][1] == 1500
    await one.box.logged("stopped again", "1999")


async def test_stop_of_a_transaction_that_the_box_never_saw_started(one: World) -> None:
    """The box was put before a station that was charging: the backend gets the whole of it."""
    begin, end = ago(600), ago(1)
    first, last = reading(begin, 700, "Transaction.Begin"), reading(end, 1500, "Transaction.End")
    data = {"values": [first, reading(ago(300), 900), last]}
    for _ in range(2):
        await one.station.say(
            "StopTransaction", transactionId=815, idTag=TOKEN, timestamp=end, meterStop=1500, transactionData=data
        )
    await one.delivered(1)
    await one.settled()
    (record,) = one.held()
    started, ended = record.events
    assert (started["eventType"], ended["eventType"]) == ("Started", "Ended")
    assert started["idToken"]["idToken"] == TOKEN
    assert started["offline"]
    assert when(started["timestamp"]) == when(begin)
    assert when(ended["timestamp"]) == when(end)
    assert [wh for _, wh in registers(ended)] == [700, 900, 1500]


async def test_stop_without_a_usable_number_means_the_only_open_one(one: World) -> None:
    await start(one.station, ago(5))
    await stop(one.station, -1, ago(1))
    await stop(one.station, -1, ago(1))
    await one.delivered(1)
    await one.settled()
    assert [e["eventType"] for e in one.held()[0].events] == ["Started", "Ended"]


async def test_readings_with_transaction_id_zero_belong_to_what_runs_there(tmp_path: Path) -> None:
    async with world(tmp_path, Plan(quirks=frozenset({Quirk.ZERO_TRANSACTION}))) as made:
        await made.whole_session(samples=3)
        await made.delivered()
        assert assert_all_whole(made) == 0
        assert made.csms.of("MeterValues") == []


async def test_power_loss_without_a_stop(tmp_path: Path) -> None:
    """The station forgets the transaction; the next start on the connector tells that it is over."""
    async with world(tmp_path, Plan(quirks=frozenset({Quirk.FORGET_ON_POWER_LOSS}))) as made:
        lost = await made.station.charge(TOKEN, samples=3)
        await made.until(lambda: len(made.held()[0].events) >= 4 if made.held() else False)
        told = list(lost.samples[:3])
        await made.station.sim.power_cycle()
        assert lost.forgotten
        await made.station.told_all()
        await made.station.sim.present_token(1, TOKEN)  # the car has stayed
        await made.until(lambda: len(made.held()) == 2)
        first, second = made.held()
        await made.until(lambda: first.is_ended)
        assert_start(lost, first.events[0])
        ended = first.events[-1]
        assert ended["transactionInfo"]["stoppedReason"] == "PowerLoss"
        assert registers(ended)[-1] == (lost.samples[-1][0], lost.samples[-1][1])
        assert [registers(e)[0] for e in first.events[1:4]] == told
        assert second.events[0]["eventType"] == "Started"
        assert first.missing == []


async def test_station_that_charges_on_though_its_token_is_invalid(tmp_path: Path) -> None:
    """The box stops it, as the backend said no."""
    async with world(tmp_path, Plan(quirks=frozenset({Quirk.CHARGE_ON_INVALID}))) as made:
        no = {"idTokenInfo": {"status": "Invalid"}}
        made.csms.override("TransactionEvent", lambda r: no if r.payload["eventType"] == "Started" else None)
        await made.station.charge(TOKEN, samples=0)
        await made.delivered(1)
        assert made.station.last.reason == "Remote"
        ended = made.held()[0].events[-1]
        assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("Deauthorized", "DeAuthorized")


@pytest.mark.parametrize(
    "quirks",
    [{Quirk.SOAP_11, Quirk.OMIT_ZERO, Quirk.CHUNKED}, {Quirk.OLD_ADDRESSING, Quirk.HEADER_CASE, Quirk.ELEMENT_ORDER},
     {Quirk.PREFIX, Quirk.BOM, Quirk.QUALIFIED_ATTRIBUTES, Quirk.EMPTY_OPTIONALS},
     {Quirk.NO_ACTION, Quirk.PLAIN_MESSAGE_ID, Quirk.NAIVE_TIME}, {Quirk.NO_MESSAGE_ID, Quirk.TEXT_FROM},
     {Quirk.NO_RESPONSE_HEADER}],
    ids=lambda quirks: "+".join(sorted(quirks)),
)  # fmt: skip
async def test_crooked_stations_have_whole_sessions_and_can_be_commanded(tmp_path: Path, quirks: set[Quirk]) -> None:
    async with world(tmp_path, Plan(quirks=frozenset(quirks))) as made:
        truth = await made.station.charge(TOKEN, samples=2)
        await made.heard("TransactionEvent", eventType="Updated")
        answer = await made.call("RequestStopTransaction", transactionId=made.held()[0].transaction_id)
        assert answer["status"] == "Accepted"
        await made.delivered()
        assert truth.reason == "Remote"
        assert assert_all_whole(made) == 0
