"""What drivers tell, and what becomes of it while time passes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.model.errors import GatewayError
from gateway.model.sensing import Contact, Hold, Judged, Manner, Quality, Scale
from gateway.sensing.desk import Desk, Tap
from tests.fakes.timeless import run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TAPS = (
    Tap(id="air", sensor="climate", point="temperature", manner=Manner(shape=Scale(factor=0.1), stale_after=30)),
    Tap(id="wet", sensor="climate", point="humidity", manner=Manner(shape=Scale(), stale_after=30)),
    Tap(id="door", sensor="io", point="input.1", manner=Manner(shape=Contact(), hold=Hold(on=0.05, off=1))),
    Tap(id="spare", sensor="io", point="input.1", manner=Manner(shape=Contact(active=False))),
)
LOST = GatewayError("sensor-absent", name="climate")


def story(tell: Callable[[Desk], Awaitable[None]]) -> list[tuple[str, Judged]]:
    """The changes that something makes."""
    changes: list[tuple[str, Judged]] = []

    async def play() -> None:
        desk = Desk(TAPS, lambda channel, judged: changes.append((channel, judged)), read_only=False)
        try:
            await tell(desk)
        finally:
            desk.close()

    run(play())
    return changes


def test_each_point_goes_to_those_who_want_it() -> None:
    async def tell(desk: Desk) -> None:
        desk.told("climate", {"temperature": 215, "pressure": 101.3})
        desk.told("io", {"input.1": False})
        desk.told("nobody", {"temperature": 1.0})
        assert desk.now("wet").quality is Quality.WAITING
        await asyncio.sleep(0.5)

    assert story(tell) == [
        ("air", Judged(value=21.5)),
        ("door", Judged(value=False)),
        ("spare", Judged(value=True)),
    ]


def test_a_value_that_is_not_renewed_lapses_and_comes_back() -> None:
    async def tell(desk: Desk) -> None:
        for _ in range(3):
            desk.told("climate", {"temperature": 200})
            await asyncio.sleep(29)
        await asyncio.sleep(2)
        desk.told("climate", {"temperature": 200})

    assert story(tell) == [
        ("air", Judged(value=20.0)),
        ("air", Judged(value=None, quality=Quality.STALE)),
        ("air", Judged(value=20.0)),
    ]


def test_a_sensor_that_is_lost_has_no_values_and_is_said_once() -> None:
    async def tell(desk: Desk) -> None:
        desk.told("climate", {"temperature": 200, "humidity": 50})
        desk.lost("climate", LOST)
        desk.lost("climate", LOST)

    gone = Judged(value=None, quality=Quality.LOST)
    assert story(tell)[2:] == [("air", gone), ("wet", gone)]


def test_a_contact_counts_while_nothing_more_is_told() -> None:
    async def tell(desk: Desk) -> None:
        desk.told("io", {"input.1": False})
        desk.told("io", {"input.1": True})
        await asyncio.sleep(0.04)
        assert desk.now("door") == Judged(value=False)
        await asyncio.sleep(0.02)
        assert desk.now("door") == Judged(value=True)

    story(tell)


def test_a_contact_that_chatters_for_a_minute_makes_two_changes() -> None:
    async def tell(desk: Desk) -> None:
        for beat in range(6000):
            desk.told("io", {"input.1": beat % 2 == 1})
            await asyncio.sleep(0.01)
        desk.told("io", {"input.1": False})
        await asyncio.sleep(2)

    doors = [judged.value for channel, judged in story(tell) if channel == "door"]
    assert doors == [False, True, False]


def test_what_is_due_at_once_is_followed_by_the_fast_event_loop_too() -> None:
    uvloop = pytest.importorskip("uvloop")
    changes: list[Judged] = []

    async def play() -> None:
        tap = Tap(id="door", sensor="io", point="1", manner=Manner(shape=Contact(), hold=Hold(on=0.0001, off=1)))
        seen = asyncio.Event()

        def changed(_channel: str, judged: Judged) -> None:
            changes.append(judged)
            seen.set()

        desk = Desk((tap,), changed, read_only=False)
        for closed in (False, True, True):
            desk.told("io", {"1": closed})
        while Judged(value=True) not in changes:
            seen.clear()
            await seen.wait()
        desk.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(play())
    assert changes[-1] == Judged(value=True)
