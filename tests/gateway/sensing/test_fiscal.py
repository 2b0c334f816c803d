"""Begin and end of a transaction wait for the meter's signature, and never for long."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model.errors import GatewayError
from gateway.model.events import TransactionBegan, TransactionEnded
from gateway.model.ids import Place
from gateway.model.readings import Context, Signature
from gateway.model.signing import Moment
from gateway.model.station import StationState
from gateway.model.tokens import Token
from gateway.model.transactions import Transaction
from gateway.sensing.fiscal import Fiscal
from gateway.sensing.signer import Patience
from tests.fakes.southbound import FakeBox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.model.readings import Sample
    from gateway.model.signing import SigningOrder

STATION, NOW = "AT-1", datetime(2026, 3, 4, 12, tzinfo=UTC)
PLACE = Place(station=STATION, evse=1, connector=1)
BEGAN = TransactionBegan(place=PLACE, at=NOW, token=Token(value="04A1"), meter_start=1000.0, key="start")
QUICK = Patience(begin=0.05, end=0.05, meter=5.0)


@dataclass
class Meter:
    """Signs as soon as ``free`` is set; ``fails`` is raised in place of a signature."""

    orders: list[SigningOrder] = field(default_factory=list)
    free: asyncio.Event = field(default_factory=asyncio.Event)
    fails: GatewayError | None = None

    async def sign(self, order: SigningOrder) -> Signature:
        self.orders.append(order)
        await self.free.wait()
        if self.fails is not None:
            raise self.fails
        return Signature(data=order.moment.value, method="m", encoding="OCMF", public_key="KEY")


class Scene:
    """A box with a meter at the EVSE of a station that runs its transactions itself."""

    def __init__(self, patience: Patience | None = None) -> None:
        self.box, self.meter, self.patience = FakeBox([NOW]), Meter(), patience
        self.meter.free.set()
        self.box.settings = {
            "SampledDataCtrlr.SignReadings": "true",
            "OCPPCommCtrlr.PublicKeyWithSignedMeterValue": "OncePerTransaction",
        }
        self.fiscal = self.again()

    def again(self) -> Fiscal:
        """As after a restart of the box."""
        self.fiscal = Fiscal(self.box, {(STATION, 1): self.meter.sign}, self.patience)
        return self.fiscal

    async def begin(self, event: TransactionBegan = BEGAN) -> dict[Context, str]:
        admission = await self.fiscal.begin(event, patience=0)
        running = Transaction(
            id="tx", number=admission.number, evse=1, connector=1, started_at=NOW, last_at=NOW, token=event.token,
            seq_no=1, meter_start=event.meter_start, key=event.key,
        )  # fmt: skip
        self.box.states[STATION] = StationState(id=STATION).with_transaction(running)
        began = self.box.events[-1]
        assert isinstance(began, TransactionBegan)
        return signed(began.samples)

    async def end(self) -> dict[Context, str]:
        (running,) = self.box.station(STATION).transactions
        end = TransactionEnded(
            station=STATION, at=NOW + timedelta(seconds=60), number=running.number, meter_stop=2000.0, key="stop"
        )
        await self.fiscal.publish(end)
        ended = self.box.events[-1]
        assert isinstance(ended, TransactionEnded)
        return signed(ended.samples)

    def moments(self) -> list[Moment]:
        return [order.moment for order in self.meter.orders]


def signed(samples: Sequence[Sample]) -> dict[Context, str]:
    readings = [reading for sample in samples for reading in sample.readings]
    return {reading.context: reading.signed.data for reading in readings if reading.signed is not None}


BOTH = {Context.TRANSACTION_BEGIN: "begin", Context.TRANSACTION_END: "end"}


async def test_begin_and_end_have_their_signatures() -> None:
    scene = Scene()
    assert await scene.begin() == {Context.TRANSACTION_BEGIN: "begin"}
    assert await scene.end() == BOTH
    assert scene.moments() == [Moment.BEGIN, Moment.END]


async def test_a_meter_that_is_slow_holds_nothing_up_and_its_signature_is_told_with_the_end() -> None:
    scene = Scene(QUICK)
    scene.meter.free.clear()
    assert await scene.begin() == {}
    scene.meter.free.set()
    assert await scene.end() == BOTH
    assert scene.moments() == [Moment.BEGIN, Moment.END]


async def test_a_meter_that_never_answers_holds_neither_up(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene(QUICK)
    scene.meter.free.clear()
    async with asyncio.timeout(2):
        assert await scene.begin() == {}
        assert await scene.end() == {}
    assert scene.moments() == [Moment.BEGIN]
    (said,) = caplog.messages
    assert "is not signed" in said


async def test_a_meter_that_fails_is_told_of_once_and_when_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene()
    scene.meter.fails = GatewayError("signing-empty", point="ocmf")
    for number in range(3):
        assert await scene.begin(replace(BEGAN, key=f"start {number}")) == {}
        assert await scene.end() == {}
    scene.meter.fails = None
    assert await scene.begin(replace(BEGAN, key="at last")) != {}
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert scene.moments() == [Moment.BEGIN] * 4, "an end is not asked for where there was no begin"


async def test_what_cannot_be_stored_is_told_again_with_the_same_signature() -> None:
    scene = Scene()
    scene.box.disk_full = True
    with pytest.raises(GatewayError):
        await scene.begin()
    scene.box.disk_full = False
    assert await scene.begin() == {Context.TRANSACTION_BEGIN: "begin"}
    scene.box.disk_full = True
    with pytest.raises(GatewayError):
        await scene.end()
    scene.box.disk_full = False
    assert await scene.end() == BOTH
    assert scene.moments() == [Moment.BEGIN, Moment.END]


async def test_a_start_of_the_box_loses_no_signature() -> None:
    scene = Scene()
    await scene.begin()
    scene.again()
    await scene.begin()  # the station has not seen the answer
    assert await scene.end() == BOTH
    scene.again()
    assert await scene.end() == BOTH
    assert scene.moments() == [Moment.BEGIN, Moment.END]


async def test_where_the_backend_wants_no_signatures_the_meter_is_not_asked() -> None:
    scene = Scene()
    scene.box.settings["SampledDataCtrlr.SignReadings"] = "false"
    assert await scene.begin() == {}
    assert await scene.end() == {}
    assert scene.meter.orders == []


async def test_what_a_station_tells_late_is_not_signed_as_if_it_were_now() -> None:
    scene = Scene()
    old = replace(BEGAN, at=NOW - timedelta(minutes=10), key="kept by the station")
    assert await scene.begin(old) == {}
    assert scene.meter.orders == []
    await scene.begin()
    scene.box.clock[0] = NOW + timedelta(hours=2)
    assert await scene.end() == {}
    assert scene.moments() == [Moment.BEGIN]


async def test_what_is_switched_off_meanwhile_is_ended_and_not_told() -> None:
    scene = Scene()
    await scene.begin()
    scene.box.settings["SampledDataCtrlr.SignReadings"] = "false"
    assert await scene.end() == {}
    assert scene.moments() == [Moment.BEGIN, Moment.END]
