"""Contacts, pulses, relays and an accelerometer at the box: from the electrical input to stations, backend and technician.

The box runs as a process of its own. This machine's kernel has no GPIO: a stand-in for the library takes its place.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.e2e.certification.bay import Bay
from tests.e2e.certification.watcher import Watcher
from tests.e2e.pair import pair
from tests.fakes.pins import Pins
from tests.gateway.cli.running import call, installed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.e2e.pair import Pair

FIRE, STOP, FLOOD, SMOKE, DOOR, BAY, METER, CONTACTOR = range(8)
"""Lines of the chip."""

CONTACT = """
[[sensor]]
name = "{name}"
kind = "gpio"
line = {{{{ chip = "{{chip}}", offset = {line} }}}}
component = "{component}"
active = false
alert = {{{{ when = "Active == true", severity = {severity}, message = "{message}" }}}}
react = {{{{ {react} }}}}
"""

_OUTPUT = 'do = "fault", output = "contactor"'
CONTACTS = "".join(
    CONTACT.format(name=name, line=line, component=component, severity=severity, message=message, react=react)
    for name, line, component, severity, message, react in (
        ("fire", FIRE, "OutOfServiceInput", 1, "fire alarm", 'do = "block", lost = "trip"'),
        ("button", STOP, "EmergencyStopSensor", 0, "emergency stop", 'do = "block", output = "contactor"'),
        ("water", FLOOD, "FloodSensor", 2, "water", _OUTPUT),
        ("smoke", SMOKE, "SmokeSensor", 1, "smoke", _OUTPUT),
        ("door", DOOR, "AccessSensor", 4, "door open", 'do = "tamper"'),
    )
)

SITE = """
[[sensor]]
name = "contactor"
kind = "gpio"
line = {{ chip = "{chip}", offset = 7 }}
use = "relay"
component = "Actuator"

