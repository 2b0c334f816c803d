"""A station, a box and a CSMS that belong together for one test."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateway.bench.csms.ledger import CallError, CallResult
from gateway.bench.csms.server import Csms
from gateway.bench.csms.settings import CsmsSettings
from tests.e2e.box import Box
from tests.e2e.plan import TOKEN, Plan, site_text
from tests.e2e.visitor import PATIENCE, Visitor
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from gateway.bench.clock import Clock
    from gateway.bench.csms.ledger import Payload, Record, TransactionRecord
    from gateway.bench.ocpp_s.ledger import Transaction


@dataclass(slots=True, kw_only=True)
class World:
    """Everything in one test.

    Args:
        watches: told side and content of each message: ``soap-out``, ``soap-in`` (as the station sees it),
            ``frame-in``, ``frame-out`` (as the CSMS sees it).
    """

    csms: Csms
    box: Box
    port: int
    stations: list[Visitor] = field(default_factory=list)
    watches: list[Callable[[str, str], None]] = field(default_factory=list)

    @property
    def station(self) -> Visitor:
        return self.stations[0]

    @property
    def url(self) -> str:
        """Where stations call in."""
        return f"http://127.0.0.1:{self.port}/ocpp"

    def saw(self, side: str, what: str) -> None:
        for watch in self.watches:
            watch(side, what)

    # -- waiting --------------------------------------------------------------------------------------------------

    async def until(self, predicate: Callable[[], bool], within: float = PATIENCE) -> None:
        """Wait until something is so, at the CSMS or at any of the stations."""
        waits = [asyncio.create_task(self.csms.wait_until(predicate, within))]
        waits += [asyncio.create_task(v.until(lambda _: predicate(), within)) for v in self.stations]
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            await task

    async def booted(self, visitor: Visitor | None = None, *, since: int = 0) -> None:
        """Wait until the CSMS has accepted the station and knows of its connectors."""
        visitor = visitor or self.station
        await visitor.told_all()
        await self.until(lambda: self._is_booted(visitor, since))

    def _is_booted(self, visitor: Visitor, since: int) -> bool:
        mine = [record for record in self.csms.received[since:] if record.station == visitor.id]
        boots = [at for at, record in enumerate(mine) if _is_boot_of(record, visitor)]
        if not boots:
            return False
        told = {r.payload["evseId"] for r in mine[boots[-1] :] if r.action == "StatusNotification"}
        return told == set(range(1, visitor.plan.evses + 1))

    async def heard(self, action: str, since: int = 0, within: float = PATIENCE, **fields: Any) -> Record:
        """Wait for a message with these fields at its top level."""
        return await self.csms.wait_for(
            lambda r: r.action == action and all(r.payload.get(name) == value for name, value in fields.items()),
            within,
            since=since,
        )

    async def delivered(self, count: int | None = None, visitor: Visitor | None = None, within: float = 20.0) -> None:
        """Wait until the CSMS holds the end of every transaction of the station (or of so many)."""
        visitor = visitor or self.station
        wanted = count if count is not None else len(visitor.ledger.transactions)
        await self.until(lambda: len([t for t in self.held(visitor) if t.is_ended]) >= wanted, within)

    async def started(self, visitor: Visitor | None = None, *, since: int = 0) -> None:
        """Wait for the security events of a start: the statuses of all connectors have come between it and them."""
        visitor = visitor or self.station
        await self.until(lambda: any(map(_is_start, self._since_boot(visitor, since))))
        mine = self._since_boot(visitor, since)
        event = next(at for at, record in enumerate(mine) if _is_start(record))
        between = [record for record in mine[:event] if record.action == "StatusNotification"]
        assert {record.payload["evseId"] for record in between} == set(range(1, visitor.plan.evses + 1))

    def _since_boot(self, visitor: Visitor, since: int) -> list[Record]:
        mine = [record for record in self.csms.received[since:] if record.station == visitor.id]
        boots = [at for at, record in enumerate(mine) if record.action == "BootNotification"]
        return mine[boots[0] :] if boots else []

    async def answered(self, visitor: Visitor | None = None) -> None:
        """Wait until a station that has nothing to say is answered by the box, say after its next start."""
        visitor = visitor or self.station
        before = len(visitor.ledger.answered("Heartbeat"))
        await visitor.until(lambda _: len(visitor.ledger.answered("Heartbeat")) > before)

    async def settled(self, within: float = 10.0) -> None:
        """Wait until nothing waits in the box's outbox."""
        await self.box.status_until(lambda s: all(station.outbox.length == 0 for station in s.stations), within)

    # -- asking ---------------------------------------------------------------------------------------------------

    def held(self, visitor: Visitor | None = None) -> list[TransactionRecord]:
        """What the CSMS holds of a station's transactions, in order of arrival."""
        identity = (visitor or self.station).id
        return [t for t in self.csms.transactions.values() if t.station == identity]

    @property
    def news(self) -> int:
        """Where the CSMS's list of messages ends now."""
        return len(self.csms.received)

    async def call(self, action: str, visitor: Visitor | None = None, **payload: Any) -> Payload:
        """Have the CSMS call the station; the valid answer."""
        answer = await self.csms.call((visitor or self.station).id, action, payload)
        assert isinstance(answer, CallResult), answer
        assert answer.error is None, answer
        return answer.payload

    async def refused(self, action: str, visitor: Visitor | None = None, **payload: Any) -> CallError:
        """Have the CSMS call the station; the CALLERROR."""
        answer = await self.csms.call((visitor or self.station).id, action, payload)
        assert isinstance(answer, CallError), answer
        return answer

    async def get_variable(self, component: str, variable: str, instance: str | None = None) -> Payload:
        """The result of GetVariables for one variable."""
        answer = await self.call("GetVariables", getVariableData=[_variable(component, variable, instance)])
        result: Payload = answer["getVariableResult"][0]
        return result

    async def set_variable(self, component: str, variable: str, value: str, instance: str | None = None) -> str:
        """The status of SetVariables for one variable."""
        data = {**_variable(component, variable, instance), "attributeValue": value}
        answer = await self.call("SetVariables", setVariableData=[data])
        return str(answer["setVariableResult"][0]["attributeStatus"])

    async def impatient(self) -> None:
        """Let the box look for a CSMS that is away once a second."""
        assert await self.set_variable("OCPPCommCtrlr", "RetryBackOffWaitMinimum", "1") == "Accepted"
        assert await self.set_variable("OCPPCommCtrlr", "RetryBackOffRandomRange", "0") == "Accepted"
        assert await self.set_variable("OCPPCommCtrlr", "RetryBackOffRepeatTimes", "0") == "Accepted"

    async def back(self, visitor: Visitor | None = None) -> None:
        """Let the CSMS come back, and wait until the station is connected."""
        identity = (visitor or self.station).id
        await self.csms.come_up()
        await self.csms.wait_until(lambda: identity in self.csms.connected)

    async def whole_session(self, token: str = TOKEN, samples: int = 2, evse: int = 1) -> Transaction:
        """A visit: plug in, card, charge, card, plug out; all told to the box."""
        truth = await self.station.charge(token, evse, samples)
        await self.station.sim.present_token(evse, token)
        await self.station.until(lambda _: truth.stopped_at is not None)
        await self.station.sim.plug_out(evse)
        await self.station.told_all()
        return truth

    async def whole_session_by_list(self, token: str = TOKEN) -> Transaction:
        """A visit with a card that the station itself knows."""
        await self.station.sim.plug_in(1)
        assert self.station.sim.point.admit(1, token, "")
        truth = self.station.last
        await self.station.until(lambda _: len(truth.samples) >= 2)
        await self.station.sim.plug_out(1)
        await self.station.told_all()
        return truth

    # -- the end --------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Nothing that was sent in this test was invalid, on either side."""
        assert [record for record in self.csms.received if record.error is not None] == []
        assert self.csms.violations == []
        for visitor in self.stations:
            visitor.check()
        bad = [line for line in self.box.log if "Traceback" in line or " own " in line]
        assert bad == [], "\n".join(self.box.log)


