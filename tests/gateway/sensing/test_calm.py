"""Reactions to what comes and goes all the time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gateway.model.events import AlarmChanged, LimitImposed
from gateway.model.sensing import Judged, Quality
from gateway.model.station import Capability
from gateway.sensing.calm import Calm
from tests.fakes.timeless import run
from tests.gateway.sensing.test_reflex import Arms

if TYPE_CHECKING:
    from gateway.model.events import Event

OFTEN, MINUTE = 5, 60.0
HOT: dict[str, Any] = {"component": "TemperatureSensor", "react": {"do": "block", "when": "Temperature > 60"}}
CURVE: dict[str, Any] = {"component": "TemperatureSensor", "react": {"do": "derate", "curve": [[50, 1.0], [80, 0.0]]}}
TRIP: dict[str, Any] = {
    "component": "FloodSensor", "alert": {"when": "Active == true", "severity": 1},
    "react": {"do": "fault", "lost": "trip"},
}  # fmt: skip


def played(told: list[Judged], after: float = 0.0, *capabilities: Capability, **keys: Any) -> list[Event]:
    """The events of what a sensor tells a hundred times a second, and then not for a while."""

    async def play() -> list[Event]:
        arms = Arms(*capabilities)
        reflex, plan = arms.reflex(**keys)
        for each in told:
            reflex.on_change(plan, each)
            await asyncio.sleep(0.01)
        await asyncio.sleep(after)
        reflex.close()
        return arms.events

    return run(play())


def test_it_is_raised_a_few_times_and_then_until_it_is_quiet() -> None:
    toggling = [Judged(value=90.0), Judged(value=20.0)] * 5000
    alarms = [event for event in played(toggling, **HOT) if isinstance(event, AlarmChanged)]
    assert [alarm.active for alarm in alarms] == [True, False] * (OFTEN - 1) + [True]
    over = played(toggling, MINUTE + 1, **HOT)
    assert isinstance(over[-1], AlarmChanged)
    assert not over[-1].active


def test_current_is_given_back_a_few_times_and_then_when_it_is_quiet() -> None:
    toggling = [Judged(value=80.0), Judged(value=20.0)] * 5000
    limits = [
        event.current
        for event in played(toggling, 0.0, Capability.SMART_CHARGING, **CURVE)
        if isinstance(event, LimitImposed) and event.place.evse == 1
    ]
    assert limits == [0.0, None] * (OFTEN - 1) + [0.0]
    late = [
        event.current
        for event in played(toggling, MINUTE + 1, Capability.SMART_CHARGING, **CURVE)
        if isinstance(event, LimitImposed) and event.place.evse == 1
    ]
    assert late[-1] is None


@pytest.mark.parametrize(
    ("first", "variable"), [(Judged(value=True), "Active"), (Judged(value=None, quality=Quality.LOST), "Problem")]
)
def test_an_alarm_names_the_variable_that_it_follows_from(first: Judged, variable: str) -> None:
    told = played([first, Judged(value=False)], **TRIP)
    alarms = [event for event in told if isinstance(event, AlarmChanged)]
    assert [alarm.active for alarm in alarms] == [True, False]
    assert [alarm.source and alarm.source.variable for alarm in alarms] == [variable, variable]


def test_what_is_closed_is_told_no_more() -> None:
    async def play() -> list[str]:
        told: list[str] = []
        calm = Calm(told.append)
        for number in range(2 * OFTEN + 1):
            calm.fed("it", active=number % 2 == 0)
        assert calm.fed("it", active=False)
        calm.close()
        await asyncio.sleep(2 * MINUTE)
        return told

    assert run(play()) == []
