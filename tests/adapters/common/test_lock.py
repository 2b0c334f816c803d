"""A plug that is not locked: nothing begins to flow through it (G05)."""

from __future__ import annotations

import asyncio

import pytest

from gateway.model import events as ev
from gateway.model.problems import fault_of
from tests.adapters.common.hours import Hours, drive
from tests.adapters.common.rig import CARD

LOCK = {"faults": {"residual current": "ConnectorLockFailure"}}
"""The sample station's only fault is that of its lock; its state does not change with it."""

BROKEN = {"error": ("residual current",)}


@pytest.mark.ocpp("G05.FR.01", "G05.FR.02")
def test_it_does_not_charge_until_the_lock_holds() -> None:
    async def script(hours: Hours) -> None:
        hours.wire.shown.update(BROKEN)
        await hours.plug()
        await asyncio.sleep(60)
        assert (hours.wire.letter, hours.told(ev.TransactionBegan)) == ("B", 0)
        wanted = fault_of("ConnectorLockFailure", info="residual current")
        assert hours.last(ev.ConnectorChanged).faults == (wanted,)
        hours.wire.shown.clear()
        hours.wire.card = ""
        await asyncio.sleep(5)
        hours.wire.card = CARD.value
        await asyncio.sleep(10)
        assert hours.wire.letter == "C"

    drive(script, family=LOCK)


def test_what_flows_is_not_cut_off() -> None:
    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(10)
        assert hours.wire.letter == "C"
        hours.wire.shown.update(BROKEN)
        await asyncio.sleep(60)
        assert (hours.wire.letter, hours.told(ev.TransactionEnded)) == ("C", 0)

    drive(script, family=LOCK)
