"""Signed meter values of a station that signs: they go with what they are of, however the transaction goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model import events as ev
from gateway.model.ids import Place
from gateway.model.readings import Context, Reading, Sample, Signature
from gateway.model.transactions import STOPPED_BY_DRIVER, STOPPED_BY_UNPLUGGING, ChargingState, TriggerReason
from tests.fakes.box import ID, RFID, Box

if TYPE_CHECKING:
    from gateway.contracts import Json
    from gateway.model.tokens import Token
    from gateway.model.transactions import StopCause

PLACE = Place(station=ID, evse=1, connector=1)


async def sign(box: Box) -> int:
    """The station is set to sign, and a transaction begins; its number."""
    held = ev.StationVariable(
        key="SampledDataSignReadings", component="SampledDataCtrlr", variable="SignReadings", value="true",
        read_only=False,
    )  # fmt: skip
    await box.hub.publish(ev.VariablesReported(station=ID, at=box.clock.now(), variables=(held,)))
    return (await box.begin()).number


def sample(box: Box, wh: float, context: Context) -> Sample:
    signature = Signature(data=f"c2lnbmVk{wh:.0f}", method="", encoding="OCMF")
    return Sample(at=box.clock.now(), readings=(Reading(value=wh, context=context, signed=signature),))


async def measure(box: Box, number: int, wh: float) -> None:
    told = ev.Measured(place=PLACE, samples=(sample(box, wh, Context.SAMPLE_PERIODIC),), number=number)
    await box.hub.publish(told)


async def end(box: Box, number: int, cause: StopCause, token: Token | None = None) -> None:
    last = sample(box, 2000.0, Context.TRANSACTION_END)
    await box.hub.publish(
        ev.TransactionEnded(
            station=ID, at=box.clock.now(), number=number, meter_stop=2000.0, key="stop", token=token, samples=(last,),
            cause=cause,
        )
    )  # fmt: skip


def signed(event: Json) -> list[tuple[float, str, str]]:
    """Number, context and record of each signed value of an event."""
    return [
        (v["value"], v["context"], v["signedMeterValue"]["signedMeterData"])
        for each in event["meterValue"]
        for v in each["sampledValue"]
        if "signedMeterValue" in v
    ]


LAST = (2000.0, "Transaction.End", "c2lnbmVk2000")


@pytest.mark.parametrize(
    ("cause", "token"),
    [
        pytest.param(STOPPED_BY_DRIVER, RFID, marks=pytest.mark.ocpp("E07.FR.12")),
        pytest.param(STOPPED_BY_UNPLUGGING, None, marks=pytest.mark.ocpp("E09.FR.08")),
    ],
    ids=["card", "unplugged"],
)
async def test_with_the_end(box: Box, cause: StopCause, token: Token | None) -> None:
    number = await sign(box)
    await end(box, number, cause, token)
    ended = (await box.sent_of("TransactionEvent"))[-1]
    assert ended["transactionInfo"]["stoppedReason"] == cause.reason
    assert signed(ended) == [LAST]


@pytest.mark.ocpp("E10.FR.07")
async def test_with_the_end_of_one_that_was_suspended(box: Box) -> None:
    number = await sign(box)
    await box.hub.publish(
        ev.TransactionUpdated(
            place=PLACE, at=box.clock.now(), number=number, trigger=TriggerReason.EV_COMMUNICATION_LOST,
            charging_state=ChargingState.IDLE,
        )
    )  # fmt: skip
    await end(box, number, STOPPED_BY_DRIVER, RFID)
    *_, suspended, ended = await box.sent_of("TransactionEvent")
    assert (suspended["eventType"], suspended["triggerReason"]) == ("Updated", "EVCommunicationLost")
    assert signed(ended) == [LAST]


@pytest.mark.ocpp("E08.FR.12", "E11.FR.08", "E12.FR.10")
async def test_with_all_that_waits_for_the_backend(box: Box) -> None:
    box.backend.since = None
    number = await sign(box)
    await measure(box, number, 1500.0)
    await end(box, number, STOPPED_BY_DRIVER, RFID)
    _, update, ended = await box.sent_of("TransactionEvent")
    assert (update["offline"], ended["offline"]) == (True, True)
    assert signed(update) == [(1500.0, "Sample.Periodic", "c2lnbmVk1500")]
    assert signed(ended) == [LAST]
