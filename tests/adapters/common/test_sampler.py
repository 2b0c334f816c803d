"""The sampler of one EVSE by itself: what happens while its readings are being told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from adapters.common.kept import Kept
from adapters.common.sampler import Sampler
from gateway.model.errors import GatewayError
from gateway.model.events import Measured
from gateway.model.readings import ENERGY_REGISTER, Context, Reading, Sample
from gateway.model.session import Purpose
from tests.adapters.common.rig import PLACE
from tests.fakes.clock import START
from tests.fakes.southbound import FakeBox

if TYPE_CHECKING:
    from gateway.model.events import Event

UPDATED = frozenset({Purpose.UPDATED})
FULL = Sample(at=START, readings=(Reading(value=1000.0),))


class SlowBox(FakeBox):
    """It waits to be let go before it takes an event."""

    def __init__(self) -> None:
        super().__init__([START])
        self.settings = {
            "SampledDataCtrlr.TxUpdatedMeasurands": ENERGY_REGISTER, "SampledDataCtrlr.TxUpdatedInterval": "60",
            "SampledDataCtrlr.TxEndedMeasurands": ENERGY_REGISTER,
        }  # fmt: skip
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    @override
    async def publish(self, *events: Event) -> None:
        self.reached.set()
        await self.go.wait()
        await super().publish(*events)


async def noted(_: str) -> None:
    """Where it is noted does not matter here."""


def sampler(box: FakeBox) -> Sampler:
    made = Sampler(box, PLACE, Kept("", noted))
    made.begun(17, FULL, START)
    return made


def pass_(box: FakeBox, seconds: float) -> None:
    box.clock[0] += timedelta(seconds=seconds)


async def test_a_transaction_that_ends_while_it_is_told_leaves_nothing_due() -> None:
    box = SlowBox()
    one = sampler(box)
    pass_(box, 60)
    assert one.due() == UPDATED
    telling = asyncio.create_task(one.take(UPDATED, FULL, 17))
    await box.reached.wait()
    assert [s.readings[0].context for s in one.at_end(FULL, box.now())] == [
        Context.TRANSACTION_BEGIN, Context.TRANSACTION_END,
    ]  # fmt: skip
    one.ended()
    box.go.set()
    await telling
    pass_(box, 600)
    assert one.due() == frozenset()


async def test_a_transaction_that_has_ended_meanwhile_is_told_no_more() -> None:
    box = SlowBox()
    box.go.set()
    one = sampler(box)
    pass_(box, 60)
    purposes = one.due()
    one.ended()
    await one.take(purposes, FULL, None)
    assert box.of(Measured) == []


@pytest.mark.ocpp("J02.FR.11")
async def test_what_could_not_be_told_is_due_still() -> None:
    box = SlowBox()
    box.go.set()
    one = sampler(box)
    pass_(box, 60)
    box.disk_full = True
    with pytest.raises(GatewayError):
        await one.take(one.due(), FULL, 17)
    box.disk_full = False
    pass_(box, 1)
    await one.take(one.due(), FULL, 17)
    assert len(box.of(Measured)) == 1
    pass_(box, 1)
    assert one.due() == frozenset()
