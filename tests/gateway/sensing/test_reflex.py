"""What the box does by itself when a sensor sees something."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from adapters.sensors.hwmon import Hwmon
from gateway.config.sensor import SensorKeys, ValueKeys
from gateway.config.site import Sensor
from gateway.model.charging import LimitSource
from gateway.model.commands import ACCEPTED
from gateway.model.errors import GatewayError
from gateway.model.events import AlarmChanged, LimitImposed, SecurityReported
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.installation import Installation, Outlet
from gateway.model.limits.reason import LimitName
from gateway.model.sensing import Judged, Quality
from gateway.model.station import Capability, StationState
from gateway.sensing.plan import planned
from gateway.sensing.reflex import AGAIN, Reflex
from tests.fakes.clock import START
from tests.fakes.timeless import run

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from gateway.model.commands import Outcome
    from gateway.model.events import Event
    from gateway.model.ids import Place
    from gateway.model.transactions import StopCause
    from gateway.sensing.plan import Planned

LOST = Judged(value=None, quality=Quality.LOST)


class Arms:
    """A box with one station of two EVSEs, the first wired for 16 A."""

    def __init__(self, *capabilities: Capability) -> None:
        connectors = tuple(
            ConnectorState(evse=evse, connector=1, reported=ConnectorStatus.AVAILABLE, at=START) for evse in (1, 2)
        )
        self.state = StationState(id="CP", capabilities=frozenset(capabilities), connectors=connectors)
        self.events: list[Event] = []
        self.braked: list[str] = []
        self.disk_full = False
        self.switched: list[tuple[str, bool]] = []
        self._tasks: list[asyncio.Task[Any]] = []

    def now(self) -> Any:
        return START

    def station(self, station: str) -> StationState:
        assert station == "CP"
        return self.state

    def installation(self, station: str) -> Installation:
        assert station == "CP"
        return Installation(outlets={(1, 1): Outlet(current=16.0)})

    @property
    def brakes(self) -> Arms:
        return self

    def hold_back(self, where: Place, holder: str, current: float | None) -> None:
        assert holder == "sensor sump"
        self.braked.append(f"{where.evse}: {current}")

    async def halt(self, where: Place, holder: str, cause: StopCause) -> None:
        assert holder == "sensor sump"
        self.braked.append(f"{where.evse}: halt, {cause.reason}")

    async def publish(self, *events: Event) -> None:
        if self.disk_full:
            raise GatewayError("storage-failed")
        self.events.extend(events)

    async def switch(self, output: str, on: bool) -> Outcome:  # noqa: FBT001 - as Reflex calls it
        self.switched.append((output, on))
        return ACCEPTED

    def background(self, work: Coroutine[Any, Any, object]) -> None:
        self._tasks.append(asyncio.ensure_future(work))

    def reflex(self, evse: int | None = None, **keys: Any) -> tuple[Reflex, Planned]:
        """The reactions of a sensor with these keys, and its channel."""
        value = ValueKeys.model_validate({"component": "FloodSensor", **keys})
        options = Hwmon.Keys(chip="adc")
        sensor = Sensor(
            name="sump", keys=SensorKeys(kind="hwmon", evse=evse), values=(value,), options=options,
            points=Hwmon.points(options),
        )  # fmt: skip
        (plan,) = planned((sensor,), ("CP",))
        return Reflex(self, self.switch), plan

    async def sees(self, told: list[Judged], evse: int | None = None, **keys: Any) -> list[Event]:
        """A sensor with these keys tells something; the events of it."""
        reflex, plan = self.reflex(evse, **keys)
        for each in told:
            reflex.on_change(plan, each)
            await asyncio.gather(*self._tasks)
        return self.events


def values(*told: float) -> list[Judged]:
    return [Judged(value=each) for each in told]


def contacts(told: str) -> list[Judged]:
    return [Judged(value=each == "1") for each in told]


WET: dict[str, Any] = {"alert": {"when": "Active == true", "severity": 2, "message": "water"}}


async def test_a_fault_lasts_as_long_as_the_sensor_sees_it() -> None:
    arms = Arms()
    events = await arms.sees(contacts("0110"), evse=2, **WET, react={"do": "fault", "output": "siren"})
    alarms = [event for event in events if isinstance(event, AlarmChanged)]
    assert [(alarm.active, alarm.place.evse) for alarm in alarms] == [(False, 2), (True, 2), (False, 2)]
    assert alarms[1].fault is not None
    assert (alarms[1].fault.component, alarms[1].fault.variable, alarms[1].fault.info) == (
        "FloodSensor", "Tripped", "water",
    )  # fmt: skip
    assert arms.switched == [("siren", False), ("siren", True), ("siren", False)]


async def test_to_block_is_no_fault() -> None:
    (event,) = await Arms().sees(contacts("1"), **WET, react={"do": "block"})
    assert isinstance(event, AlarmChanged)
    assert (event.active, event.fault) == (True, None)


async def test_a_sensor_that_is_lost_keeps_what_it_saw_or_trips() -> None:
    async def alarms(lost: str, *told: Judged) -> list[bool]:
        events = await Arms().sees(list(told), **WET, react={"do": "block", "lost": lost})
        return [event.active for event in events if isinstance(event, AlarmChanged)]

    quiet, wet = contacts("01")
    assert await alarms("keep", wet, LOST) == [True]
    assert await alarms("keep", quiet, LOST) == [False]
    assert await alarms("trip", quiet, LOST, quiet) == [False, True, False]
    assert await alarms("trip", LOST) == [True]


async def test_an_open_door_is_told_and_not_because_the_box_has_started() -> None:
    assert await Arms().sees(contacts("1"), **WET, react={"do": "tamper"}) == []
    (event,) = await Arms().sees(contacts("010"), **WET, react={"do": "tamper"})
    assert isinstance(event, SecurityReported)
    assert (event.type, event.info) == ("TamperDetectionActivated", "water")


async def test_to_stop_stops_what_runs_and_closes_nothing() -> None:
    arms = Arms()
    assert await arms.sees(contacts("010"), evse=1, **WET, react={"do": "stop"}) == []
    assert arms.braked == ["1: 0.0", "1: halt, Other", "1: None"]


async def test_current_is_held_back_before_anything_is_written_down_and_as_long_as_the_alarm_lasts() -> None:
    arms = Arms()
    await arms.sees(contacts("01"), evse=2, **WET, react={"do": "block"})
    assert arms.braked == ["2: None", "2: 0.0", "2: halt, Other"]
    await arms.sees(contacts("10"), evse=2, **WET, react={"do": "block"})
    assert arms.braked[3:] == ["2: 0.0", "2: halt, Other", "2: None"]


async def test_an_emergency_stop_is_told_as_one() -> None:
    arms = Arms()
    await arms.sees(contacts("1"), **WET, component="EmergencyStopSensor", react={"do": "fault"})
    assert arms.braked == ["0: 0.0", "0: halt, EmergencyStop"]


def test_an_alarm_that_no_disk_takes_holds_back_and_is_told_as_soon_as_it_can_be() -> None:
    async def script() -> None:
        arms = Arms()
        arms.disk_full = True
        telling = asyncio.create_task(arms.sees(contacts("1"), **WET, react={"do": "block"}))
        await asyncio.sleep(2 * AGAIN + 1)
        assert (arms.braked, arms.events) == (["0: 0.0", "0: halt, Other"], [])
        arms.disk_full = False
        (event,) = await telling
        assert isinstance(event, AlarmChanged)

    run(script())


def limits(events: list[Event]) -> list[tuple[int, float | None]]:
    return [(event.place.evse, event.current) for event in events if isinstance(event, LimitImposed)]


CURVE: dict[str, Any] = {
    "component": "TemperatureSensor",
    "react": {"do": "derate", "curve": [[60.0, 1.0], [80.0, 0.0]]},
}


async def test_heat_lessens_the_current_of_each_evse_by_its_wiring() -> None:
    arms = Arms(Capability.SMART_CHARGING)
    events = await arms.sees(values(20.0, 70.0, 68.0, 90.0), **CURVE)
    assert limits(events) == [(1, None), (2, None), (1, 8.0), (2, 16.0), (1, 0.0), (2, 0.0)]
    assert not any(event.active for event in events if isinstance(event, AlarmChanged))
    assert [told for told in arms.braked if told[0] != "0"] == [
        f"{evse}: {current}" for evse, current in limits(events)
    ]


async def test_the_limit_of_a_sensor_is_called_by_its_name_and_told_to_the_backend() -> None:
    events = await Arms(Capability.SMART_CHARGING).sees(values(70.0), evse=1, **CURVE)
    (limit,) = (event for event in events if isinstance(event, LimitImposed))
    assert limit.source is LimitSource.OTHER
    assert limit.reason is not None
    assert limit.reason.code == LimitName.SENSOR
    assert dict(limit.reason.values)["sensor"] in limit.holder


async def test_without_a_value_there_is_never_more_current() -> None:
    events = await Arms(Capability.SMART_CHARGING).sees([*values(70.0), LOST], evse=1, **CURVE)
    assert limits(events) == [(1, 8.0)]
    worst = {**CURVE, "react": {**CURVE["react"], "lost": "trip"}}
    events = await Arms(Capability.SMART_CHARGING).sees([*values(70.0), LOST], evse=1, **worst)
    assert limits(events) == [(1, 8.0), (1, 0.0)]


async def test_a_station_that_takes_no_limits_is_stopped_where_the_curve_leaves_nothing() -> None:
    arms = Arms()
    events = await arms.sees(values(70.0, 80.0, 20.0), evse=1, **CURVE)
    assert [event.active for event in events if isinstance(event, AlarmChanged)] == [False, True, False]
    assert arms.braked[2:] == ["1: halt, Other", "1: 0.0", "1: None", "1: None"]


def test_what_is_over_at_once_is_reacted_to_for_a_while() -> None:
    async def script() -> None:
        arms = Arms()
        await arms.sees(contacts("010"), **WET, react={"do": "fault", "lasts": 60, "output": "siren"})
        await asyncio.sleep(59)
        assert arms.switched == [("siren", False), ("siren", True)]
        await asyncio.sleep(2)
        assert arms.switched == [("siren", False), ("siren", True), ("siren", False)]

    run(script())
