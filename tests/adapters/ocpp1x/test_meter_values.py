"""Meter values of an OCPP 1.6 station as its variables ask for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.model.events import Measured, TransactionEnded
from tests.adapters.ocpp1x.rig import ID, NOW, Station, state, transaction

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Fields

CLOCK: Fields = {"value": "1500", "context": "Sample.Clock"}
PERIODIC: Fields = {"value": "1400"}


def station(**settings: str) -> Station:
    """Two EVSEs; a transaction runs at the first."""
    made = Station()
    made.box.states[ID] = state(replace(transaction(), meter_start=1000.0))
    made.box.settings = {name.replace("_", "."): value for name, value in settings.items()}
    return made


async def measured(made: Station, connector: int, *items: Fields) -> list[Measured]:
    value: Fields = {"timestamp": NOW, "sampledValue": list(items)}
    await made.says("MeterValues", connectorId=connector, meterValue=[value])
    return [event for event in made.box.events if isinstance(event, Measured)]


@pytest.mark.ocpp("J01.FR.19", "J01.FR.20")
@pytest.mark.parametrize(("connector", "told"), [(0, 1), (1, 1), (2, 1)])
async def test_by_the_clock_only_while_nobody_charges(connector: int, told: int) -> None:
    made = station(AlignedDataCtrlr_SendDuringIdle="true")
    (event,) = await measured(made, connector, CLOCK, PERIODIC)
    assert [len(sample.readings) for sample in event.samples] == [told]
    assert event.samples[0].readings[0].value == 1400
    assert await measured(made, connector, CLOCK) == [event], "nothing is left to tell"
    made.box.states[ID] = state()
    assert len(await measured(made, connector, CLOCK)) == 2


@pytest.mark.ocpp("J01.FR.19")
async def test_of_one_evse_alone() -> None:
    made = station(**{"AlignedDataCtrlr#1_SendDuringIdle": "true"})
    assert await measured(made, 1, CLOCK) == []
    assert len(await measured(made, 2, CLOCK)) == 1


@pytest.mark.ocpp("J01.FR.03", "J01.FR.04")
async def test_the_main_meter_is_that_of_evse_0() -> None:
    made = station()
    (event,) = await measured(made, 0, PERIODIC)
    assert (event.place.evse, event.number) == (0, None)
    assert [reading.value for sample in event.samples for reading in sample.readings] == [1400]


async def test_registers_without_phases() -> None:
    phases: list[Fields] = [{"value": "100", "phase": phase} for phase in ("L1", "L2", "L3")]
    (event,) = await measured(station(), 1, *phases)
    assert [reading.phase for reading in event.samples[0].readings] == ["L1", "L2", "L3"]
    (event,) = await measured(station(SampledDataCtrlr_RegisterValuesWithoutPhases="true"), 1, *phases)
    assert [(reading.value, reading.phase) for reading in event.samples[0].readings] == [(300, None)]


async def test_the_public_key_of_the_meter_comes_from_the_configuration() -> None:
    made = station(
        OCPPCommCtrlr_PublicKeyWithSignedMeterValue="OncePerTransaction", LegacyStation_MeterPublicKey1="S0VZ"
    )
    record = '{"signedMeterData": "AAAA", "encodingMethod": "OCMF"}'
    data: list[Fields] = [
        {
            "timestamp": NOW,
            "sampledValue": [{"value": record, "format": "SignedData", "context": f"Transaction.{edge}"}],
        }
        for edge in ("Begin", "End")
    ]
    await made.says("StopTransaction", transactionId=17, meterStop=2000, timestamp=NOW, transactionData=[*data])
    (event,) = [event for event in made.box.events if isinstance(event, TransactionEnded)]
    signatures = [reading.signed for sample in event.samples for reading in sample.readings]
    assert [signature.public_key for signature in signatures if signature] == ["S0VZ", ""]
