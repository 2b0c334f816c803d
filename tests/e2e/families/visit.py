"""One driver's visit to one station, step by step; what goes wrong is written down for the tests to assert."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.bench.car import Car
from gateway.model.errors import GatewayError
from gateway.model.problems import fault_of
from tests.e2e.families.desk import Desk, sampled
from tests.e2e.truth import ENERGY, when

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.bench.csms.ledger import Payload
    from gateway.bench.csms.server import Csms
    from tests.e2e.families.ability import Ability
    from tests.e2e.families.stand import Moment, Stand

CARD = "04A1B2C3"
APP = "app-user-1"
CANNOT = "cannot"
"""Written down for a step that the family's file lets nobody expect."""

LIMIT = 8.0
LOWEST = 3.0
SAFE = 6.0
"""A per phase: what is asked for, what is less than any station can offer, and what holds without the box."""

_WITHIN = 25.0
_IDLE = 2.0
_GRAIN = 0.05
_UNCOUNTED = 20.0
"""Wh that a session may be wrong by whose energy is power over time: polls are 5 s apart, and the current changes."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the visit, and whether a family can do it; after an ``essential`` one that fails nothing can follow."""

    name: str
    possible: Callable[[Ability], bool] = lambda _: True
    essential: bool = False


STEPS = (
    Step("boots", essential=True),
    Step("occupied", lambda can: can.plugs, essential=True),
    Step("held", lambda can: can.holds),
    Step("starts", essential=True),
    Step("charges", essential=True),
    Step("meters", lambda can: can.measures),
    Step("limits", lambda can: can.limits),
    Step("pauses", lambda can: can.limits),
    Step("resumes", lambda can: can.limits),
    Step("lost"),
    Step("found", essential=True),
    Step("faulty", lambda can: can.faults),
    Step("healthy", lambda can: can.faults),
    Step("stops", essential=True),
    Step("unplugs", lambda can: can.plugs, essential=True),
    Step("again", essential=True),
)


