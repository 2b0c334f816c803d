"""A modem behind a real message bus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from dbus_fast import Variant

from adapters.sensors.modem import Modem
from gateway.contracts.sensing import SensorSettings
from tests.adapters.sensors.modems import NAME, Bus, message_bus, modem, modem_manager
from tests.fakes.panel import FakePanel
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gateway.model.sensing import Value

SIM = {"SimIdentifier": Variant("s", "8943019900000000001"), "Imsi": Variant("s", "232010000000001")}


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.sensors.polled.RETRY", 0.05)


def kind_of(bus: Bus, *points: str, **keys: Any) -> Modem:
    options = Modem.Keys.model_validate({"bus": bus.address, "poll": 0.05, **keys})
    return Modem([SensorSettings(name="link", points=frozenset(points), options=options)])


def last(panel: FakePanel) -> Mapping[str, Value]:
    return panel.values[-1][1] if panel.values else {}


async def first(kind: Modem) -> Mapping[str, Value] | str:
    """What the first reading gives: values, or the code of the loss."""
    panel = FakePanel()
    async with running(kind.run(panel)):
        await panel.until(lambda it: bool(it.values or it.losses))
    return panel.losses[0][1].code if panel.losses else last(panel)


async def test_a_modem_tells_of_its_network_and_its_sim(tmp_path: Path) -> None:
    async with message_bus(tmp_path) as bus, modem_manager(bus.address) as manager:
        manager.modems, manager.sims = {0: modem()}, {3: SIM}
        found = await first(kind_of(bus))
    assert found == {
        "signal_quality": 71.0, "registered": True, "roaming": False, "connected": True, "state": "connected",
        "access_technology": "lte", "operator": "A1", "operator_code": "23201", "imei": "867698040000001",
        "imsi": "232010000000001", "iccid": "8943019900000000001", "manufacturer": "QUALCOMM", "model": "EG25",
        "firmware": "EG25GGBR07",
    }  # fmt: skip
    assert found.keys() <= {point.name for point in Modem.points(Modem.Keys())}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"RegistrationState": Variant("u", 5)}, {"registered": True, "roaming": True}),
        ({"RegistrationState": Variant("u", 2), "State": Variant("i", 8)}, {"registered": False, "connected": False}),
        ({"RegistrationState": Variant("u", 3), "State": Variant("i", -1)}, {"registered": False, "state": "failed"}),
        ({"State": Variant("i", 2)}, {"state": "locked"}),
        ({"State": Variant("i", 42)}, {"state": "unknown-42"}),
        ({"AccessTechnologies": Variant("u", 1 << 14 | 1 << 15)}, {"access_technology": "lte, 5gnr"}),
    ],
)
async def test_a_network_that_is_not_as_it_should_be(
    tmp_path: Path, changes: dict[str, Variant], expected: dict[str, Value]
) -> None:
    async with message_bus(tmp_path) as bus, modem_manager(bus.address) as manager:
        manager.modems = {0: modem(**changes)}
        found = await first(kind_of(bus))
    assert isinstance(found, dict)
    assert expected.items() <= found.items()


async def test_a_modem_without_a_sim_says_what_it_can(tmp_path: Path) -> None:
    bare = {f"{NAME}.Modem": modem(Sim=Variant("o", "/"), State=Variant("i", 3))[f"{NAME}.Modem"]}
    async with message_bus(tmp_path) as bus, modem_manager(bus.address) as manager:
        manager.modems = {0: bare}
        found = await first(kind_of(bus))
    assert isinstance(found, dict)
    assert (found["state"], found["registered"], "iccid" in found) == ("disabled", False, False)


async def test_the_cell_is_measured_only_where_that_is_wanted(tmp_path: Path) -> None:
    lte = {"rssi": Variant("d", -63.0), "rsrp": Variant("d", -94.5), "rsrq": Variant("d", -1.7e308)}
    async with message_bus(tmp_path) as bus, modem_manager(bus.address) as manager:
        manager.modems = {0: modem() | {f"{NAME}.Modem.Signal": {"Rate": Variant("u", 0)}}}
        panel = FakePanel()
        async with running(kind_of(bus, "rsrp").run(panel)):
            await panel.until(lambda it: bool(it.values))  # it may refuse
            assert "rsrp" not in last(panel)
            manager.measuring = {"Lte": Variant("a{sv}", lte)}
            await panel.until(lambda it: "rsrp" in last(it))
        assert (last(panel)["rsrp"], last(panel)["rssi"], "rsrq" in last(panel)) == (-94.5, -63.0, False)
        assert manager.rates == [1]
        manager.modems[0][f"{NAME}.Modem.Signal"] = {"Rate": Variant("u", 0)}
        await first(kind_of(bus, "signal_quality"))
        assert manager.rates == [1]


async def test_one_of_several_modems_is_named(tmp_path: Path) -> None:
    async with message_bus(tmp_path) as bus, modem_manager(bus.address) as manager:
        assert await first(kind_of(bus)) == "modem-absent"
        other = modem("cdc-wdm1", EquipmentIdentifier=Variant("s", "2"), SignalQuality=Variant("(ub)", [9, True]))
        manager.modems = {0: modem(), 1: other}
        assert await first(kind_of(bus)) == "modem-ambiguous"
        assert await first(kind_of(bus, modem="cdc-wdm7")) == "modem-absent"
        for name in ("2", "cdc-wdm1"):
            found = await first(kind_of(bus, modem=name))
            assert isinstance(found, dict)
            assert found["signal_quality"] == 9.0


async def test_no_bus_and_no_modem_manager_are_losses_until_they_are_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    panel, bus = FakePanel(), Bus(tmp_path)
    async with running(kind_of(bus).run(panel)):
        await panel.until(lambda it: bool(it.losses))
        try:
            await bus.start()
            await panel.until(lambda it: "ServiceUnknown" in str(it.losses[-1][1]))
            async with modem_manager(bus.address) as manager:
                manager.modems = {0: modem()}
                await panel.until(lambda it: bool(it.values))
                panel.losses.clear()
            await panel.until(lambda it: bool(it.losses))
        finally:
            await bus.stop()
        panel.losses.clear()
        await panel.until(lambda it: bool(it.losses))
    assert {error.code for _, error in panel.losses} == {"modem-unreachable"}
    assert [record.getMessage().endswith("back") for record in caplog.records] == [False, True, False]
