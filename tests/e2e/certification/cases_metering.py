"""Cases of meter values that a 1.5 station cannot pass (Part 6, TC_J, with the errata), each as a function of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model.readings import ENERGY_REGISTER
from tests.e2e.certification.bay import ALIGNED, BOTH, POWER, SAMPLED, contexts, every, measures

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.e2e.certification.bay import Bay

    Case = Callable[[Bay], Awaitable[None]]

SECONDS = 1


@pytest.mark.ocpp("J02.FR.10", "E06.FR.11")
async def tc_j_03_cs(bay: Bay) -> None:
    await bay.set_("TxEndedInterval", str(SECONDS), ALIGNED)
    await bay.set_("TxEndedMeasurands", BOTH, ALIGNED)
    await bay.set_("TxEndedMeasurands", "", SAMPLED)
    # Readings by the clock show when it is time to leave.
    await bay.set_("Interval", str(SECONDS), ALIGNED)
    await bay.charge()
    await bay.side.until(lambda: len(_by_clock(bay)) >= 3)
    ended = await bay.leaves()
    values = ended["meterValue"]
    assert len(values) >= 3
    assert set(contexts(values)) == {"Sample.Clock"}
    assert measures(values, ENERGY_REGISTER, POWER)
    assert every(SECONDS, values)


def _by_clock(bay: Bay) -> list[object]:
    events = bay.side.received("TransactionEvent", bay.since)
    return [event for event in events if event["triggerReason"] == "MeterValueClock"]


@pytest.mark.ocpp("J01.FR.19", "J01.FR.20")
async def tc_j_06_cs(bay: Bay) -> None:
    await bay.set_("SendDuringIdle", "true", ALIGNED)
    await bay.set_("Interval", str(SECONDS), ALIGNED)
    # The case forbids every meter value while the transaction runs.
    for name in ("TxStartedMeasurands", "TxEndedMeasurands"):
        await bay.set_(name, "", SAMPLED)
    before = await bay.more_aligned(2)
    started = await bay.charge()
    since = bay.both.world.news
    # State EnergyTransferStarted lasts longer than the interval: until as many readings would have come.
    await bay.set_("TxEndedMeasurands", ENERGY_REGISTER, ALIGNED)
    await bay.set_("TxUpdatedInterval", "3", SAMPLED)
    await bay.side.until(lambda: _periodic(bay))
    assert bay.aligned(since) == []
    assert "meterValue" not in started
    await bay.leaves()
    assert _by_clock(bay) == []
    after = await bay.more_aligned(2)
    for values in (before, after):
        assert set(contexts(values)) == {"Sample.Clock"}
        assert every(SECONDS, values)


def _periodic(bay: Bay) -> bool:
    events = bay.side.received("TransactionEvent", bay.since)
    return any(event["triggerReason"] == "MeterValuePeriodic" for event in events)


@pytest.mark.ocpp("E01.FR.09", "E03.FR.07")
async def tc_j_08_cs(bay: Bay) -> None:
    await bay.set_("TxStartPoint", "Authorized")
    await bay.set_("TxStartedMeasurands", BOTH, SAMPLED)
    await bay.present()
    await bay.plug()
    started = await bay.charges()
    assert started["transactionInfo"]["chargingState"] == "Idle"
    (value,) = started["meterValue"]
    assert "evse" in started
    assert contexts([value]) == ["Transaction.Begin"]
    assert measures([value], ENERGY_REGISTER, POWER)


@pytest.mark.ocpp("J02.FR.11", "E06.FR.11")
async def tc_j_10_cs(bay: Bay) -> None:
    await bay.set_("TxEndedInterval", str(SECONDS), SAMPLED)
    await bay.set_("TxEndedMeasurands", BOTH, SAMPLED)
    await bay.set_("TxEndedMeasurands", "", ALIGNED)
    await bay.set_("TxUpdatedInterval", "3", SAMPLED)
    await bay.charge()
    await bay.side.until(lambda: _periodic(bay))
    ended = await bay.leaves()
    begin, *between, end = ended["meterValue"]
    assert contexts([begin, end]) == ["Transaction.Begin", "Transaction.End"]
    assert len(between) >= 3
    assert set(contexts(between)) == {"Sample.Periodic"}
    assert measures(ended["meterValue"], ENERGY_REGISTER, POWER)
    assert every(SECONDS, [begin, *between])


CASES: dict[str, Case] = {case.__name__.upper(): case for case in (tc_j_03_cs, tc_j_06_cs, tc_j_08_cs, tc_j_10_cs)}
"""By id."""