def _variable(component: str, variable: str, instance: str | None) -> Payload:
    named = {"name": variable} if instance is None else {"name": variable, "instance": instance}
    return {"component": {"name": component}, "variable": named}


def _is_boot_of(record: Record, visitor: Visitor) -> bool:
    if record.action != "BootNotification":
        return False
    return bool(record.payload["chargingStation"]["vendorName"] == visitor.sim.config.vendor)


def _is_start(record: Record) -> bool:
    return record.payload.get("type") in {"StartupOfTheDevice", "ResetOrReboot"}


@asynccontextmanager
async def world(
    folder: Path,
    *plans: Plan,
    settings: CsmsSettings | None = None,
    backend: str = "security_profile = 0",
    lines: str = "",
    more: str = "",
    clock: Clock | None = None,
    start: bool = True,
    booted: bool = True,
) -> AsyncIterator[World]:
    """Put a world together: CSMS, then box, then stations; at the end everything is taken down and judged.

    Args:
        folder: for the site file and the data.
        plans: the stations; one ordinary one by default.
        settings: of the CSMS.
        backend: further lines of the site file's backend table.
        lines: further lines of its table of the box.
        more: further tables of the site file.
        clock: of the stations.
        start: whether the box is started.
        booted: whether to wait until every station is accepted.
    """
    wanted: Sequence[Plan] = plans or (Plan(),)
    watches: list[Callable[[str, str], None]] = []

    def saw(side: str, what: str) -> None:
        for watch in tuple(watches):
            watch(side, what)

    csms = Csms(settings or CsmsSettings(), lambda direction, _station, text: saw(f"frame-{direction}", text))
    async with csms:
        data_dir = folder / "data"
        port = free_port()
        site = folder / "site.toml"
        site.write_text(site_text(data_dir, csms.url, port, wanted, backend, lines) + more)
        made = World(csms=csms, box=Box(site, data_dir), port=port, watches=watches)
        made.stations = [Visitor(plan, made.url, saw, clock) for plan in wanted]
        try:
            if start:
                await made.box.start()
            for visitor in made.stations:
                await visitor.enter()
            if start and booted:
                for visitor in made.stations:
                    await made.booted(visitor)
            yield made
            for visitor in made.stations:
                await visitor.leave()
            if made.box.running:
                assert await made.box.stop() == 0, made.box.log
            made.check()
        finally:
            for visitor in made.stations:
                await visitor.leave()
            await made.box.close()
            # Shown by pytest if the test has failed.
            print(*made.box.log, sep="\n")  # noqa: T201
