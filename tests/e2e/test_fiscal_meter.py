"""Transactions that a meter of the box signs: from the meter's registers to a signature that the backend verifies."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.certification.watcher import Watcher, of
from tests.e2e.pair import pair
from tests.e2e.plan import TOKEN
from tests.e2e.raw16 import now, raw_scene
from tests.fakes.signing_meter import SigningMeter, metered, read_record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.pair import Pair, Side

METER = """
[[sensor]]
name = "meter {station}"
kind = "modbus"
family = "iskra-wm3m4"
connection = {{ tcp = "127.0.0.1:{port}" }}
component = "FiscalMetering"
variable = "EnergyImportRegister"
point = "energy_total"
station = "{station}"
evse = 1
"""
SOAP, FAMILY, RAW = "AT-E2E-0001", "FAM-heidelberg-ec", "AT-E2E-0017"
SIGN, KEYS = {"name": "SampledDataCtrlr"}, {"name": "OCPPCommCtrlr"}


def signed(event: Payload) -> list[tuple[str, Payload]]:
    """Context and ``signedMeterValue`` of each value of an event that is signed."""
    values = [value for each in event.get("meterValue", []) for value in each["sampledValue"]]
    return [(value["context"], value["signedMeterValue"]) for value in values if "signedMeterValue" in value]


def told(record: dict[str, Any]) -> list[tuple[str, float]]:
    """What an OCMF record says of the transaction."""
    return [(each["TX"], each["RV"]) for each in record["RD"]]


@asynccontextmanager
async def both_metered(folder: Path, *meters: SigningMeter) -> AsyncIterator[Pair]:
    """An OCPP 1.5 station and a wallbox, each with a meter."""
    one, other = meters
    async with metered(one) as first, metered(other) as second:
        more = METER.format(port=first, station=SOAP) + METER.format(port=second, station=FAMILY)
        async with pair(folder, more=more) as both:
            for side in both.sides:
                await _sees_meter(Watcher(both=both, side=side))
            yield both


async def _sees_meter(watcher: Watcher) -> None:
    """Wait until the box has read the meter."""
    async with asyncio.timeout(20):
        while True:
            where = {"name": "FiscalMetering", "evse": {"id": 1}}
            if (await watcher.side.value(where, "EnergyImportRegister")).get("attributeValue"):
                return


async def _charged(both: Pair, side: Side, meter: SigningMeter) -> tuple[Payload, Payload]:
    """Begin and end of a charge."""
    since = both.world.news
    if side.kind == "family":
        await both.stand.sim.plug_in(1)
    else:
        await both.world.station.sim.plug_in(1)
    asked = {"idToken": {"idToken": TOKEN, "type": "ISO14443"}, "remoteStartId": 1, "evseId": 1}
    assert (await side.call("RequestStartTransaction", **asked))["status"] == "Accepted"
    begun = await side.heard("TransactionEvent", since, eventType="Started")
    meter.wh += 5000
    id_ = begun["transactionInfo"]["transactionId"]
    assert (await side.call("RequestStopTransaction", transactionId=id_))["status"] == "Accepted"
    return begun, await side.heard("TransactionEvent", since, eventType="Ended")


@pytest.mark.ocpp("E02.FR.14", "J02.FR.21")
@pytest.mark.parametrize("which", [0, 1], ids=["ocpp15", "family"])
async def test_begin_and_end_are_signed_whoever_runs_the_transaction(tmp_path: Path, which: int) -> None:
    meters = SigningMeter(), SigningMeter()
    async with both_metered(tmp_path, *meters) as both:
        side = both.sides[which]
        begun, ended = await _charged(both, side, meters[which])

        ((context, first),) = signed(begun)
        key = first["publicKey"]
        assert context == "Transaction.Begin"
        record = read_record(first)
        assert (record["ID"], record["CI"]) == (TOKEN, f"{side.identity} 1")
        assert told(record) == [("B", 1.0)]
        found = signed(ended)
        assert [context for context, _ in found] == ["Transaction.Begin", "Transaction.End"]
        assert {value["publicKey"] for _, value in found} == {""}  # it was told with the begin
        assert found[0][1]["signedMeterData"] == first["signedMeterData"]
        assert told(read_record(found[1][1], key)) == [("B", 1.0), ("E", 6.0)]
        assert meters[which].commands == ["begin", "end"]
        assert meters[1 - which].commands == []


async def test_the_backend_decides_on_signatures_and_keys(tmp_path: Path) -> None:
    meters = SigningMeter(), SigningMeter()
    async with both_metered(tmp_path, *meters) as both:
        side = both.sides[1]
        assert (await side.value(SIGN, "SignReadings"))["attributeValue"] == "true"
        assert "attributeValue" not in await side.value({"name": "AlignedDataCtrlr"}, "SignReadings")
        assert await side.set(KEYS, "PublicKeyWithSignedMeterValue", "EveryMeterValue") == "Accepted"
        begun, ended = await _charged(both, side, meters[1])
        assert all(value["publicKey"] for event in (begun, ended) for _, value in signed(event))
        assert await side.set(SIGN, "SignReadings", "false") == "Accepted"
        await both.stand.sim.plug_out(1)
        begun, ended = await _charged(both, side, meters[1])
        assert signed(begun) == signed(ended) == []
        assert meters[1].commands == ["begin", "end"]


async def test_without_its_meter_a_transaction_begins_and_ends_and_the_loss_is_an_alert(tmp_path: Path) -> None:
    meter, port = SigningMeter(), 0
    async with metered(SigningMeter()) as other:
        async with metered(meter) as port:
            more = METER.format(port=port, station=FAMILY) + METER.format(port=other, station=SOAP)
            stack = pair(tmp_path, more=more)
            both = await stack.__aenter__()
            watcher = Watcher(both=both, side=both.sides[1])
            await _sees_meter(watcher)
            (monitor,) = await watcher.monitors(of({"name": "FiscalMetering", "evse": {"id": 1}}, "Problem"))
        try:
            begun, ended = await _charged(both, both.sides[1], meter)
            assert signed(begun) == signed(ended) == []
            await watcher.event(monitor["variableMonitoring"][0]["id"], 0)
            said = [line for line in both.world.box.log if "is not signed" in line]
            assert len(said) == 1
        finally:
            await stack.__aexit__(None, None, None)


async def test_a_station_that_tells_its_start_again_is_signed_once(tmp_path: Path) -> None:
    meter = SigningMeter()
    async with metered(meter) as port:
        options = METER.format(port=port, station=RAW)
        async with raw_scene(tmp_path, {}, options) as made:
            start = {"connectorId": 1, "idTag": TOKEN, "meterStart": 1000, "timestamp": now(60)}
            answers = [await made.station.say("StartTransaction", **start) for _ in range(2)]
            meter.wh += 2000
            stop = {"transactionId": answers[0]["transactionId"], "meterStop": 3000, "timestamp": now()}
            for _ in range(2):
                await made.station.say("StopTransaction", **stop)
            ended = await made.ended()
            (held,) = made.csms.transactions.values()
            ((_, first),) = signed(held.ordered[0])
            values = [(v["context"], v["value"]) for each in ended["meterValue"] for v in each["sampledValue"]]
            assert values == [("Transaction.Begin", 1000), ("Transaction.End", 3000)]
            assert told(read_record(signed(ended)[1][1], first["publicKey"])) == [("B", 1.0), ("E", 3.0)]
            assert meter.commands == ["begin", "end"]


async def test_a_transaction_is_signed_over_a_restart_of_the_box(tmp_path: Path) -> None:
    meters = SigningMeter(), SigningMeter()
    async with both_metered(tmp_path, *meters) as both:
        side, since = both.sides[1], both.world.news
        await both.stand.sim.plug_in(1)
        asked = {"idToken": {"idToken": TOKEN, "type": "ISO14443"}, "remoteStartId": 1, "evseId": 1}
        assert (await side.call("RequestStartTransaction", **asked))["status"] == "Accepted"
        begun = await side.heard("TransactionEvent", since, eventType="Started")
        ((_, first),) = signed(begun)
        both.world.box.kill()
        await both.world.box.gone()
        meters[1].wh += 1500
        since = both.world.news
        await both.world.box.start()
        await side.heard("BootNotification", since)
        await _sees_meter(Watcher(both=both, side=side))
        id_ = begun["transactionInfo"]["transactionId"]
        assert (await side.call("RequestStopTransaction", transactionId=id_))["status"] == "Accepted"
        ended = await side.heard("TransactionEvent", since, eventType="Ended")
        assert told(read_record(signed(ended)[1][1], first["publicKey"])) == [("B", 1.0), ("E", 2.5)]
