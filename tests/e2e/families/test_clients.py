"""Client libraries of others read our simulated stations, and write to them: they and our wires see the same."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from adapters.common.wire import pool_class
from gateway.bench.car import Car
from gateway.family.evaluate import derived
from tests.e2e.families.stand import station_files
from tests.fakes.manual_clock import ManualClock
from tests.gateway.bench.family.support import served, station

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from gateway.bench.family.station import FamilyStation
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

_FILES = station_files()
_POOLS = {kind: pool_class(kind) for kind in ("modbus", "http-json", "udp-json")}
_KEBA, _CLIENT, _BOX = "127.0.0.2", "127.0.0.3", "127.0.0.4"
_KEBA_PORT = 7090  # of both ends, whoever they are


@asynccontextmanager
async def charging(
    family: str, release: tuple[str, Mapping[str, Value]] | None = None, **options: Any
) -> AsyncIterator[FamilyStation]:
    """A station at which a car charges, at a moment that lasts: nothing changes between two who read."""
    clock = ManualClock()
    async with served(station(_FILES[family], clock=clock), **options) as made:
        outlet = made.outlets[0]
        outlet.plug(Car(max_current=13.0))
        if release is not None:
            outlet.send(*release)
        await clock.advance(20.0)
        assert outlet.charge.evse.current == pytest.approx(13.0, abs=0.1)
        yield made


async def read_by_wire(family: AnyFamily, connection: Mapping[str, object]) -> Mapping[str, Value]:
    """What the box reads, point by point."""
    pool = _POOLS[family.kind]()
    wire = pool.wire(pool.Connection.model_validate(dict(connection)), family, 1)
    try:
        await wire.connect()
        took = await wire.read([name for name, point in family.points.items() if point.readable])
        return derived(family, took.values)
    finally:
        await wire.aclose()
        await pool.aclose()


async def test_alfen_over_modbus() -> None:
    """alfen-eve-modbus-tcp, on pymodbus."""
    async with charging("alfen-eve") as made:
        host, _, port = str(made.connection["tcp"]).partition(":")
        client = import_module("alfen_eve_modbus_tcp").CarCharger(host=host, port=int(port))
        names = [
            "voltage_phase_L1N", "voltage_phase_L2N", "voltage_phase_L3N", "current_phase_L1", "current_phase_L2",
            "current_phase_L3", "real_power_sum", "real_energy_delivered_sum", "mode_3_state", "availability",
            "modbus_slave_max_current",
        ]  # fmt: skip

        def talk() -> dict[str, Any]:
            client.connect()
            assert client.write("modbus_slave_max_current", 10.5)
            told: dict[str, Any] = {}
            for name in names:
                told |= client.read(name)
            client.disconnect()
            return told

        told = await asyncio.to_thread(talk)
        ours = await read_by_wire(made.family, made.connection)
    assert ours["voltage"] == pytest.approx([told[f"voltage_phase_L{phase}N"] for phase in (1, 2, 3)])
    assert ours["current"] == pytest.approx([told[f"current_phase_L{phase}"] for phase in (1, 2, 3)])
    assert ours["power"] == pytest.approx(told["real_power_sum"])
    assert ours["energy_total"] == pytest.approx(told["real_energy_delivered_sum"] / 1000)
    assert (ours["state"], ours["availability"]) == (told["mode_3_state"], told["availability"])
    assert told["mode_3_state"] == "C2"
    assert ours["limit"] == told["modbus_slave_max_current"] == 10.5
    assert made.outlets[0].summary()["limit"] == 10.5


async def test_go_e_over_http() -> None:
    """goe, on the HTTP client of the standard library."""
    async with charging("go-e-http", ("set", {"key": "frc", "value": 0})) as made:
        status = getattr(made.family, "requests")["status"].get.text  # noqa: B009 - of families on HTTP
        client = import_module("goe.json_client").LocalJsonClient(str(made.connection["url"]).removeprefix("http://"))
        told = await asyncio.to_thread(client.query, status.partition("filter=")[2].split(","))
        ours = await read_by_wire(made.family, made.connection)
    # The power factors, the last four, are not simulated.
    energies = import_module("goe.charger.components").ChargingEnergies.from_nrg([*told["nrg"], 0, 0, 0, 0][:16])
    assert ours["voltage"] == tuple(energies.voltage[:3])
    assert ours["current"] == tuple(energies.current[:3])
    assert ours["power"] == energies.power_total
    assert ours["energy_total"] == pytest.approx(told["eto"] / 1000)
    assert import_module("goe.charger.enums").CarState(told["car"]).name.lower() == ours["car"]
    assert ours["limit"] == told["amp"]


async def test_keba_over_udp() -> None:
    """keba-kecontact, on datagrams."""
    if not all(_free(host) for host in (_KEBA, _CLIENT, _BOX)):
        pytest.skip(f"another program has UDP port {_KEBA_PORT}")
    async with charging("keba-udp", ("ena", {"on": 1}), host=_KEBA, port=_KEBA_PORT) as made:
        memory = made.outlets[0].memory
        # The library tells by the product whether there is a meter.
        memory.identity = replace(memory.identity, raws={**memory.identity.raws, "model": "KC-P30-EC240422-E00"})
        told = await asyncio.to_thread(lambda: asyncio.run(_ask_keba()))
        ours = await read_by_wire(made.family, {"host": _KEBA, "local": _BOX})
    assert ours["voltage"] == (told["U1"], told["U2"], told["U3"])
    assert ours["current"] == pytest.approx((told["I1"], told["I2"], told["I3"]))
    assert ours["power"] == pytest.approx(told["P"] * 1000)
    assert ours["energy_total"] == pytest.approx(told["E total"])
    assert told["State_details"] == "charging"
    assert told["Plug_EV"]
    assert made.outlets[0].summary()["limit"] == 10.5


async def _ask_keba() -> dict[str, Any]:
    """Set a limit and read everything, in a loop of its own: the library leaves its tasks to whoever runs it."""
    keba = import_module("keba_kecontact").KebaKeContact(asyncio.get_running_loop(), 5)
    await keba.init_socket(_CLIENT)
    found = await keba.setup_charging_station(_KEBA, periodic_request=False)
    news = asyncio.Event()
    found.add_callback(lambda *_: news.set())
    await found.set_current(10.5)
    await found.request_data()
    async with asyncio.timeout(10):
        while not {"State", "E total"} <= set(found.data):
            news.clear()
            await news.wait()
    keba._stream.close()
    return dict(found.data)


def _free(host: str) -> bool:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, _KEBA_PORT))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True
