"""What the box does by itself when a sensor sees something: at once, and without the backend."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Protocol

from gateway.model.charging import LimitSource
from gateway.model.equipment import variables_of
from gateway.model.errors import GatewayError
from gateway.model.events import AlarmChanged, LimitImposed, SecurityReported
from gateway.model.evse import Fault
from gateway.model.ids import Place
from gateway.model.limits.reason import LimitName, LimitReason
from gateway.model.sensing import Curve, Quality
from gateway.model.station import Capability
from gateway.model.transactions import STOPPED_UNKNOWN, cause_of_fault
from gateway.sensing.calm import Calm

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from datetime import datetime
    from typing import Any

    from gateway.config.sensor import Reaction
    from gateway.model.commands import Outcome
    from gateway.model.device import VariableRef
    from gateway.model.events import Event
    from gateway.model.installation import Installation
    from gateway.model.sensing import Judged
    from gateway.model.station import StationState
    from gateway.model.transactions import StopCause
    from gateway.sensing.plan import Planned

logger = logging.getLogger(__name__)

TAMPER = "TamperDetectionActivated"
"""Security event of the standard (Part 2, Appendix 1)."""

AGAIN = 5.0
"""Seconds after which an alarm that could not be committed is told again."""

FIRST = 0.1
"""Seconds that a stop has before an alarm is told that calls for it."""

_HOLDING = frozenset({"stop", "block", "fault"})
"""Reactions that hold current back."""

_UNKNOWN_RATING = 32.0
"""A per phase that a curve starts from where the site file does not say."""


class Brakes(Protocol):
    """Holds current back before anything of it is committed."""

    def hold_back(self, where: Place, holder: str, current: float | None) -> None:
        """Let no more current (A per phase) flow while a holder wants that; None: it does not mind any more."""

    async def halt(self, where: Place, holder: str, cause: StopCause) -> None:
        """Let none flow until the holder lets go, and have the station stop what charges."""


class Arms(Protocol):
    """What a reaction may use of the box."""

    def now(self) -> datetime:
        """The box's clock, UTC."""

    def station(self, station: str) -> StationState:
        """The state of a station now."""

    def installation(self, station: str) -> Installation:
        """What only the site knows of a station."""

    async def publish(self, *events: Event) -> None:
        """Apply and commit events of one station."""

    def background(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that nobody waits for."""

    @property
    def brakes(self) -> Brakes:
        """What holds current back at once."""


class Reflex:
    """The reactions of all sensors. What the state of a reaction was before a restart, the first value shows anew."""

    def __init__(self, arms: Arms, switch: Callable[[str, bool], Awaitable[Outcome]]) -> None:
        """Take the box.

        Args:
            arms: The box.
            switch: Switches the output of a sensor, named as in ``react.output``.
        """
        self._arms = arms
        self._switch = switch
        self._active: dict[str, bool] = {}
        self._share: dict[str, float] = {}
        self._why: dict[str, VariableRef] = {}
        self._last: dict[str, tuple[Planned, Judged]] = {}
        self._calm = Calm(lambda channel: self.on_change(*self._last[channel]))

    def on_change(self, planned: Planned, judged: Judged) -> None:
        """A channel tells something else."""
        reaction = planned.reaction
        if reaction is None or judged.quality is Quality.WAITING:
            return
        self._last[planned.tap.id] = planned, judged
        if reaction.do == "derate":
            self._derate(planned, reaction, judged)
            return
        active = self._met(planned, reaction, judged)
        if active is None:
            return
        active = self._calm.fed(planned.tap.id, active=active, lasts=reaction.lasts)
        if active is self._active.get(planned.tap.id):
            return
        first = planned.tap.id not in self._active
        self._note_why(planned, judged, active=active)
        self._active[planned.tap.id] = active
        if active and reaction.do in _HOLDING:
            # All of them first: what is told of the first one would keep the last one waiting.
            for station in (gives.station for gives in planned.gives):
                place = Place(station=station, evse=planned.evse)
                self._arms.brakes.hold_back(place, _holder(planned), 0.0)
        if reaction.output is not None:
            self._arms.background(self._switched(reaction.output, on=self._held(reaction.output)))
        for station in (gives.station for gives in planned.gives):
            self._arms.background(self._react(planned, reaction, station, active=active, first=first))

    def _held(self, output: str) -> bool:
        """Whether any reaction wants an output to be on: one that is over does not take it from another."""
        return any(
            self._active.get(channel, False) and each.reaction is not None and each.reaction.output == output
            for channel, (each, _) in self._last.items()
        )

    def close(self) -> None:
        """Wait for nothing any more."""
        self._calm.close()

    def active(self, channel: str) -> bool:
        """Whether the reaction of a channel is under way."""
        return self._active.get(channel, False)

    def _note_why(self, planned: Planned, judged: Judged, *, active: bool) -> None:
        """What begins because a sensor is lost ends when that is over, too."""
        if active:
            gives = planned.gives[0]
            self._why[planned.tap.id] = gives.spec.ref if judged.quality is Quality.GOOD else gives.problem

    def _met(self, planned: Planned, reaction: Reaction, judged: Judged) -> bool | None:
        """Whether there is something to react to; None: that cannot be told, and nothing changes."""
        if judged.quality is not Quality.GOOD:
            return True if reaction.lost == "trip" else None
        when = reaction.when or (planned.keys.alert.when if planned.keys.alert is not None else None)
        return None if when is None else when.holds(judged.value)

    async def _react(self, planned: Planned, reaction: Reaction, station: str, *, active: bool, first: bool) -> None:
        """Do it, or take it back. At the first value, only what lasts: nobody opens a door by starting the box."""
        holder, place = _holder(planned), Place(station=station, evse=planned.evse)
        if active or not first:
            logger.warning("%s: %s: %s %s", station, planned.tap.sensor, reaction.do, "begins" if active else "is over")
        match reaction.do:
            case "block" | "fault":
                fault = _fault(planned) if reaction.do == "fault" else None
                if active:
                    await self._halted(place, holder, _cause(planned))
                alarm = AlarmChanged(
                    place=place,
                    at=self._arms.now(),
                    holder=holder,
                    active=active,
                    fault=fault,
                    source=self._why.get(planned.tap.id),
                )
                await self._publish(planned, alarm)
                if not self._active[planned.tap.id]:
                    self._arms.brakes.hold_back(place, holder, None)
            case "stop" if active:
                await self._arms.brakes.halt(place, holder, _cause(planned))
                self._arms.brakes.hold_back(place, holder, None)
            case "tamper" if active and not first:
                info = planned.keys.alert.message if planned.keys.alert is not None else ""
                event = SecurityReported(station=station, at=self._arms.now(), type=TAMPER, info=info or holder)
                await self._arms.publish(event)
            case _:
                pass

    async def _halted(self, place: Place, holder: str, cause: StopCause) -> None:
        """Have what charges stopped; waits a moment, so that what is told of all stations keeps no stop waiting."""
        asked = asyncio.Event()

        async def halt() -> None:
            await self._arms.brakes.halt(place, holder, cause)
            asked.set()

        self._arms.background(halt())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST):
                await asked.wait()

    async def _publish(self, planned: Planned, event: AlarmChanged) -> None:
        """Have an alarm committed; where that fails, again and again while nothing else is seen."""
        while self._active[planned.tap.id] is event.active:
            try:
                await self._arms.publish(event)
            except GatewayError as error:
                logger.warning("%s: %s: told again later: %s", event.place.station, event.holder, error)
            else:
                return
            await asyncio.sleep(AGAIN)

    async def _switched(self, output: str, *, on: bool) -> None:
        outcome = await self._switch(output, on)
        if not outcome.accepted:
            logger.error("output %s was not switched: %s", output, outcome.reason or outcome.verdict)

    def _derate(self, planned: Planned, reaction: Reaction, judged: Judged) -> None:
        """Less current by the curve; without a value, no more than before."""
        before = self._share.get(planned.tap.id, 1.0)
        share = pressing = before
        if isinstance(judged.value, float | int):
            curve = Curve(points=tuple((x, y) for x, y in reaction.curve), back=reaction.back)
            pressing, share = curve.share(float(judged.value)), curve.after(float(judged.value), before)
        elif reaction.lost == "trip":
            share = pressing = min(before, reaction.curve[-1][1])
        if share > before:
            if self._calm.fed(planned.tap.id, active=False):
                return  # it was lessened so often that more is given only when it was quiet
        elif pressing <= before and share < 1:
            self._calm.fed(planned.tap.id, active=True)
        if share == before and planned.tap.id in self._share:
            return
        self._share[planned.tap.id] = share
        self._note_why(planned, judged, active=share <= 0)
        for gives in planned.gives:
            self._arms.background(self._limited(planned, gives.station, share))

    async def _limited(self, planned: Planned, station: str, share: float) -> None:
        """Lessen the current; a station that takes no limits is stopped where the curve leaves nothing."""
        installation, state = self._arms.installation(station), self._arms.station(station)
        evses = [planned.evse] if planned.evse else [evse for evse in state.evses() if evse]
        limited = Capability.SMART_CHARGING in state.capabilities
        holder, whole = _holder(planned), Place(station=station, evse=planned.evse)
        active, source = share <= 0 and not limited, self._why.get(planned.tap.id)
        alarm = AlarmChanged(place=whole, at=self._arms.now(), holder=holder, active=active, source=source)
        if alarm.active:
            await self._halted(whole, holder, STOPPED_UNKNOWN)
        else:
            self._arms.brakes.hold_back(whole, holder, None)
        events: list[Event] = [alarm]
        for evse in evses:
            outlet = installation.outlets.get((evse, 1))
            rated = (outlet.current if outlet else None) or _UNKNOWN_RATING
            current = None if share >= 1 else round(rated * share, 1)
            place = Place(station=station, evse=evse)
            self._arms.brakes.hold_back(place, holder, current)
            events.append(
                LimitImposed(
                    place=place,
                    at=self._arms.now(),
                    holder=holder,
                    current=current,
                    source=LimitSource.OTHER,
                    reason=LimitReason.of(LimitName.SENSOR, sensor=holder.removeprefix("sensor ")),
                )
            )
        await self._arms.publish(*events)


def _holder(planned: Planned) -> str:
    """One for each value: what the second sees must not end what the first has begun."""
    sensor, _, number = planned.tap.id.rpartition("/")
    return f"sensor {sensor}" if number == "0" else f"sensor {sensor} {planned.gives[0].spec.ref.label}"


def _code(planned: Planned) -> str:
    return "EmergencyStop" if planned.gives[0].spec.ref.component == "EmergencyStopSensor" else ""


def _cause(planned: Planned) -> StopCause:
    return cause_of_fault((_code(planned),))


def _fault(planned: Planned) -> Fault:
    component = planned.gives[0].spec.ref.component
    variable = "Tripped" if "Tripped" in variables_of(component) else "Problem"
    message = planned.keys.alert.message if planned.keys.alert is not None else ""
    return Fault(component=component, variable=variable, code=_code(planned), info=message)
