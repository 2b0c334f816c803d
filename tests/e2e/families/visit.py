"""One driver's visit to one station, step by step; what goes wrong is written down for the tests to assert."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.bench.car import Car
from gateway.model.errors import GatewayError
from gateway.model.problems import fault_of
from tests.e2e.families.desk import Desk, sampled
from tests.e2e.families.gauge import Gauge
from tests.e2e.families.stand import now
from tests.e2e.families.steps import APP, CANNOT, CARD, GRAIN, IDLE, LIMIT, LOWEST, STEPS, UNCOUNTED, WITHIN
from tests.e2e.truth import ENERGY, when

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.bench.csms.ledger import Payload
    from gateway.bench.csms.server import Csms
    from tests.e2e.families.stand import Stand


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
    def gauge(self) -> Gauge:
        return Gauge(self.stand)

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
            self.notes[step.name] = await self._tried(getattr(self, step.name))
            self.took[step.name] = asyncio.get_running_loop().time() - began
            if self.notes[step.name] and step.essential:
                return

    async def _tried(self, do: Callable[[], Awaitable[None]]) -> str:
        try:
            async with asyncio.timeout(WITHIN):
                await do()
        except TimeoutError:
            told = [f"{record.action} {record.payload}"[:400] for record in self.stand.told[-6:]]
            return "\n".join(["not so in time", f"station: {self.stand.outlet.summary()}", *told])
        except (AssertionError, GatewayError) as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            return f"{type(error).__name__}: {error}\n{where.line}\nstation: {self.stand.outlet.summary()}"
        return ""

    # --- before a charge ----------------------------------------------------------------------------------------------

    async def boots(self) -> None:
        desk = self.desk
        await desk.until(lambda: "Available" in desk.statuses())
        boot = desk.received("BootNotification")[0]["chargingStation"]
        assert boot["vendorName"] == self.stand.file.base.meta.vendor
        assert await desk.set_variable("SampledDataCtrlr", "TxUpdatedInterval", "2") == "Accepted"
        assert desk.statuses() == ["Available"]
        if self.stand.can.holds:
            await desk.until(lambda: self.stand.is_held)

    async def occupied(self) -> None:
        await self.plug()

    async def plug(self) -> None:
        desk = self.desk
        since = desk.now
        self.plugged_at = now()
        if self.stand.can.single:
            self.stand.outlet.plug(Car(phases=1))
        else:
            await self.stand.sim.plug_in(1)
        await desk.until(lambda: "Occupied" in desk.statuses(since))

    async def held(self) -> None:
        """Nobody charges before he is authorised."""
        await self.desk.rest(IDLE)
        drawn = [moment.current for moment in self.stand.since(self.plugged_at)]
        assert max(drawn) == 0, "current flows before anybody was authorised"
        assert self.desk.events() == []

    # --- a charge -----------------------------------------------------------------------------------------------------

    async def starts(self) -> None:
        await self.start(by_card=self.stand.can.reads_cards)

    async def start(self, *, by_card: bool) -> None:
        desk, known = self.desk, len(self.desk.transactions)
        if by_card and self.stand.can.early:
            since = desk.now
            await self.stand.sim.plug_out(1)
            await desk.until(lambda: "Available" in desk.statuses(since))
            await self.stand.sim.present_token(1, CARD)
            await self.plug()
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
            self.gauge.check(sampled(started, ENERGY)[0], started, lambda moment: moment.register, window=3.0)

    async def charges(self) -> None:
        desk = self.desk
        await desk.until(lambda: "Charging" in desk.states() and self.stand.look().current > 0)
        most = max(moment.current for moment in self.stand.since(when(self.started["timestamp"]).timestamp()))
        assert most <= 32.0 or self.stand.file.base.meta.current == "DC"

    async def meters(self) -> None:
        """What is told of energy, power and current is what the station's meter counts."""
        desk, since = self.desk, self.desk.now

        def measured() -> list[Payload]:
            return [event for event in desk.events(since) if event["triggerReason"] == "MeterValuePeriodic"]

        await desk.until(lambda: len(measured()) >= 3)
        first = sampled(self.started, ENERGY)[0]
        begun = self.stand.register_at(self.started)
        for event in measured():
            energy = sampled(event, ENERGY)[0] - first
            self.gauge.check(
                energy, event, lambda moment: moment.register - begun, window=self.gauge.age("energy_total")
            )
            for power in sampled(event, "Power.Active.Import"):
                self.gauge.check(power, event, lambda moment: moment.power, window=self.gauge.age("power"))
            for current in sampled(event, "Current.Import"):
                self.gauge.check(
                    current, event, lambda moment: moment.current, window=self.gauge.age("current"), slack=0.6
                )

    # --- limits -------------------------------------------------------------------------------------------------------

    async def limits(self) -> None:
        """A limit is accepted once the station has shown it, and then nothing exceeds it."""
        desk = self.desk
        assert await self.set_limit(self.wanted) == "Accepted"
        at = now()
        await desk.until(lambda: 0 < self.stand.look().current <= self.most)
        await self.desk.rest(1.0)
        assert max(moment.offered for moment in self.stand.since(at)) <= self.most
        shown = [event for event in desk.problems() if event.get("actualValue") == "LimitNotConfirmed"]
        assert shown == []

    async def pauses(self) -> None:
        """Less than the station can offer is nothing at all."""
        desk, since = self.desk, self.desk.now
        assert await self.set_limit(min(LOWEST, self._lowest / 2)) == "Accepted"
        await desk.until(lambda: self.stand.look().current == 0 and "SuspendedEVSE" in desk.states(since))

    async def resumes(self) -> None:
        desk, since = self.desk, self.desk.now
        assert await self.set_limit(self.wanted) == "Accepted"
        at = now()
        await desk.until(lambda: self.stand.look().current > 0 and "Charging" in desk.states(since))
        assert max(moment.offered for moment in self.stand.since(at)) <= self.most

    async def set_limit(self, amps: float) -> str:
        return await self.desk.set_variable("LegacyStation", "CurrentLimit", f"{amps:g}", evse=1)

    @property
    def wanted(self) -> float:
        """``LIMIT``, or a little more than the station's lowest, A per phase."""
        return max(LIMIT, self._lowest * 1.25)

    @property
    def most(self) -> float:
        """What may flow with it."""
        return self.stand.amps(self.wanted) + GRAIN

    @property
    def _lowest(self) -> float:
        spec = self.stand.file.base.control.limit
        assert spec is not None
        return spec.min if spec.unit == "A" else spec.min / (230.0 * 3)

    # --- what goes wrong ----------------------------------------------------------------------------------------------

    async def lost(self) -> None:
        desk, since = self.desk, self.desk.now
        await self.stand.sim.link_down()
        await desk.until(lambda: "Unavailable" in desk.statuses(since) and bool(self._unreachable(since)))
        assert self._unreachable(since)[0]["component"]["name"] == "LegacyStation"
        assert [event for event in desk.events(since) if event["eventType"] == "Ended"] == []

    async def found(self) -> None:
        """The same transaction goes on."""
        desk, since = self.desk, self.desk.now
        known = len(desk.transactions)
        await self.stand.sim.link_up()
        await desk.until(lambda: "Occupied" in desk.statuses(since) and bool(self._unreachable(since)))
        assert self._unreachable(since)[0].get("cleared") is True
        at = desk.now
        await desk.until(
            lambda: self.stand.look().current > 0 and (bool(desk.events(at)) or not self.stand.can.measures)
        )
        assert len(desk.transactions) == known

    def _unreachable(self, since: int) -> list[Payload]:
        return [event for event in self.desk.problems(since) if event.get("techCode") == "StationUnreachable"]

    async def faulty(self) -> None:
        desk, since = self.desk, self.desk.now
        name, code = self.stand.fault
        await self.stand.sim.fault(1, name)
        await desk.until(lambda: "Faulted" in desk.statuses(since) and bool(desk.problems(since)))
        told = fault_of(code)
        assert told is not None
        assert told.component in {event["component"]["name"] for event in desk.problems(since)}
        assert self.stand.look().current == 0

    async def healthy(self) -> None:
        """Once the fault is over, the charge goes on."""
        desk, since = self.desk, self.desk.now
        await self.stand.sim.clear_fault(1)
        await desk.until(lambda: any(event.get("cleared") for event in desk.problems(since)))
        await desk.until(lambda: "Occupied" in desk.statuses(since) and self.stand.look().current > 0)

    # --- the end ------------------------------------------------------------------------------------------------------

    async def stops(self) -> None:
        desk, held = self.desk, self.desk.transactions[-1]
        answer = await desk.call("RequestStopTransaction", transactionId=held.transaction_id)
        assert answer["status"] == "Accepted"
        await desk.until(lambda: held.is_ended)
        ended = held.ordered[-1]
        assert (ended["eventType"], ended["transactionInfo"]["stoppedReason"]) == ("Ended", "Remote")
        assert held.missing == []
        assert held.duplicates == []
        if self.stand.can.holds:
            await desk.until(lambda: self.stand.look().current == 0)
        if not self.stand.can.measures:
            return
        energy = sampled(ended, ENERGY)[-1] - sampled(self.started, ENERGY)[0]
        begun = self.stand.register_at(self.started)
        # Where nothing counts, the box does, with the power that it has seen last.
        slack = 0.0 if self.stand.can.counts else UNCOUNTED
        self.gauge.check(energy, ended, lambda moment: moment.register - begun, window=3.0, slack=slack)
        assert energy > 0

    async def unplugs(self) -> None:
        desk, since = self.desk, self.desk.now
        await self.stand.sim.plug_out(1)
        await desk.until(lambda: "Available" in desk.statuses(since))

    async def again(self) -> None:
        """A second session, started by the backend, that is left to the end of the box."""
        desk, since = self.desk, self.desk.now
        await self.plug()
        await self.start(by_card=False)
        await desk.until(lambda: self.stand.look().current > 0 and "Charging" in desk.states(since))
        assert len(desk.transactions) == 2
