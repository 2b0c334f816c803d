"""A wallbox on a whole box: which readings the backend is told, and when (J)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from gateway.model.device import VariableRef
from gateway.model.readings import ENERGY_REGISTER
from tests.adapters.common.rig import CARD
from tests.adapters.common.site import opened
from tests.fakes.box import ID
from tests.fakes.clock import START

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json
    from tests.adapters.common.site import Site

CURRENT = "Current.Import"
BOTH = f"{ENERGY_REGISTER},{CURRENT}"
PHASES = {"L1", "L2", "L3"}
EVSE_1 = VariableRef(component="AlignedDataCtrlr", variable="SendDuringIdle", evse=1)


@asynccontextmanager
async def charged(tmp_path: Path, **variables: str) -> AsyncIterator[tuple[Site, Json]]:
    """A transaction that runs, with these variables (``_`` for ``.``), and the event that began it."""
    async with opened(tmp_path) as site:
        for name, value in {"SampledDataCtrlr_TxUpdatedInterval": "0", **variables}.items():
            component, variable = name.split("_")
            await site.set_(component, variable, value)
        await site.plug()
        await site.present(CARD)
        yield site, (await site.told_of_start())[0]


async def later(site: Site, seconds: float, energy: float = 1.0) -> list[Json]:
    """Let time pass and energy (kWh) flow; the TransactionEvents and MeterValues of it."""
    site.wire.energy += energy
    await site.look(4)
    site.box.clock.pass_(seconds=seconds)
    await site.look(4)
    return [m.payload for m in await site.box.sent() if m.action in {"TransactionEvent", "MeterValues"}]


async def ended(site: Site) -> Json:
    """Unplug; the event that ends the transaction."""
    site.wire.plugged = False
    await site.until(lambda: not site.box.state.transactions)
    events = await site.box.sent_of("TransactionEvent")
    assert events[-1]["eventType"] == "Ended"
    return events[-1]


def taken(event: Json) -> list[tuple[int, str, set[str]]]:
    """Of each meter value: seconds since the start of the test, the one context, the measurands."""
    found = []
    for value in event.get("meterValue", []):
        (context,) = {each["context"] for each in value["sampledValue"]}
        seconds = (datetime.fromisoformat(value["timestamp"]) - START).total_seconds()
        found.append((round(seconds), context, {each["measurand"] for each in value["sampledValue"]}))
    return found


@pytest.mark.ocpp(
    "J02.FR.01", "J02.FR.02", "J02.FR.03", "J02.FR.04", "J02.FR.05", "J02.FR.06", "J02.FR.07", "J02.FR.10", "J02.FR.11",
    "J02.FR.18", "J02.FR.22",
)  # fmt: skip
async def test_sampled_values_say_what_when_where_and_of_which_phase(tmp_path: Path) -> None:
    updated = {"SampledDataCtrlr_TxUpdatedMeasurands": BOTH, "SampledDataCtrlr_TxUpdatedInterval": "60"}
    async with charged(tmp_path, **updated) as (site, started):
        assert taken(started) == [(0, "Transaction.Begin", {ENERGY_REGISTER})]
        for minute in (1, 2):
            (event,) = await later(site, 60)
            assert (event["eventType"], event["triggerReason"]) == ("Updated", "MeterValuePeriodic")
            assert event["transactionInfo"]["transactionId"] == started["transactionInfo"]["transactionId"]
            assert taken(event) == [(60 * minute, "Sample.Periodic", {ENERGY_REGISTER, CURRENT})]
            assert event["timestamp"] == event["meterValue"][0]["timestamp"]
            values = event["meterValue"][0]["sampledValue"]
            register, *currents = values
            assert register["value"] == 100_000 + 1000 * minute
            assert register["unitOfMeasure"] == {"unit": "Wh"}
            assert {(each["value"], each["unitOfMeasure"]["unit"]) for each in currents} == {(20.0, "A")}
            assert {each["phase"] for each in currents} == PHASES
            assert {each["location"] for each in values} == {"Outlet"}
        assert await later(site, 59) == [], "nothing before the interval is over"


@pytest.mark.ocpp("J02.FR.16", "J02.FR.17")
async def test_registers_never_fall_and_are_those_of_the_meter(tmp_path: Path) -> None:
    async with charged(tmp_path, SampledDataCtrlr_TxUpdatedInterval="60") as (site, started):
        told = [started["meterValue"][0]["sampledValue"][0]["value"]]
        for energy in (0.5, 0.0, -3.0, 4.0):
            (event,) = await later(site, 60, energy)
            told.append(event["meterValue"][0]["sampledValue"][0]["value"])
        end = (await ended(site))["meterValue"][-1]["sampledValue"][0]["value"]
        assert told[:3] == [100_000, 100_500, 100_500], "as the meter shows them, not from 0 on"
        assert sorted([*told, end]) == [*told, end]


@pytest.mark.ocpp("E06.FR.11", "J02.FR.03", "J02.FR.04")
async def test_what_is_kept_for_the_end(tmp_path: Path) -> None:
    more = {"SampledDataCtrlr_TxEndedMeasurands": BOTH, "SampledDataCtrlr_TxEndedInterval": "60"}
    async with charged(tmp_path, **more) as (site, _):
        for _ in range(3):
            assert await later(site, 60) == []
        event = await ended(site)
    both = {ENERGY_REGISTER, CURRENT}
    assert taken(event) == [
        (0, "Transaction.Begin", both), *((at, "Sample.Periodic", both) for at in (60, 120, 180)),
        (180, "Transaction.End", both),
    ]  # fmt: skip
    assert [v["sampledValue"][0]["value"] for v in event["meterValue"]] == [1e5, 101e3, 102e3, 103e3, 103e3]


async def test_aligned_values_for_the_end_alone(tmp_path: Path) -> None:
    more = {
        "SampledDataCtrlr_TxEndedMeasurands": "",
        "AlignedDataCtrlr_TxEndedMeasurands": ENERGY_REGISTER,
        "AlignedDataCtrlr_TxEndedInterval": "900",
    }
    async with charged(tmp_path, **more) as (site, _):
        site.box.clock.pass_(seconds=10)
        for _ in range(2):
            assert await later(site, 900) == []
        event = await ended(site)
    assert taken(event) == [(at, "Sample.Clock", {ENERGY_REGISTER}) for at in (910, 1810)]


async def test_nothing_is_told_that_is_not_asked_for(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await site.set_("SampledDataCtrlr", "Enabled", "false")
        await site.set_("AlignedDataCtrlr", "Interval", "60")
        await site.set_("AlignedDataCtrlr", "Enabled", "false")
        await site.plug()
        await site.present(CARD)
        events = [*(await site.told_of_start()), *(await later(site, 3600)), await ended(site)]
        assert not any("meterValue" in event for event in events)
        assert site.box.state.connectors


@pytest.mark.ocpp(
    "J01.FR.01", "J01.FR.02", "J01.FR.05", "J01.FR.06", "J01.FR.07", "J01.FR.08", "J01.FR.09", "J01.FR.10", "J01.FR.11",
    "J01.FR.14", "J01.FR.17",
)  # fmt: skip
async def test_aligned_values_of_an_idle_evse(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await site.set_("AlignedDataCtrlr", "Measurands", BOTH)
        await site.set_("AlignedDataCtrlr", "Interval", "900")
        for number in (1, 2):
            (values,) = await later(site, 900, 0.0)
            assert values["evseId"] == 1
            assert taken(values) == [(900 * number, "Sample.Clock", {ENERGY_REGISTER, CURRENT})]
            register, *currents = values["meterValue"][0]["sampledValue"]
            assert (register["value"], register["location"]) == (100_000, "Outlet")
            assert {each["phase"] for each in currents} == PHASES
        await site.set_("AlignedDataCtrlr", "Interval", "0")
        assert await later(site, 7200, 0.0) == []


@pytest.mark.ocpp("J01.FR.19", "J01.FR.20", "J01.FR.22")
@pytest.mark.parametrize("kept_back_by", ["", "station", "evse"])
async def test_aligned_values_of_an_evse_that_charges(tmp_path: Path, kept_back_by: str) -> None:
    async with charged(tmp_path, AlignedDataCtrlr_Interval="900") as (site, _):
        if kept_back_by:
            ref = (
                EVSE_1
                if kept_back_by == "evse"
                else VariableRef(component="AlignedDataCtrlr", variable=EVSE_1.variable)
            )
            assert (await site.box.hub.set_variable(ID, ref, "true")).accepted
        told = await later(site, 900)
        if kept_back_by:
            assert told == []
        else:
            assert [event["triggerReason"] for event in told] == ["MeterValueClock"]
            assert taken(told[0]) == [(900, "Sample.Clock", {ENERGY_REGISTER})]
        await ended(site)
        await site.until(lambda: site.wire.enable == 0)
        (idle,) = await later(site, 900, 0.0)
        assert idle["evseId"] == 1


async def test_aligned_to_midnight_over_a_jump_of_the_clock(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await site.set_("AlignedDataCtrlr", "Interval", "25200")  # 7 h: 00, 07, 14, 21, and 00 again
        assert len(await later(site, 2 * 3600, 0.0)) == 1  # 14:00
        assert len(await later(site, 7 * 3600, 0.0)) == 1  # 21:00
        assert len(await later(site, 3 * 3600, 0.0)) == 1  # midnight
        assert await later(site, 3600, 0.0) == []
        assert await later(site, -2 * 3600, 0.0) == [], "a clock that is set back makes none"
        assert len(await later(site, 3600, 0.0)) == 1  # midnight again


@pytest.mark.parametrize("noted", [True, False])
async def test_a_box_that_was_off_tells_all_that_was_kept(tmp_path: Path, *, noted: bool) -> None:
    every = "60" if noted else "600"
    async with charged(tmp_path, SampledDataCtrlr_TxEndedInterval=every) as (before, started):
        await later(before, 60)
        before.box.clock.pass_(seconds=30)
        after = opened(tmp_path, before=before)
    # As after kill -9: an orderly end leaves the wallbox in its safe state.
    before.wire.enable, before.wire.limit = 1, 20.0
    async with after as site:
        await site.until(site.charges)
        await later(site, 30)
        event = await ended(site)
    assert event["transactionInfo"]["transactionId"] == started["transactionInfo"]["transactionId"]
    between = [(60, "Sample.Periodic"), (120, "Sample.Periodic")] if noted else []
    assert [(at, why) for at, why, _ in taken(event)] == [
        (0, "Transaction.Begin"), *between, (120, "Transaction.End"),
    ]  # fmt: skip
