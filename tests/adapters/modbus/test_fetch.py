"""Splitting and learning against stations that lack any registers, in any way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from hypothesis import given
from hypothesis import strategies as st

from adapters.common.wire import Rank, Refused, Unreachable
from adapters.modbus.fetch import Fetch
from adapters.modbus.manners import Manners
from adapters.modbus.planner import Learnt
from adapters.modbus.plans import Plans
from adapters.modbus.spots import Spot
from tests.adapters.modbus.family import modbus_family
from tests.adapters.modbus.peers import Device, Hangup

if TYPE_CHECKING:
    from adapters.modbus.bus import Bus
    from adapters.modbus.messages import Request


class DirectBus:
    """A bus without a wire: the device answers at once."""

    def __init__(self, device: Device) -> None:
        self.learnt = Learnt()
        self.good: dict[int, Request] = {}
        self.failures = 0
        self._device = device

    async def request(self, request: Request, manners: Manners, rank: Rank) -> bytes:
        del manners, rank
        try:
            answer = self._device.answer(request.pdu)
        except Hangup as hangup:
            self.failures += 1
            raise Unreachable("connection-lost", where="here") from hangup
        if answer[0] & 0x80:
            self.failures += 1
            raise Refused("modbus-exception", where="here", request=request.what, exception=answer[1])
        return answer


@st.composite
def stations(draw: st.DrawFn) -> tuple[Device, dict[str, dict[str, int]], dict[str, int]]:
    """A device, the points of its family, and how the family lets it be read."""
    points: dict[str, dict[str, int]] = {}
    at = 0
    for number in range(draw(st.integers(1, 12))):
        at += draw(st.integers(0, 3))
        points[f"p{number}"] = {"at": at, "n": (size := draw(st.integers(1, 3)))}
        at += size
    missing = draw(st.sets(st.integers(0, at), max_size=5))
    device = Device(tables={"holding": {each: each for each in range(at) if each not in missing}})
    if draw(st.booleans()):
        # A device that hangs up in place of a refusal.
        device = Device(tables={"holding": {each: each for each in range(at)}}, deadly=missing)
    device.longest = draw(st.integers(3, 20))
    link = {"max_gap": draw(st.integers(0, 4)), "max_span": draw(st.integers(3, 30))}
    return device, points, link


async def read(bus: DirectBus, plans: Plans, points: frozenset[str]) -> tuple[set[str], set[str]]:
    """Names of the points that came, and of those that are known to be refused."""
    family_points = plans._points
    plan = plans.of(points, frozenset())
    fetch = Fetch(cast("Bus", bus), Manners(fragile=True), Rank.POLL, family_points)
    await fetch.run(plan.jobs)
    brought = {piece.point for job, _ in fetch.brought for piece in job.read.pieces}
    for job, answer in fetch.brought:
        for name, extract in job.whole:
            value = extract(answer)
            first = value[0] if isinstance(value, tuple) else value
            assert first == family_points[name].at
    return brought, {name for name in points if plans.lacks(name)}


@given(stations())
def test_what_is_there_is_read_what_is_not_is_known_and_soon_nothing_fails(
    station: tuple[Device, dict[str, dict[str, int]], dict[str, int]],
) -> None:
    device, points, link = station
    # A place that always answers: without one, a station that hangs up cannot be told from one without power.
    device.tables["holding"][1000] = 1000
    points["anchor"] = {"at": 1000, "n": 1}
    bus = DirectBus(device)
    plans = Plans(modbus_family(points, **link), Spot(unit=1), bus.learnt)
    there = {
        name
        for name, point in points.items()
        if all(
            each in device.tables["holding"] and each not in device.deadly
            for each in range(point["at"], point["at"] + point["n"])
        )
    }

    async def again_and_again() -> None:
        await read(bus, plans, frozenset({"anchor"}))
        names = frozenset(points)
        for _ in points:
            bus.failures = 0
            assert await read(bus, plans, names) == (there, set(points) - there)
            if not bus.failures:
                return
        raise AssertionError("it does not stop asking in vain")

    asyncio.run(again_and_again())