[[sensor]]
name = "motion"
kind = "iio"
device = "adxl345"
channel = "accel"
poll = 0.05
folder = "{iio}"
[[sensor.value]]
point = "tilt"
component = "TiltSensor"
variable = "Angle"
alert = {{ when = "Angle > 20", severity = 2, message = "it leans" }}
react = {{ do = "fault", output = "contactor" }}
[[sensor.value]]
point = "shock"
component = "ShockSensor"
variable = "Force"
alert = {{ when = "Force > 2", severity = 3, message = "it was hit" }}
react = {{ do = "fault", output = "contactor", lasts = 1.0 }}
"""

PARKING = """
[[sensor]]
name = "bay"
kind = "gpio"
line = {{ chip = "{chip}", offset = 5 }}
station = "{station}"
evse = 1
component = "BayOccupancySensor"
active = false
"""

COUNTED = """
[[sensor]]
name = "heat pump"
kind = "gpio"
line = {{ chip = "{chip}", offset = 6 }}
use = "pulses"
component = "FiscalMetering"
instance = "s0"
variable = "EnergyImportRegister"
scale = 1.0
offset = 1000.0
change = 0
"""


@dataclass(slots=True, kw_only=True)
class Cabinet:
    """What is wired to the box."""

    pins: Pins
    iio: Path = field(init=False)

    def __post_init__(self) -> None:
        self.iio = self.pins.chip.parent / "iio"
        device = self.iio / "iio:device0"
        device.mkdir(parents=True)
        (device / "name").write_text("adxl345\n")
        (device / "in_accel_scale").write_text("0.001\n")
        self.feels(0, 9810)

    def feels(self, x: int, z: int) -> None:
        """The accelerometer shows this, in mm/s²."""
        device = self.iio / "iio:device0"
        for axis, value in {"x": x, "y": 0, "z": z}.items():
            (device / f"in_accel_{axis}_raw").write_text(f"{value}\n")

    def opens(self, line: int) -> None:
        """A contact that is closed while all is well; closed, it is high."""
        self.pins.set(line, "0")

    def closes(self, line: int) -> None:
        self.pins.set(line, "1")

    def site(self, text: str, **words: str) -> str:
        return text.format(chip=self.pins.chip, iio=self.iio, **words)


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    pins = Pins(tmp_path / "chip", (FIRE, STOP, FLOOD, SMOKE, DOOR, BAY, METER), (CONTACTOR,), monkeypatch)
    yield Cabinet(pins=pins)
    pins.close()


@pytest.fixture
async def both(tmp_path: Path, cabinet: Cabinet) -> AsyncIterator[Pair]:
    async with pair(tmp_path, more=cabinet.site(SITE + CONTACTS)) as made:
        yield made


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """What happens, how it ends, and what the connector is meanwhile."""

    begins: Callable[[Cabinet], None]
    ends: Callable[[Cabinet], None]
    shown: str
    contactor: bool = True


def _contact(line: int, shown: str, *, contactor: bool = True) -> Danger:
    return Danger(begins=lambda c: c.opens(line), ends=lambda c: c.closes(line), shown=shown, contactor=contactor)


DANGERS = {
    "fire": _contact(FIRE, "Unavailable", contactor=False),
    "button": _contact(STOP, "Unavailable"),
    "water": _contact(FLOOD, "Faulted"),
    "smoke": _contact(SMOKE, "Faulted"),
    "tilt": Danger(begins=lambda c: c.feels(6937, 6937), ends=lambda c: c.feels(0, 9810), shown="Faulted"),
    "shock": Danger(begins=lambda c: c.feels(0, 39240), ends=lambda c: c.feels(0, 9810), shown="Faulted"),
}


@pytest.mark.timeout(120)
async def test_each_danger_ends_charging_and_closes_the_stations_until_it_is_over(both: Pair, cabinet: Cabinet) -> None:
    watcher, family = Watcher(both=both, side=both.sides[0]), both.sides[1]
    for name, danger in DANGERS.items():
        await watcher.charge()
        since = watcher.news
        danger.begins(cabinet)
        ended = await watcher.side.heard("TransactionEvent", since, eventType="Ended")
        assert ended["transactionInfo"]["stoppedReason"] != "Local", name
        for side in both.sides:
            await side.heard("StatusNotification", since, connectorStatus=danger.shown)
        assert cabinet.pins.driven(CONTACTOR) is danger.contactor, name
        since = watcher.news
        danger.ends(cabinet)
        await watcher.side.heard("StatusNotification", since, connectorStatus="Occupied")
        await family.heard("StatusNotification", since, connectorStatus="Available")
        await both.world.box.status_until(lambda _: cabinet.pins.driven(CONTACTOR) is False)
        await watcher.plug(into=False)


async def test_a_door_is_told_to_the_backend(both: Pair, cabinet: Cabinet) -> None:
    since = both.world.news
    cabinet.opens(DOOR)
    for side in both.sides:
        await side.heard("SecurityEventNotification", since, type="TamperDetectionActivated", techInfo="door open")


async def test_a_technician_switches_a_relay(
    both: Pair, cabinet: Cabinet, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: "y")  # yes, it was seen
    site = both.world.box.site
    code = await asyncio.to_thread(call, "test", "relay", site, "contactor", adapters=installed)
    assert (code, cabinet.pins.levels(CONTACTOR).lstrip("0")) == (0, "10")
    capsys.readouterr()
    assert await asyncio.to_thread(call, "test", "relay", site, "door", "--yes", adapters=installed) == 1
    assert "test-not-switched" in capsys.readouterr().err


async def test_a_relay_that_a_reaction_holds_is_not_tested(
    both: Pair, cabinet: Cabinet, capsys: pytest.CaptureFixture[str]
) -> None:
    since = both.world.news
    cabinet.opens(FLOOD)
    await both.sides[0].heard("StatusNotification", since, connectorStatus="Faulted")
    words = ("test", "relay", both.world.box.site, "contactor", "--yes")
    assert await asyncio.to_thread(call, *words, adapters=installed) == 1
    assert "test-output-held" in capsys.readouterr().err
    assert cabinet.pins.driven(CONTACTOR) is True


async def test_check_tells_every_reaction(both: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    assert await asyncio.to_thread(call, "check", both.world.box.site, adapters=installed) == 0
    told = capsys.readouterr().out
    codes = {"reaction-block": 2, "reaction-fault": 4, "reaction-tamper": 1, "reaction-output": 5, "reaction-lost": 1}
    assert {code: told.count(f"note[{code}]") for code in codes} == codes


async def test_a_bay_sensor_begins_and_ends_transactions_and_keeps_reservations_away(
    tmp_path: Path, cabinet: Cabinet
) -> None:
    async with pair(tmp_path, hurried=True, more=cabinet.site(PARKING, station="FAM-heidelberg-ec")) as both:
        side = both.sides[1]
        visit = Bay(both=both, side=side, since=both.world.news)
        cabinet.opens(BAY)
        await until_bay(visit, "true")
        assert await visit.reserve(evseId=1) == "Occupied"
        cabinet.closes(BAY)
        await until_bay(visit, "false")
        assert await visit.reserve(evseId=1) == "Accepted"
        await visit.tidy()
        await visit.set_("TxStartPoint", "ParkingBayOccupancy")
        await visit.set_("TxStopPoint", "ParkingBayOccupancy")
        cabinet.opens(BAY)
        await visit.step("Started", "EVDetected", "Idle")
        cabinet.closes(BAY)
        await visit.step("Ended", "EVDeparted")
        await visit.tidy()


async def until_bay(visit: Bay, occupied: str) -> None:
    sensor = {"name": "BayOccupancySensor", "evse": {"id": 1}}
    async with asyncio.timeout(20):
        while (await visit.side.value(sensor, "Active")).get("attributeValue") != occupied:
            pass


async def test_the_energy_of_pulses_survives_kill_9(tmp_path: Path, cabinet: Cabinet) -> None:
    async with pair(tmp_path, more=cabinet.site(COUNTED)) as both:
        side, box = both.sides[0], both.world.box
        meter = {"name": "FiscalMetering", "instance": "s0"}

        async def shows(energy: str) -> None:
            async with asyncio.timeout(20):
                while (await side.value(meter, "EnergyImportRegister")).get("attributeValue") != energy:
                    pass

        await shows("1000")
        cabinet.pins.set(METER, "01" * 321)
        await shows("1321")
        box.kill()
        await box.gone()
        since = both.world.news
        await box.start()
        await side.heard("BootNotification", since)
        await shows("1321")
        cabinet.pins.set(METER, "01")
        await shows("1322")
