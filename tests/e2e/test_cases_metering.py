"""Certification cases of meter values: TC_J_01, TC_J_02, TC_J_07, TC_J_09, TC_J_10."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from gateway.model.readings import ENERGY_REGISTER
from tests.e2e.plan import TOKEN, Plan
from tests.e2e.truth import when
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload

POWER = "Power.Active.Import"
BOTH = {ENERGY_REGISTER, POWER}


def contexts(value: Payload) -> set[str]:
    return {v["context"] for v in value["sampledValue"]}


def measurands(value: Payload) -> set[str]:
    return {v["measurand"] for v in value["sampledValue"]}


@pytest.mark.case("TC_J_01_CS", "TC_J_02_CS")
@pytest.mark.ocpp("J01.FR.02", "J01.FR.14", "J01.FR.17", "J01.FR.22")
async def test_clock_aligned(tmp_path: Path) -> None:
    """TC_J_01, TC_J_02: idle EVSEs by MeterValues, the one that charges by TransactionEvent."""
    async with world(tmp_path, Plan(evses=2, speed=1.0, keys={"MeterValueSampleInterval": "0"})) as made:
        await configure(made, "AlignedDataCtrlr", Measurands=f"{ENERGY_REGISTER},{POWER}", Interval="1")
        await made.until(lambda: len(_aligned(made, 1)) >= 3)
        await made.station.charge(TOKEN, 2, samples=0)
        await made.until(lambda: len(_clock_events(made)) >= 2)
        since = made.news
        await made.until(lambda: len(_aligned(made, 1, since)) >= 1)
        assert _aligned(made, 2, since) == []
        for values in (_aligned(made, 1), _aligned(made, 2), _clock_events(made)):
            assert {frozenset(contexts(value)) for value in values} == {frozenset({"Sample.Clock"})}
            assert all(measurands(value) == BOTH for value in values)
            stamps = [when(value["timestamp"]) for value in values]
            assert all(0.5 < (b - a).total_seconds() < 1.5 for a, b in pairwise(stamps))


def _aligned(made: World, evse: int, since: int = 0) -> list[Payload]:
    told = [r.payload for r in made.csms.received[since:] if r.action == "MeterValues"]
    return [value for p in told if p["evseId"] == evse for value in p["meterValue"]]


def _clock_events(made: World) -> list[Payload]:
    events = [e for held in made.held() for e in held.events if e["triggerReason"] == "MeterValueClock"]
    return [value for event in events for value in event["meterValue"]]


@pytest.mark.case("TC_J_07_CS", "TC_J_09_CS", "TC_J_10_CS")
@pytest.mark.ocpp("J02.FR.11", "J02.FR.18")
async def test_sampled_at_the_start_in_between_and_at_the_end(tmp_path: Path) -> None:
    """TC_J_07, TC_J_09, TC_J_10; the interval of what comes at the end is the station's own."""
    async with world(tmp_path, Plan(speed=1.0)) as one:
        names = f"{ENERGY_REGISTER},{POWER}"
        await configure(
            one, "SampledDataCtrlr", TxUpdatedMeasurands=names, TxUpdatedInterval="1", TxEndedMeasurands=names
        )
        truth = await one.station.charge(TOKEN, samples=3)
        await one.station.sim.present_token(1, TOKEN)
        await one.delivered()
        started, *updates, ended = one.held()[0].events
        (value,) = started["meterValue"]
        assert (contexts(value), measurands(value)) == ({"Transaction.Begin"}, {ENERGY_REGISTER})
        assert len(updates) == len(truth.samples) >= 3
        for event in updates:
            (value,) = event["meterValue"]
            assert (contexts(value), measurands(value)) == ({"Sample.Periodic"}, BOTH)
        stamps = [when(event["meterValue"][0]["timestamp"]) for event in updates]
        assert all(0.5 < (b - a).total_seconds() < 1.5 for a, b in pairwise(stamps))
        assert {event["triggerReason"] for event in updates[1:]} == {"MeterValuePeriodic"}
        begin, *samples, end = ended["meterValue"]
        assert contexts(begin) == {"Transaction.Begin"}
        assert contexts(end) == {"Transaction.End"}
        assert [when(s["timestamp"]) for s in samples if contexts(s) == {"Sample.Periodic"}] == stamps
        assert all(measurands(s) == BOTH for s in samples)


async def configure(made: World, component: str, **values: str) -> None:
    for variable, value in values.items():
        assert await made.set_variable(component, variable, value) == "Accepted"
        assert (await made.get_variable(component, variable))["attributeValue"] == value
