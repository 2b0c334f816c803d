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

OWN = {
    "AuthCacheCtrlr": "Enabled", "ChargingStation": "AvailabilityState", "ClockCtrlr": "DateTime",
    "Connector": "AvailabilityState", "DisplayMessageCtrlr": "Available", "EVSE": "AvailabilityState",
    "LocalAuthListCtrlr": "Enabled", "ReservationCtrlr": "Enabled", "SmartChargingCtrlr": "Enabled",
    "TariffCostCtrlr": "Enabled",
}  # fmt: skip
"""Components that the station or the box has without any sensor, and a variable of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A component of the list, and how it comes to be here."""

    founding: str
    component: str
    variable: str
    input: int | None
    """Of the converter that stands in for its sensor; None: it needs none."""

    @property
    def place(self) -> Payload:
        instance = {} if self.input is None else {"instance": self.founding}
        return {"name": self.component, **instance}

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
        component = name.component or name.name
        if component in OWN:
            found.append(Row(founding=name.name, component=component, variable=OWN[component], input=None))
            continue
        variable = usual_variable(component, contact=True) or usual_variable(component, contact=False) or "Active"
        found.append(Row(founding=name.name, component=component, variable=variable, input=number))
    return tuple(found)


ROWS = {row.founding: row for row in rows()}


class Converter:
    """The kernel's files of the converter."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "hwmon0"
        self.folder.mkdir(parents=True)
        (self.folder / "name").write_text("adc\n")
        for row in ROWS.values():
            self.show(row, 0)

    def show(self, row: Row, volts: float) -> None:
        if row.input is not None:
            (self.folder / f"in{row.input}_input").write_text(f"{round(volts * 1000)}\n")


async def played_in(folder: Path) -> Mapping[str, str]:
    """What went wrong with each component."""
    converter = await asyncio.to_thread(Converter, folder / "hwmon")
    site = "".join(row.table + f'folder = "{folder / "hwmon"}"\n' for row in ROWS.values() if row.input is not None)
    async with pair(folder, more=site) as both:
        old, limited = (Watcher(both=both, side=side) for side in both.sides)
        watchers = {"SmartChargingCtrlr": limited}  # a station of OCPP 1.5 takes no limits
        return {name: await _tried(watchers.get(row.component, old), converter, row) for name, row in ROWS.items()}


async def _tried(watcher: Watcher, converter: Converter, row: Row) -> str:
    try:
        async with asyncio.timeout(20):
            await play(watcher, converter, row)
    except (AssertionError, KeyError, TimeoutError, ValueError):
        return traceback.format_exc()
    return ""


async def play(watcher: Watcher, converter: Converter, row: Row) -> None:
    """Inventory, get, set, monitor, event."""
    place = {**row.place, **({"evse": {"id": 1}} if row.component in {"EVSE", "Connector"} else {})}
    if row.component == "Connector":
        place["evse"] = {"id": 1, "connectorId": 1}
    item, *_ = await watcher.report(of(place, row.variable))  # some are there for several features
    address = {"component": item["component"], "variable": item["variable"]}
    (got,) = (await watcher.side.call("GetVariables", getVariableData=[address]))["getVariableResult"]
    assert got["attributeStatus"] == "Accepted"
    if item["variableAttribute"][0]["mutability"] == "ReadWrite":
        wish = {**address, "attributeValue": got["attributeValue"]}
        (done,) = (await watcher.side.call("SetVariables", setVariableData=[wish]))["setVariableResult"]
        assert done["attributeStatus"] in {"Accepted", "RebootRequired"}
    if row.input is None:
        return
    assert got["attributeValue"] == ("0" if row.numeric else "false")
    monitor = await watcher.monitor(delta(place, variable={"name": row.variable}))
    since = watcher.news
    converter.show(row, 5)
    event = await watcher.event(monitor, since)
    assert event["actualValue"] == ("5" if row.numeric else "true")
    await watcher.clear(monitor)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What went wrong with each."""
    return asyncio.run(played_in(tmp_path_factory.mktemp("components")))


@pytest.mark.parametrize("name", ROWS)
def test_component(played: Mapping[str, str], name: str) -> None:
    assert played[name] == ""
