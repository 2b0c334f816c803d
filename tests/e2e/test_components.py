"""Every component of the founding list: in the inventory, read, set where that can be, monitored, and told of."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gateway.model.catalogue import FOUNDING_NAMES, standard
from gateway.model.device_types import DataType
from gateway.model.equipment import usual_variable
from tests.e2e.certification.watcher import Watcher, delta, of
from tests.e2e.pair import pair

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload

pytestmark = pytest.mark.timeout(180)  # the first test waits for all components

SET, AVAILABILITY, TREE, FAULT, UPDATE, TEST, SENSOR = (
    "set",
    "availability",
    "tree",
    "fault",
    "update",
    "test",
    "sensor",
)
"""How a value comes to change: see ``play``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A component that the station or the box has without any sensor, and a variable of it whose value changes."""

    component: str
    variable: str
    how: str
    value: str
    instance: str | None = None


def _set(component: str, variable: str = "Enabled", value: str = "") -> Own:
    return Own(component=component, variable=variable, how=SET, value=value)


OWN = {
    "Cache": _set("AuthCacheCtrlr"),
    "ChargePoint": Own(
        component="ChargingStation", variable="AvailabilityState", how=AVAILABILITY, value="Unavailable"
    ),
    "Clock": _set("ClockCtrlr", "TimeAdjustmentReportingThreshold", "30"),
    "Connector": Own(component="Connector", variable="AvailabilityState", how=AVAILABILITY, value="Unavailable"),
    "Controller": Own(component="Controller", variable="Temperature", how=TREE, value="71", instance="Box"),
    "EVChargingSession": _set("TxCtrlr", "EVConnectionTimeOut", "90"),
    "EVSE": Own(component="EVSE", variable="AvailabilityState", how=AVAILABILITY, value="Unavailable"),
    "Firmware": Own(component="Controller", variable="FirmwareVersion", how=UPDATE, value="bench-2.0"),
    "LocalList": _set("LocalAuthListCtrlr"),
    "PricingManager": _set("TariffCostCtrlr"),
    "ProfileExecutor": _set("SmartChargingCtrlr"),
    "RadioLink": Own(component="DataLink", variable="Active", how=TREE, value="true", instance="RadioLink"),
    "ReservationManager": _set("ReservationCtrlr"),
    "Selftester": Own(component="Controller", variable="SelftestActive", how=TEST, value="true", instance="Box"),
    "SessionCoster": _set("TariffCostCtrlr"),
    "SmartCharging": _set("SmartChargingCtrlr"),
    "TokenReader": Own(component="TokenReader", variable="Problem", how=FAULT, value="true"),
    "WiredLink": Own(component="DataLink", variable="Active", how=TREE, value="true", instance="WiredLink"),
}
"""By the founding name."""

_TREE = {
    "Controller": ("sys/class/thermal/thermal_zone0/temp", "71000"),
    "RadioLink": ("sys/class/net/wwan0/carrier", "1"),
    "WiredLink": ("sys/class/net/eth0/operstate", "up"),
}
"""What the kernel shows then."""

_MACHINE = {
    "sys/class/thermal/thermal_zone0/temp": "44000",
    "sys/class/net/eth0/operstate": "down",
    "sys/class/net/eth0/device/vendor": "0x8086",
    "sys/class/net/wwan0/operstate": "unknown",
    "sys/class/net/wwan0/carrier": "0",
    "sys/class/net/wwan0/uevent": "DEVTYPE=wwan",
    "proc/loadavg": "0.10 0.10 0.10 1/100 100",
    "proc/meminfo": "MemTotal: 1000000 kB\nMemFree: 1 kB\nMemAvailable: 600000 kB",
    "proc/uptime": "100.00 50.00",
}
"""What the kernel shows of the box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A component of the list, and how it comes to be here."""

    founding: str
    component: str
    variable: str
    input: int | None
    """Of the converter that stands in for its sensor; None: it needs none."""
    own: Own | None

    @property
    def place(self) -> Payload:
        instance = self.founding if self.own is None else self.own.instance
        return {"name": self.component, **({"instance": instance} if instance else {})}

    @property
    def numeric(self) -> bool:
        entry = standard(self.component, self.variable)
        return entry is not None and entry.type is not DataType.BOOLEAN

    @property
    def table(self) -> str:
        active = "" if self.numeric else "active = 5.0\n"
        return (
            f'[[sensor]]\nname = "{self.founding}"\nkind = "hwmon"\nchip = "adc"\ninput = "in{self.input}"\npoll = 0.2\n'
            f'component = "{self.founding}"\ninstance = "{self.founding}"\nvariable = "{self.variable}"\n{active}'
        )


def rows() -> tuple[Row, ...]:
    found = []
    for number, name in enumerate(FOUNDING_NAMES):
        own = OWN.get(name.name)
        if own is not None:
            row = Row(founding=name.name, component=own.component, variable=own.variable, input=None, own=own)
        else:
            component = name.component or name.name
            usual = usual_variable(component, contact=True) or usual_variable(component, contact=False) or "Active"
            row = Row(founding=name.name, component=component, variable=usual, input=number, own=None)
        found.append(row)
    return tuple(found)


ROWS = {row.founding: row for row in rows()}


class Machine:
    """What the kernel shows: the box itself, and a converter with all sensors."""

    def __init__(self, folder: Path) -> None:
        self.root, self.hwmon = folder / "root", folder / "hwmon"
        chip = self.hwmon / "hwmon0"
        chip.mkdir(parents=True)
        (chip / "name").write_text("adc\n")
        for name, text in _MACHINE.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text + "\n")
        for row in ROWS.values():
            if row.input is not None:
                self.show(row, 0)

    def show(self, row: Row, volts: float) -> None:
        (self.hwmon / "hwmon0" / f"in{row.input}_input").write_text(f"{round(volts * 1000)}\n")

    def turn(self, row: Row) -> None:
        name, text = _TREE[row.founding]
        (self.root / name).write_text(text + "\n")

    @property
    def site(self) -> str:
        return "".join(row.table + f'folder = "{self.hwmon}"\n' for row in ROWS.values() if row.input is not None)


async def played_in(folder: Path) -> Mapping[str, str]:
    """What went wrong with each component."""
    machine = await asyncio.to_thread(Machine, folder)
    async with pair(folder, lines=f'root = "{machine.root}"', more=machine.site) as both:
        old, limited = (Watcher(both=both, side=side) for side in both.sides)
        watchers = {"SmartChargingCtrlr": limited}  # a station of OCPP 1.5 takes no limits
        return {name: await _tried(watchers.get(row.component, old), machine, row) for name, row in ROWS.items()}


async def _tried(watcher: Watcher, machine: Machine, row: Row) -> str:
    try:
        async with asyncio.timeout(30):
            await play(watcher, machine, row)
    except (AssertionError, KeyError, TimeoutError, ValueError):
        return traceback.format_exc()
    return ""


async def play(watcher: Watcher, machine: Machine, row: Row) -> None:
    """Inventory, get, set, monitor, event."""
    place = {**row.place, **({"evse": {"id": 1}} if row.component in {"EVSE", "Connector", "TokenReader"} else {})}
    if row.component == "Connector":
        place["evse"] = {"id": 1, "connectorId": 1}
    item, *_ = await watcher.report(of(place, row.variable))  # some are there for several features
    address = {"component": item["component"], "variable": item["variable"]}
    (got,) = (await watcher.side.call("GetVariables", getVariableData=[address]))["getVariableResult"]
    assert got["attributeStatus"] == "Accepted"
    writable = item["variableAttribute"][0]["mutability"] == "ReadWrite"
    before = str(got.get("attributeValue", ""))
    if writable:
        assert await _set_to(watcher, address, before) in {"Accepted", "RebootRequired"}
    expected = row.own.value if row.own is not None else "5" if row.numeric else "true"
    expected = expected or ("false" if before == "true" else "true")
    assert before != expected
    wish = delta(place, variable=item["variable"], severity=5)  # of less, nothing is told while the station boots
    monitor = await watcher.monitor(wish)
    since = watcher.news
    await _change(watcher, machine, row, address, expected)
    event = await watcher.event(monitor, since)
    assert (event["actualValue"], event["component"]["name"]) == (expected, row.component)
    await watcher.clear(monitor)
    if writable:
        assert await _set_to(watcher, address, before) in {"Accepted", "RebootRequired"}


async def _change(watcher: Watcher, machine: Machine, row: Row, address: Payload, value: str) -> None:
    """Let the variable have another value."""
    sim = watcher.both.world.station.sim
    match row.own.how if row.own is not None else SENSOR:
        case "sensor":
            machine.show(row, 5)
        case "tree":
            machine.turn(row)
        case "set" | "test":
            assert await _set_to(watcher, address, value) in {"Accepted", "RebootRequired"}
        case "availability":
            for status, shown in (("Inoperative", "Unavailable"), ("Operative", "Available")):
                since = watcher.news
                await watcher.side.call("ChangeAvailability", operationalStatus=status, evse={"id": 1})
                await watcher.side.heard("StatusNotification", since, connectorStatus=shown)
        case "fault":
            since = watcher.news
            await sim.fault(1, "ReaderFailure")
            await watcher.side.heard("StatusNotification", since, connectorStatus="Faulted")
            await sim.clear_fault(1)
            await watcher.side.heard("StatusNotification", since, connectorStatus="Available")
        case _:
            sim.point.outlets.memory.firmware = value
            since = watcher.news
            await watcher.side.call("Reset", type="Immediate")
            await watcher.side.heard("BootNotification", since)
            await watcher.side.heard("StatusNotification", since, connectorStatus="Available")


async def _set_to(watcher: Watcher, address: Payload, value: str) -> str:
    wish = {**address, "attributeValue": value}
    (done,) = (await watcher.side.call("SetVariables", setVariableData=[wish]))["setVariableResult"]
    return str(done["attributeStatus"])


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What went wrong with each."""
    return asyncio.run(played_in(tmp_path_factory.mktemp("components")))


@pytest.mark.parametrize("name", ROWS)
def test_component(played: Mapping[str, str], name: str) -> None:
    assert played[name] == ""


def test_what_is_the_boxs_needs_no_sensor() -> None:
    """Only what the founding list has as hardware of the cabinet waits for a ``[[sensor]]``."""
    names = {"Clock", "Controller", "Firmware", "RadioLink", "Selftester", "WiredLink", "TokenReader"}
    assert names <= {name for name, row in ROWS.items() if row.input is None}
