"""The link of one station: connect, boot, talk, and start over, for as long as the box runs."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.link.backoff import BackOff
from gateway.link.boot import Registration
from gateway.link.calls import Caller
from gateway.link.connection import ConnectionLost, connect
from gateway.link.desk import Ask, make_desk
from gateway.link.incoming import Incoming
from gateway.link.pinger import keep_pinging
from gateway.link.route import Route
from gateway.link.rpc import BadFrame, Call, decode
from gateway.link.security import INVALID_CERTIFICATE, events_of, notice
from gateway.link.sender import Sender
from gateway.link.status import LinkState, LinkStatus
from gateway.model.changes import BootReason
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aiohttp import ClientSession

    from gateway.contracts import Json
    from gateway.link.connection import Connection
    from gateway.link.desk import Surroundings
    from gateway.link.route import Access, Candidate
    from gateway.link.target import Target

_log = logging.getLogger(__name__)


class StationLink:
    """One station at its CSMS.

    Args:
        target: where the CSMS is by the site file.
        around: what all links share.
        now: the box's clock, UTC.
        access: the ways to connect that there are by now.
    """

    def __init__(self, target: Target, around: Surroundings, now: Callable[[], datetime], access: Access) -> None:
        self._desk = make_desk(target, around)
        self._now = now
        self._access = access
        self._last: Candidate | None = None
        self._at_boot = False
        self._problems: set[tuple[str, ...]] = set()
        self._known = asyncio.Event()
        self._changed = asyncio.Event()
        self._incoming = Incoming(self._desk, self.refresh)
        self._back_off = BackOff(self._desk.variables.back_off, around.random)
        self._connection: Connection | None = None
        self._offline_since: float | None = None
        self._state_since = 0.0
        self._status = LinkStatus(state=LinkState.OFFLINE, since=now(), url=str(target.address))

    @property
    def status(self) -> LinkStatus:
        """How the link stands."""
        return self._status

    @property
    def accepted(self) -> bool:
        """True while connected and accepted."""
        return self._connection is not None and self._desk.boot.accepted

    @property
    def pending(self) -> bool:
        """True while the CSMS's last word is Pending."""
        return self._desk.boot.pending

    @property
    def online_for(self) -> float | None:
        """Seconds since it was accepted on this connection, which no change of the clock alters; None: it is not."""
        if self._status.state is not LinkState.ACCEPTED:
            return None
        return asyncio.get_running_loop().time() - self._state_since

    def hello(self) -> None:
        """The station is known: its CSMS may hear of it. Until then nothing connects."""
        self._known.set()

    def boot_again(self, reason: BootReason) -> None:
        """Send a BootNotification as soon as the CSMS allows it; to another CSMS, if the station is to go there."""
        if self._at_boot and reason is not BootReason.TRIGGERED:
            self._at_boot = False
            self._desk.leaving.set()
        self._desk.boot.again(reason, asyncio.get_running_loop().time())
        self._note()
        self._known.set()
        self._desk.wake.set()

    def beat(self) -> None:
        """Send a Heartbeat now; nothing if there is no connection, as the next one begins with a Heartbeat."""
        if self._connection is not None:
            self._desk.heartbeat.ask()
            self._desk.wake.set()

    def refresh(self) -> None:
        """Look at the variables again: something other than a CALL of the CSMS has changed them."""
        self._changed.set()
        self._desk.wake.set()

    def reconnect(self, *, at_boot: bool = False) -> None:
        """Connect anew, by the ways that there are by now.

        Args:
            at_boot: when the station boots next, else at once; a CALL that is being carried out is answered before.
        """
        if at_boot:
            self._at_boot = True
        else:
            self._desk.leaving.set()

    async def ask(self, action: str, payload: Json, *, patience: float) -> Json | None:
        """Send a CALL ahead of the outbox.

        Args:
            action: without "Request".
            payload: valid.
            patience: seconds to wait, the wait for other CALLs included.

        Returns:
            The response; None if the station is not accepted, or no valid response came in time.
        """
        if not self.accepted:
            return None
        ask = Ask(action=action, payload=payload, answer=asyncio.get_running_loop().create_future())
        self._desk.asks.append(ask)
        self._desk.wake.set()
        try:
            async with asyncio.timeout(patience):
                return await ask.answer
        except TimeoutError:
            return None

    async def run(self, http: ClientSession) -> None:
        """Serve until cancelled.

        Args:
            http: shared by all links.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._incoming.run(), name=f"{self._desk.station}: calls of the CSMS")
            await self._known.wait()
            self._set(LinkState.CONNECTING)
            while True:
                connection = await self._connect(http)
                try:
                    await self._talk(connection)
                finally:
                    self._lost()
                    await connection.close()
                await self._wait()

    async def _connect(self, http: ClientSession) -> Connection:
        """Try one way after the other until there is a connection."""
        route: Route | None = None
        while True:
            try:
                if route is None or self._desk.leaving.is_set():
                    self._desk.leaving.clear()
                    route = Route(await self._access.candidates(self._desk.station))
                way = route.current
                connection, way = await self._open(http, way)
            except GatewayError as error:
                await self._failed(error)
                if route is not None:
                    route.failed()
                await self._wait()
            else:
                await self._succeeded(way)
                return connection

    async def _open(self, http: ClientSession, way: Candidate) -> tuple[Connection, Candidate]:
        """One attempt; a CSMS that the new root certificate does not verify may be of the former one (M05.FR.14)."""
        timing = self._desk.around.timing
        try:
            return await connect(http, way.target, way.tls, timing), way
        except GatewayError as error:
            if way.former is None or error.code != INVALID_CERTIFICATE:
                raise
        connection = await connect(http, way.target, way.former, timing)
        _log.warning("%s: only the former root certificate verifies the CSMS", self._desk.station)
        return connection, replace(way, by_former=True)

    async def _failed(self, error: GatewayError) -> None:
        """Each kind of failure is logged, and told as a security event, when it first shows."""
        self._set(self._status.state, error.code)
        kind = (error.code, *events_of(error))
        if kind not in self._problems:
            self._problems.add(kind)
            _log.warning("%s: no connection to the CSMS: %s", self._desk.station, error)
            for event in events_of(error):
                await notice(self._desk.around.handlers, self._desk.station, event, str(error.params.get("reason", "")))

    async def _succeeded(self, way: Candidate) -> None:
        desk = self._desk
        _log.info("%s: connected to the CSMS at %s", desk.station, way.target.address)
        self._back_off.reset()
        self._problems.clear()
        self._status = replace(self._status, url=str(way.target.address))
        if self._last is not None and (self._last.slot, self._last.target.url) != (way.slot, way.target.url):
            desk.boot.elsewhere(asyncio.get_running_loop().time())
        self._last = way
        try:
            await self._access.connected(desk.station, way)
        except GatewayError as error:
            _log.warning("%s: could not note how it is connected: %s", desk.station, error)

    async def _wait(self) -> None:
        """Wait before the next attempt; not at all where another way is wanted at once."""
        # The variables may be 0; an attempt a second is the most that is of use to anybody.
        timing = self._desk.around.timing
        try:
            async with asyncio.timeout(min(max(self._back_off.next(), timing.second), timing.longest_away)):
                await self._desk.leaving.wait()
        except TimeoutError:
            return
        self._back_off.reset()

    async def _talk(self, connection: Connection) -> None:
        """Use a connection until it is lost."""
        desk = self._desk
        self._connection = connection
        desk.boot.connected(connection.sent)
        desk.heartbeat.connected(connection.sent)
        self._note()
        caller = Caller(desk.station, connection)
        sender = Sender(desk, connection, caller, self._note)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._receive(connection, caller), name=f"{desk.station}: receive")
                tasks.create_task(self._send(sender), name=f"{desk.station}: send")
                tasks.create_task(self._leave(), name=f"{desk.station}: leave")
                tasks.create_task(keep_pinging(connection, desk.variables, self._changed), name=f"{desk.station}: ping")
        except* ConnectionLost as lost:
            if desk.leaving.is_set():
                _log.info("%s: leaves the CSMS to connect anew", desk.station)
            else:
                _log.warning("%s: lost the CSMS: %s", desk.station, lost.exceptions[0])

    async def _leave(self) -> None:
        """End the connection when another is wanted, once the CSMS has the answer to what it has asked (A01)."""
        await self._desk.leaving.wait()
        while self._incoming.busy:
            self._changed.clear()
            await self._changed.wait()
        raise ConnectionLost("the station connects anew")

    async def _receive(self, connection: Connection, caller: Caller) -> None:
        while True:
            frame = decode(await connection.receive())
            if isinstance(frame, Call):
                await self._incoming.take(connection, frame)
            elif isinstance(frame, BadFrame):
                await self._incoming.refuse(connection, frame)
            else:
                caller.answered(frame)

    async def _send(self, sender: Sender) -> None:
        desk = self._desk
        if self._offline_since is not None:
            offline_for = 0.0
            if desk.boot.accepted:
                offline_for = asyncio.get_running_loop().time() - self._offline_since
                # The clock may have drifted while nobody told the time (B04, 5).
                desk.heartbeat.ask()
            # Else the station has booted meanwhile: every status follows the boot, but what waits was offline, too.
            try:
                await desk.around.handlers.reconnected(desk.station, timedelta(seconds=offline_for))
            except GatewayError as error:
                _log.warning("%s: could not prepare the return of the CSMS: %s", desk.station, error)
        await sender.run()

    def _lost(self) -> None:
        self._connection = None
        self._offline_since = asyncio.get_running_loop().time()
        while self._desk.asks:
            self._desk.asks.popleft().settle(None)
        self._set(LinkState.OFFLINE)

    def _note(self) -> None:
        """Bring the status up to date."""
        if self._connection is None:
            return
        boot = self._desk.boot
        if boot.accepted:
            self._set(LinkState.ACCEPTED)
        elif boot.registration in {None, Registration.ACCEPTED}:
            self._set(LinkState.BOOTING)
        else:
            self._set(LinkState.PENDING if boot.pending else LinkState.REJECTED)

    def _set(self, state: LinkState, problem: str = "") -> None:
        if (state, problem) != (self._status.state, self._status.problem):
            since = self._status.since
            if state is not self._status.state:
                since, self._state_since = self._now(), asyncio.get_running_loop().time()
            self._status = LinkStatus(state=state, since=since, url=self._status.url, problem=problem)