@dataclass(slots=True, kw_only=True)
class Visit:
    """A visit.

    Attributes:
        notes: What went wrong, by step; "" for nothing.
    """

    csms: Csms
    stand: Stand
    notes: dict[str, str] = field(default_factory=dict)
    since: int = 0
    plugged_at: float = 0.0
    took: dict[str, float] = field(default_factory=dict)

    @property
    def desk(self) -> Desk:
        return Desk(self.csms, self.stand)

    @property
    def started(self) -> Payload:
        """The first event of the last transaction."""
        return self.desk.transactions[-1].ordered[0]

    async def make(self) -> None:
        """Do every step."""
        for step in STEPS:
            if not step.possible(self.stand.can):
                self.notes[step.name] = CANNOT
                continue
            began = asyncio.get_running_loop().time()
            self.notes[step.name] = await self._tried(getattr(self, f"_{step.name}"))
            self.took[step.name] = asyncio.get_running_loop().time() - began
            if self.notes[step.name] and step.essential:
                return

    async def _tried(self, do: Callable[[], Awaitable[None]]) -> str:
        try:
            async with asyncio.timeout(_WITHIN):
                await do()
        except TimeoutError:
            told = [f"{record.action} {record.payload}"[:400] for record in self.stand.told[-6:]]
            return "\n".join(["not so in time", f"station: {self.stand.outlet.summary()}", *told])
        except (AssertionError, GatewayError) as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            return f"{type(error).__name__}: {error}\n{where.line}\nstation: {self.stand.outlet.summary()}"
        return ""

    # --- before a charge ----------------------------------------------------------------------------------------------

    async def _boots(self) -> None:
        desk = self.desk
        await desk.until(lambda: "Available" in desk.statuses())
        boot = desk.received("BootNotification")[0]["chargingStation"]
        assert boot["vendorName"] == self.stand.file.base.meta.vendor
        assert await desk.set_variable("SampledDataCtrlr", "TxUpdatedInterval", "2") == "Accepted"
        assert desk.statuses() == ["Available"]
        if self.stand.can.holds:
            await desk.until(lambda: self.stand.is_held)

    async def _occupied(self) -> None:
        await self._plug()

    async def _plug(self) -> None:
        desk = self.desk
        since = desk.now
        self.plugged_at = self._time
        if self.stand.can.single:
            self.stand.outlet.plug(Car(phases=1))
        else:
            await self.stand.sim.plug_in(1)
        await desk.until(lambda: "Occupied" in desk.statuses(since))

    async def _held(self) -> None:
        """Nobody charges before he is authorised."""
        await self._pass(_IDLE)
        drawn = [moment.current for moment in self._moments(self.plugged_at)]
        assert max(drawn) == 0, "current flows before anybody was authorised"
        assert self.desk.events() == []

    # --- a charge -----------------------------------------------------------------------------------------------------

    async def _starts(self) -> None:
        await self._start(by_card=self.stand.can.reads_cards)

    async def _start(self, *, by_card: bool) -> None:
        desk, known = self.desk, len(self.desk.transactions)
        if by_card and self.stand.can.early:
            since = desk.now
            await self.stand.sim.plug_out(1)
            await desk.until(lambda: "Available" in desk.statuses(since))
            await self.stand.sim.present_token(1, CARD)
            await self._plug()
        elif by_card:
            await self.stand.sim.present_token(1, CARD)
        else:
            token = {"idToken": APP, "type": "Central"}
            answer = await desk.call("RequestStartTransaction", idToken=token, remoteStartId=7 + known, evseId=1)
            assert answer["status"] == "Accepted"
        await desk.until(lambda: len(desk.transactions) > known)
        started = self.started
        assert (started["eventType"], started["seqNo"]) == ("Started", 0)
        assert started["idToken"]["idToken"].upper() == (CARD if by_card else APP).upper()
        assert started["triggerReason"] == ("Authorized" if by_card else "RemoteStart")
        assert started["evse"] == {"id": 1, "connectorId": 1}
        if self.stand.can.totals:
            self._is_near(sampled(started, ENERGY)[0], started, lambda moment: moment.register, window=3.0)

    async def _charges(self) -> None:
        desk = self.desk
        await desk.until(lambda: "Charging" in desk.states() and self._now.current > 0)
        most = max(moment.current for moment in self._moments(when(self.started["timestamp"]).timestamp()))
        assert most <= 32.0 or self.stand.file.base.meta.current == "DC"

    async def _meters(self) -> None:
        """What is told of energy, power and current is what the station's meter counts."""
        desk, since = self.desk, self.desk.now

        def measured() -> list[Payload]:
            return [event for event in desk.events(since) if event["triggerReason"] == "MeterValuePeriodic"]

        await desk.until(lambda: len(measured()) >= 3)
        first = sampled(self.started, ENERGY)[0]
        begun = self._register_at(self.started)
        for event in measured():
            energy = sampled(event, ENERGY)[0] - first
            self._is_near(energy, event, lambda moment: moment.register - begun, window=self._age("energy_total"))
            for power in sampled(event, "Power.Active.Import"):
                self._is_near(power, event, lambda moment: moment.power, window=self._age("power"))
            for current in sampled(event, "Current.Import"):
                self._is_near(current, event, lambda moment: moment.current, window=self._age("current"), slack=0.6)

    # --- limits -------------------------------------------------------------------------------------------------------

    async def _limits(self) -> None:
        """A limit is accepted once the station has shown it, and then nothing exceeds it."""
        desk = self.desk
        assert await self._set_limit(self._wanted) == "Accepted"
        at = self._time
        await desk.until(lambda: 0 < self._now.current <= self._most + _GRAIN)
        await self._pass(1.0)
        assert max(moment.offered for moment in self._moments(at)) <= self._most + _GRAIN
        shown = [event for event in desk.problems() if event.get("actualValue") == "LimitNotConfirmed"]
        assert shown == []

    async def _pauses(self) -> None:
        """Less than the station can offer is nothing at all."""
        desk, since = self.desk, self.desk.now
        assert await self._set_limit(self._too_low) == "Accepted"
        await desk.until(lambda: self._now.current == 0 and "SuspendedEVSE" in desk.states(since))

    async def _resumes(self) -> None:
        desk, since = self.desk, self.desk.now
        assert await self._set_limit(self._wanted) == "Accepted"
        at = self._time
        await desk.until(lambda: self._now.current > 0 and "Charging" in desk.states(since))
        assert max(moment.offered for moment in self._moments(at)) <= self._most + _GRAIN

    async def _set_limit(self, amps: float) -> str:
        return await self.desk.set_variable("LegacyStation", "CurrentLimit", f"{amps:g}", evse=1)

    @property
    def _spec_in_amps(self) -> float:
        """The family's lowest limit as A per phase."""
        spec = self.stand.file.base.control.limit
        assert spec is not None
        return spec.min if spec.unit == "A" else spec.min / (230.0 * 3)

    @property
    def _wanted(self) -> float:
        """``LIMIT``, or what is a little more than the station's lowest."""
        return max(LIMIT, self._spec_in_amps * 1.25)

    @property
    def _too_low(self) -> float:
        return min(LOWEST, self._spec_in_amps / 2)

    @property
    def _most(self) -> float:
        return self._wanted

    # --- what goes wrong ----------------------------------------------------------------------------------------------

    async def _lost(self) -> None:
        desk, since = self.desk, self.desk.now
        await self.stand.sim.link_down()
        await desk.until(lambda: "Unavailable" in desk.statuses(since) and bool(self._unreachable(since)))
        assert self._unreachable(since)[0]["component"]["name"] == "LegacyStation"
        assert [event for event in desk.events(since) if event["eventType"] == "Ended"] == []

    async def _found(self) -> None:
        """The same transaction goes on."""
        desk, since = self.desk, self.desk.now
        known = len(desk.transactions)
        await self.stand.sim.link_up()
        await desk.until(lambda: "Occupied" in desk.statuses(since) and bool(self._unreachable(since)))
        assert self._unreachable(since)[0].get("cleared") is True
        at = desk.now
        await desk.until(lambda: self._now.current > 0 and (bool(desk.events(at)) or not self.stand.can.measures))
        assert len(desk.transactions) == known

    def _unreachable(self, since: int) -> list[Payload]:
        return [event for event in self.desk.problems(since) if event.get("techCode") == "StationUnreachable"]

    async def _faulty(self) -> None:
        desk, since = self.desk, self.desk.now
        name, code = self.stand.fault
        await self.stand.sim.fault(1, name)
        await desk.until(lambda: "Faulted" in desk.statuses(since) and bool(desk.problems(since)))
        told = fault_of(code)
        assert told is not None
        assert told.component in {event["component"]["name"] for event in desk.problems(since)}
        assert self._now.current == 0

    async def _healthy(self) -> None:
        """Once the fault is over, the charge goes on."""
        desk, since = self.desk, self.desk.now
        await self.stand.sim.clear_fault(1)
        await desk.until(lambda: any(event.get("cleared") for event in desk.problems(since)))
        await desk.until(lambda: "Occupied" in desk.statuses(since) and self._now.current > 0)

    # --- the end ------------------------------------------------------------------------------------------------------

    async def _stops(self) -> None:
        desk, held = self.desk, self.desk.transactions[-1]
        answer = await desk.call("RequestStopTransaction", transactionId=held.transaction_id)
        assert answer["status"] == "Accepted"
        await desk.until(lambda: held.is_ended)
        ended = held.ordered[-1]
        assert (ended["eventType"], ended["transactionInfo"]["stoppedReason"]) == ("Ended", "Remote")
        assert held.missing == []
        assert held.duplicates == []
        if self.stand.can.holds:
            await desk.until(lambda: self._now.current == 0)
        if not self.stand.can.measures:
            return
        energy = sampled(ended, ENERGY)[-1] - sampled(self.started, ENERGY)[0]
        begun = self._register_at(self.started)
        # Where nothing counts, the box does, with the power that it has seen last.
        slack = 0.0 if self.stand.can.counts else _UNCOUNTED
        self._is_near(energy, ended, lambda moment: moment.register - begun, window=3.0, slack=slack)
        assert energy > 0

    async def _unplugs(self) -> None:
        desk, since = self.desk, self.desk.now
        await self.stand.sim.plug_out(1)
        await desk.until(lambda: "Available" in desk.statuses(since))

    async def _again(self) -> None:
        """A second session, started by the backend, that is left to the end of the box."""
        desk, since = self.desk, self.desk.now
        await self._plug()
        await self._start(by_card=False)
        await desk.until(lambda: self._now.current > 0 and "Charging" in desk.states(since))
        assert len(desk.transactions) == 2

    # --- physics ------------------------------------------------------------------------------------------------------

    @property
    def _time(self) -> float:
        return datetime.now(UTC).timestamp()

    @property
    def _now(self) -> Moment:
        return self.stand.look()

    def _moments(self, since: float) -> list[Moment]:
        self.stand.look()
        return [moment for moment in self.stand.past if moment.at >= since]

    async def _pass(self, seconds: float) -> None:
        end = asyncio.get_running_loop().time() + seconds
        await self.desk.until(lambda: asyncio.get_running_loop().time() >= end)

    def _register_at(self, event: Payload) -> float:
        at = when(event["timestamp"]).timestamp()
        return self.stand.between(at, at)[0].register

    def _age(self, point: str) -> float:
        """How old a value of the point may be when it is told, s."""
        base = self.stand.file.base
        names = [name for name in base.points if name == point or name.startswith(point.partition("_")[0])]
        rates = {"fast": base.link.poll.fast, "medium": base.link.poll.medium, "slow": base.link.poll.slow}
        return max((rates.get(base.points[name].poll, 0.0) for name in names), default=base.link.poll.medium) + 2.0

    def _is_near(
        self, value: float, event: Payload, of: Callable[[Moment], float], *, window: float, slack: float = 0.0
    ) -> None:
        """A value that was told is one that the station had shortly before."""
        at = when(event["timestamp"]).timestamp()
        had = [of(moment) for moment in self.stand.between(at - window, at + 0.5)]
        slack += 0.02 * max(map(abs, had)) + self._grain
        assert min(had) - slack <= value <= max(had) + slack, f"{value} is not within {min(had)} and {max(had)}"

    @property
    def _grain(self) -> float:
        """Wh that the station's register leaves out."""
        base = self.stand.file.base
        grains = [
            point.scale * {"kWh": 1000.0, "MWh": 1e6}.get(point.unit, 1.0)
            for name, point in base.points.items()
            if name.startswith("energy")
        ]
        return 1.0 + 2 * max(grains, default=0.0)
