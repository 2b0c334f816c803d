"""Boot and charging sessions of the simulated station, as its central system sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.bench.ocpp_s.quirks import Quirk
from gateway.model.errors import GatewayError
from tests.gateway.bench.ocpp_s.conftest import living

if TYPE_CHECKING:
    from tests.gateway.bench.ocpp_s.central import Central
    from tests.gateway.bench.ocpp_s.conftest import Bench


async def test_boot_then_status_of_every_connector(bench: Bench) -> None:
    assert bench.central.order() == ["bootNotification", *["statusNotification"] * 3]
    boot = bench.central.last("bootNotification")
    assert boot.headers["chargeBoxIdentity"] == "CP-1"
    assert boot.headers["Action"] == "/BootNotification"
    assert boot.headers["From"] == bench.station.url
    assert boot.headers["To"] == bench.central.url
    assert 'action="/BootNotification"' in boot.http["Content-Type"]
    assert [item.texts["connectorId"] for item in bench.central.of("statusNotification")] == ["0", "1", "2"]
    assert bench.station.ledger.complaints == []


async def test_rejected_boot_is_repeated_after_the_interval_and_nothing_else_is_said(central: Central) -> None:
    central.answers["bootNotification"] = (
        "<o:status>Rejected</o:status><o:currentTime>2026-01-01T00:00:00Z</o:currentTime>"
        "<o:heartbeatInterval>120</o:heartbeatInterval>"
    )
    async with living(central) as bench:
        await bench.until(lambda station: len(station.ledger.answered("BootNotification")) == 1)
        await bench.station.plug_in(1)
        await bench.clock.advance(119)
        del central.answers["bootNotification"]
        assert central.order() == ["bootNotification"]
        await bench.clock.advance(2)
        await bench.settled()
        assert len(central.of("bootNotification")) == 2


async def test_heartbeat_follows_the_interval_of_the_boot(bench: Bench) -> None:
    await bench.clock.advance(899)
    assert bench.central.of("heartbeat") == []
    await bench.clock.advance(1)
    await bench.central.until_seen("heartbeat")


async def test_session_with_card(bench: Bench) -> None:
    await bench.charge()
    await bench.clock.advance(150)
    await bench.settled()
    await bench.station.present_token(1, "ab12")
    await bench.until(lambda station: bool(station.ledger.answered("StopTransaction")))
    assert bench.central.order("statusNotification", "bootNotification") == [
        "authorize",
        "startTransaction",
        "meterValues",
        "meterValues",
        "stopTransaction",
    ]
    truth = bench.station.ledger.transactions[0]
    start, stop = bench.central.last("startTransaction").texts, bench.central.last("stopTransaction").texts
    assert start["meterStart"] == "0"
    assert start["timestamp"] == "2026-03-01T12:00:00.123Z"
    assert stop["transactionId"] == "1"
    assert stop["idTag"] == "ab12"
    assert stop["meterStop"] == str(truth.meter_stop) == str(int(11_040 * 150 / 3600))
    assert bench.central.last("meterValues").texts["transactionId"] == "1"
    assert [wh for _, wh in truth.samples] == [184, 368]
    assert (truth.reason, truth.transaction_id, truth.offline) == ("Local", 1, False)
    assert b'context="Transaction.Begin"' in bench.central.last("stopTransaction").xml


async def test_unplugging_ends_the_session_without_a_token(bench: Bench) -> None:
    await bench.charge()
    await bench.station.plug_out(1)
    await bench.settled()
    assert "idTag" not in bench.central.last("stopTransaction").texts
    assert bench.central.last("statusNotification").texts["status"] == "Available"


async def test_paused_car_draws_nothing(bench: Bench) -> None:
    await bench.charge()
    await bench.clock.advance(60)
    await bench.station.ev_pause(1)
    await bench.clock.advance(600)
    assert bench.station.connector(1).evse.register == pytest.approx(184)
    await bench.station.ev_resume(1)
    await bench.clock.advance(60)
    assert bench.station.connector(1).evse.register == pytest.approx(368)


async def test_fault_is_reported_and_ends_the_session(bench: Bench) -> None:
    await bench.charge()
    await bench.station.fault(1, "GroundFailure")
    await bench.settled()
    status = [item.texts for item in bench.central.of("statusNotification")][-1]
    assert (status["status"], status["errorCode"]) == ("Faulted", "GroundFailure")
    assert bench.station.ledger.transactions[0].reason == "Fault"
    await bench.station.clear_fault(1)
    await bench.settled()
    assert bench.central.last("statusNotification").texts["status"] == "Occupied"
    await bench.station.fault(0, "OtherError")
    await bench.settled()
    assert bench.central.last("statusNotification").texts["connectorId"] == "0"


@pytest.mark.parametrize(
    "answer", ["<o:idTagInfo><o:status>Blocked</o:status></o:idTagInfo>", "<o:idTagInfo></o:idTagInfo>", "<o:other/>"]
)
async def test_refused_token_does_not_charge(bench: Bench, answer: str) -> None:
    bench.central.answers["authorize"] = answer
    await bench.station.plug_in(1)
    await bench.station.present_token(1, "AB12")
    await bench.until(lambda station: bool(station.ledger.answered("Authorize")))
    await bench.settled()
    assert bench.central.of("startTransaction") == []


async def test_token_first_then_car_within_the_time_out(bench: Bench) -> None:
    await bench.station.present_token(1, "AB12")
    await bench.until(lambda station: station.connector(1).pending is not None)
    await bench.clock.advance(59)
    await bench.station.plug_in(1)
    await bench.central.until_seen("startTransaction")
    await bench.station.present_token(2, "AB12")
    await bench.until(lambda station: station.connector(2).pending is not None)
    await bench.clock.advance(60)
    await bench.station.plug_in(2)
    await bench.settled()
    assert len(bench.central.of("startTransaction")) == 1


async def test_start_answered_invalid_ends_the_transaction_unless_told_otherwise(central: Central) -> None:
    central.answers["startTransaction"] = (
        "<o:transactionId>7</o:transactionId><o:idTagInfo><o:status>Invalid</o:status></o:idTagInfo>"
    )
    async with living(central) as bench:
        await bench.settled()
        await bench.charge()
        await bench.central.until_seen("stopTransaction")
        assert bench.station.ledger.transactions[0].reason == "DeAuthorized"
    async with living(central, quirks=frozenset({Quirk.CHARGE_ON_INVALID})) as bench:
        await bench.settled()
        await bench.charge()
        assert bench.station.connector(1).session is not None


async def test_clock_skew_shows_in_every_time_stamp(central: Central) -> None:
    async with living(central, clock_skew=-3600.0) as bench:
        await bench.settled()
        await bench.charge()
        assert central.last("startTransaction").texts["timestamp"].startswith("2026-03-01T11:00:00")


async def test_impossible_acts_are_refused(bench: Bench) -> None:
    for act in (
        bench.station.plug_in(3),
        bench.station.plug_out(1),
        bench.station.ev_pause(1),
        bench.station.present_token(3, "AB"),
        bench.station.fault(1, "Nonsense"),
    ):
        with pytest.raises(GatewayError):
            await act


async def test_data_transfer_from_the_station(bench: Bench) -> None:
    assert await bench.station.transfer_data("bench", "ping", "1 < 2") == ("Accepted", "pong")
    assert bench.central.last("dataTransfer").texts["data"] == "1 < 2"
