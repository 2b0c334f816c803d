"""What a simulated station makes of what is written to it, whatever the wire is."""

from __future__ import annotations

import pytest

from gateway.bench.car import Car
from gateway.family.state import Letter
from gateway.model.errors import GatewayError
from tests.gateway.bench.family.support import Bench, sample


async def test_a_charge_rises_counts_and_tapers() -> None:
    bench = Bench(sample("modbus"))
    bench.outlet.plug(Car(room=20_000.0))
    await bench.clock.advance(1)
    assert 0 < _number(bench, "power") < 16 * 690
    await bench.clock.advance(9)
    assert bench.value("current") == (16.0, 16.0, 16.0)
    before = _number(bench, "energy_total")
    await bench.clock.advance(3600)
    assert _number(bench, "energy_total") == pytest.approx(before + 11.04, abs=0.05)
    await bench.clock.advance(2800)
    assert 6 <= bench.outlet.charge.evse.current < 16
    await bench.clock.advance(7200)
    assert bench.outlet.letter is Letter.B2
    assert _number(bench, "energy_session") == pytest.approx(20.0, abs=0.01)


async def test_a_limit_holds_and_less_than_the_lowest_is_a_pause() -> None:
    bench = Bench(sample("modbus"))
    bench.outlet.plug(Car())
    bench.outlet.write("limit", 100)
    await bench.clock.advance(10)
    assert bench.value("current") == (10.0, 10.0, 10.0)
    assert bench.value("limit") == 10.0
    bench.outlet.write("limit", 0)
    assert bench.outlet.charge.evse.power == 0
    assert bench.outlet.letter is Letter.C1
    assert bench.outlet.summary()["writes"] == {"limit": 2}


@pytest.mark.parametrize("raw", [30, 170, 65_535])
async def test_a_limit_beyond_the_family_is_refused(raw: int) -> None:
    bench = Bench(sample("modbus"))
    with pytest.raises(GatewayError, match="point-value"):
        bench.outlet.write("limit", raw)
    assert bench.value("limit") == 16.0


async def test_an_unfed_watchdog_brings_the_current_down_and_shows_it() -> None:
    bench = Bench(sample("modbus"))
    bench.outlet.plug(Car())
    bench.outlet.heard()
    bench.outlet.write("failsafe_timeout", 15_000)
    bench.outlet.write("failsafe_current", 80)
    bench.outlet.write("limit", 160)
    await bench.clock.advance(14)
    assert bench.value("current") == (16.0, 16.0, 16.0)
    bench.outlet.heard()
    await bench.clock.advance(14)
    assert not bench.outlet.struck
    await bench.clock.advance(3600)
    assert bench.outlet.struck
    assert bench.value("limit") == 8.0
    assert bench.value("current") == (8.0, 8.0, 8.0)
    # All but the first seconds of that hour went at the lower current.
    assert _number(bench, "energy_session") == pytest.approx(8 * 0.69 + 29 * 8 * 0.69 / 3600, abs=0.06)
    bench.outlet.heard()
    assert not bench.outlet.struck
    assert bench.outlet.summary()["watchdog"] == {"struck": False, "strikes": 1}


async def test_a_watchdog_of_writes_is_not_fed_by_reads() -> None:
    bench = Bench(sample("watts"))
    bench.outlet.write("enabled", 1)
    bench.outlet.plug(Car())
    bench.outlet.write("heartbeat", 1)
    await bench.clock.advance(19)
    bench.outlet.write("heartbeat", 7)
    for _ in range(21):
        bench.outlet.heard()
        await bench.clock.advance(1)
    assert bench.outlet.struck
    assert bench.value("limit") == 0
    assert bench.outlet.charge.evse.power == 0


async def test_a_limit_in_watts_is_shared_among_the_phases() -> None:
    bench = Bench(sample("watts"))
    bench.outlet.write("enabled", 1)
    bench.outlet.plug(Car(max_current=32.0))
    bench.outlet.write("limit", 6900)
    await bench.clock.advance(20)
    assert bench.outlet.charge.evse.current == pytest.approx(10.0)
    assert bench.value("power") == 6900
    bench.outlet.write("enabled", 0)
    assert bench.outlet.letter is Letter.B1
    assert bench.value("enabled") == 0


async def test_a_duty_cycle_is_a_limit_and_its_code_a_pause() -> None:
    bench = Bench(sample("ascii"))
    bench.outlet.plug(Car())
    bench.outlet.write("duty", 167)
    await bench.clock.advance(10)
    assert bench.outlet.charge.evse.current == pytest.approx(10.0, abs=0.05)
    assert bench.value("configured_duty") == pytest.approx(16.7, abs=0.1)
    bench.outlet.write("duty", 0x03E8)
    assert bench.outlet.charge.evse.power == 0
    bench.outlet.write("duty", 100)
    await bench.clock.advance(10)
    assert bench.outlet.charge.evse.current == pytest.approx(6.0, abs=0.05)


async def test_commands_with_the_same_name_are_told_apart_by_their_arguments() -> None:
    bench = Bench(sample("http"))
    bench.outlet.plug(Car())
    bench.outlet.send("set", {"key": "amp", "value": 12})
    assert bench.outlet.letter is Letter.B1
    bench.outlet.send("set", {"key": "frc", "value": 0})
    await bench.clock.advance(10)
    assert bench.outlet.charge.evse.current == 12
    bench.outlet.send("set", {"key": "frc", "value": 1})
    assert bench.outlet.charge.evse.power == 0


async def test_a_token_shows_until_the_plug_is_pulled() -> None:
    bench = Bench(sample("modbus"))
    bench.outlet.plug(Car())
    bench.outlet.present("04A1B2C3")
    assert bench.value("rfid") == "04A1B2C3"
    bench.outlet.plug(None)
    assert bench.value("rfid") == ""


async def test_a_fault_is_told_by_its_name() -> None:
    bench = Bench(sample("line"))
    bench.outlet.plug(Car())
    bench.outlet.fail("stuck relay")
    assert bench.value("state") == 8
    bench.outlet.fail("")
    bench = Bench(sample("mqtt"))
    bench.outlet.fail("switch")
    assert bench.value("error") == "switch"
    assert bench.outlet.letter is Letter.F


async def test_a_loss_of_power_forgets_what_was_written_but_neither_plug_nor_meter() -> None:
    bench = Bench(sample("modbus"))
    bench.outlet.plug(Car())
    bench.outlet.write("limit", 100)
    await bench.clock.advance(3600)
    before = bench.outlet.charge.evse.register
    bench.outlet.reboot()
    assert bench.value("limit") == 16.0
    assert bench.outlet.charge.evse.register == before
    assert bench.outlet.letter.plugged


async def test_a_sleeping_station_loses_the_first_request_only() -> None:
    bench = Bench(sample("modbus"))
    assert [bench.outlet.heard() for _ in range(3)] == [False, True, True]
    await bench.clock.advance(600)
    assert [bench.outlet.heard() for _ in range(2)] == [False, True]
    bench.outlet.plug(Car())
    await bench.clock.advance(600)
    assert bench.outlet.heard()


async def test_a_variant_is_another_station() -> None:
    assert Bench(sample("watts")).value("firmware") == "2.0"
    old = Bench(sample("watts"), "old")
    assert str(old.value("firmware")) < "2.0"
    assert old.value("limit") == 11_040


def _number(bench: Bench, point: str) -> float:
    value = bench.value(point)
    assert isinstance(value, int | float)
    return float(value)
