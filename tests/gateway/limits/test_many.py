"""Load management changes many limits all the time: neither the backend nor the disk is flooded."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gateway.limits import LOAD, Arbiter, LimitName, LimitReason
from gateway.model import events as ev
from gateway.model.charging import LimitSource
from gateway.model.commands import Command, SetLimit
from gateway.model.ids import Place
from profiles.smart_charging import SmartChargingProfile
from tests.fakes.box import ID, Box, open_box

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

EVSES = range(1, 21)
MINUTES = 12
BIG = [6.0 + minute % 3 * 5 for minute in range(MINUTES)]
SMALL = [16.0 + minute % 2 * 0.1 for minute in range(MINUTES)]


async def minute(box: Box, current: float) -> None:
    """Every EVSE is told another limit, and takes it."""
    box.clock.pass_(seconds=60)
    for evse in EVSES:
        await box.hub.publish(
            ev.LimitImposed(
                place=Place(station=ID, evse=evse), at=box.clock.now(), holder=LOAD, current=current,
                source=LimitSource.EMS, reason=LimitReason.of(LimitName.CIRCUIT, node="garage", phase="L1"),
            )
        )  # fmt: skip
    heard = asyncio.Event()

    async def note(_: Command) -> None:
        heard.set()

    box.adapter.on_command = note
    async with asyncio.timeout(10):
        while {c.place.evse: c.current for c in box.adapter.asked(SetLimit)} != dict.fromkeys(EVSES, current):
            heard.clear()
            await heard.wait()


async def course(path: Path, currents: list[float], monkeypatch: pytest.MonkeyPatch, *, online: bool) -> Counter[str]:
    """What waits for the backend at the end, by action, and "commits"."""
    async with open_box(path, connectors={evse: (evse, 1) for evse in EVSES}, online=online) as box:
        smart = SmartChargingProfile(box.hub, box.backend)
        arbiter = Arbiter(box.hub, [smart])
        box.hub.attach(box.backend, [smart, box.profile, arbiter])
        await box.arrive()
        commits, commit = [0], box.storage.writer.commit

        async def counted(*args: Any, **fields: Any) -> Any:
            commits[0] += 1
            return await commit(*args, **fields)

        monkeypatch.setattr(box.storage.writer, "commit", counted)
        task = asyncio.create_task(arbiter.run())
        for current in currents:
            await minute(box, current)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await box.settled()
        found = Counter(message.action for message in await box.sent())
        found["commits"] = commits[0]
        return found


async def test_a_backend_that_is_away_gets_the_last_limit_of_each_evse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = await course(tmp_path, BIG, monkeypatch, online=False)
    assert waiting["NotifyChargingLimit"] == len(EVSES)
    assert waiting["commits"] <= len(EVSES) * (MINUTES + 1)  # one for each limit, and one that notes the first


async def test_small_steps_are_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = await course(tmp_path, SMALL, monkeypatch, online=True)
    assert waiting["NotifyChargingLimit"] == len(EVSES)
