"""The gateway process is killed while stations charge, one on each kind of wire, and started again."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.families.ability import Ability
from tests.e2e.families.desk import sampled
from tests.e2e.families.round import Yard, yard
from tests.e2e.families.stand import now, station_files
from tests.e2e.families.steps import UNCOUNTED
from tests.e2e.families.visit import Visit
from tests.e2e.truth import ENERGY, when

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.family.load import FamilyFile

_DEAD = 3.0
"""Seconds without a box."""

_WITHIN = 40.0


def one_of_each_wire() -> Iterator[tuple[str, FamilyFile, str]]:
    """Name, file and transport of the first family on each kind of wire that can be limited and measures something."""
    seen: set[tuple[str, str]] = set()
    for name, file in station_files().items():
        base, can = file.base, Ability.of(file.base)
        if not (can.limits and can.measures and file.base.meta.current == "AC"):
            continue
        for transport in getattr(base.link, "transports", ("",)):
            if (base.kind, transport) not in seen:
                seen.add((base.kind, transport))
                yield name, file, "" if transport == "serial" else transport
                break


_CHOSEN = list(one_of_each_wire())


async def _charge(visit: Visit) -> None:
    """Come to a charge at the limit."""
    for step in (visit.boots, visit.plug, lambda: visit.start(by_card=False), visit.charges, visit.limits):
        async with asyncio.timeout(_WITHIN):
            await step()


async def _go_on(visit: Visit, killed_at: float) -> None:
    """The same transaction goes on after the kill, and is ended by the backend."""
    desk, stand = visit.desk, visit.stand
    back_at = now()

    def measured() -> bool:
        found = [event for event in desk.events() if event["triggerReason"] == "MeterValuePeriodic"]
        return any(when(event["timestamp"]).timestamp() > back_at for event in found)

    async with asyncio.timeout(_WITHIN):
        await desk.until(lambda: measured() and 0 < stand.look().current <= visit.most)
        [held] = desk.transactions
        answer = await desk.call("RequestStopTransaction", transactionId=held.transaction_id)
        assert answer["status"] == "Accepted"
        await desk.until(lambda: held.is_ended)
    assert max(moment.offered for moment in stand.since(killed_at)) <= visit.most
    _is_whole(visit)


def _is_whole(visit: Visit) -> None:
    """One transaction, without a gap, and with all of its energy."""
    stand = visit.stand
    [held] = visit.desk.transactions
    assert held.missing == []
    assert [event["eventType"] for event in held.ordered].count("Started") == 1
    started, ended = held.ordered[0], held.ordered[-1]
    energy, begun = sampled(ended, ENERGY)[-1] - sampled(started, ENERGY)[0], stand.register_at(started)
    slack = 0.0 if stand.can.counts else UNCOUNTED
    visit.gauge.check(energy, ended, lambda moment: moment.register - begun, window=3.0, slack=slack)
    values = [value for event in held.ordered for value in sampled(event, ENERGY)[-1:]]
    assert values == sorted(values), "the register never goes back"


async def _killed_and_back(made: Yard) -> None:
    visits = [Visit(csms=made.csms, stand=stand) for stand in made.stands]
    await made.box.start()
    async with asyncio.TaskGroup() as group:
        for visit in visits:
            group.create_task(_charge(visit))
    made.box.kill()
    killed_at = now()
    assert await made.box.gone() == -signal.SIGKILL
    await visits[0].desk.rest(_DEAD)
    await made.box.start()
    async with asyncio.TaskGroup() as group:
        for visit in visits:
            group.create_task(_go_on(visit, killed_at))
    assert await made.box.stop() == 0


@pytest.mark.timeout(180)
async def test_stopped_by_the_backend_as_soon_as_the_box_is_back(tmp_path: Path) -> None:
    """The end waits for a look at the meter: what was charged without the box counts."""
    files = {name: file for name, file, _ in _CHOSEN if file.base.kind == "http-json"}
    async with yard(tmp_path, files) as made:
        [stand] = made.stands
        visit = Visit(csms=made.csms, stand=stand)
        await made.box.start()
        await _charge(visit)
        made.box.kill()
        await made.box.gone()
        await visit.desk.rest(_DEAD)
        [held] = visit.desk.transactions
        await made.box.start()
        await visit.desk.until(lambda: len(visit.desk.received("BootNotification")) > 1)
        await visit.desk.rest(0.1)  # until the box has the answer
        answer = await visit.desk.call("RequestStopTransaction", transactionId=held.transaction_id)
        assert answer["status"] == "Accepted"
        async with asyncio.timeout(_WITHIN):
            await visit.desk.until(lambda: held.is_ended)
        _is_whole(visit)
        assert await made.box.stop() == 0


@pytest.mark.timeout(180)
async def test_killed_in_the_middle_of_sessions(tmp_path: Path) -> None:
    files = {name: file for name, file, _ in _CHOSEN}
    async with yard(tmp_path, files, {name: way for name, _, way in _CHOSEN}) as made:
        try:
            await _killed_and_back(made)
        finally:
            print(*made.box.log, sep="\n")  # noqa: T201 - shown by pytest if the test has failed
        assert made.csms.violations == []
        assert [record for record in made.csms.received if record.error is not None] == []


def test_every_kind_of_wire_is_there() -> None:
    kinds = {file.base.kind for _, file, _ in _CHOSEN}
    assert kinds >= {"modbus", "modbus-ascii", "ascii-line", "http-json", "mqtt", "udp-json"}
