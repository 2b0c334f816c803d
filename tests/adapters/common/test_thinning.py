"""A session whose steps cannot be committed for long."""

from __future__ import annotations

from bisect import bisect
from itertools import pairwise

import pytest

from adapters.common import sessions
from gateway.model import events as ev
from gateway.model.transactions import ChargingState
from tests.adapters.common.rig import CARD, STATION, Rig, wallbox


async def until(rig: Rig, *, charges: bool) -> None:
    """Let the car charge or pause, until the session knows."""
    rig.wire.shown = {} if charges else {"state": "B", "current": (0.0, 0.0, 0.0)}
    driver = rig.adapter._stations[STATION]._drivers[1]

    def is_so() -> bool:
        running = driver.sessions.session.running
        return running is not None and (running.charging_state is ChargingState.CHARGING) is charges

    await rig.until(is_so)


@pytest.mark.ocpp(
    "E04.FR.07", "E04.FR.08", "E11.FR.04", "E11.FR.05", "E12.FR.04", "E12.FR.05", "J02.FR.12", "J02.FR.13",
)  # fmt: skip
async def test_every_other_step_in_between_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "DEEDS_KEPT", 16)
    async with wallbox() as rig:
        rig.wire.plugged, rig.wire.card = True, CARD.value
        await until(rig, charges=True)
        rig.box.disk_full = True
        times = []
        for number in range(20):
            times.append(rig.box.now())
            await until(rig, charges=bool(number % 2))
        rig.box.events.clear()
        rig.box.disk_full = False
        await rig.until(lambda: len(rig.box.of(ev.TransactionUpdated)) > 10)
        steps = [event for event in rig.box.events if isinstance(event, ev.TransactionUpdated)]
    kept = [bisect(times, step.at) - 1 for step in steps]
    assert kept[-3:] == [17, 18, 19], "the last ones are still there"
    assert len(kept) == 12
    assert all(later - earlier == 2 for earlier, later in pairwise(kept[:8])), "none but every other"
