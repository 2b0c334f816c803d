"""The rest of the box, as the link sees it: at the ports, in memory."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gateway.contracts import SECURITY_EVENTS, CallRefused, Json, Message, Reply
from gateway.link.ports import Queued
from gateway.link.service import Link, Parts
from gateway.link.target import Target
from gateway.link.timing import Timing
from gateway.link.validation import Schemas
from gateway.model.errors import GatewayError
from gateway.model.station import StationIdentity, StationState

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

    from gateway.link.status import LinkState

SCHEMAS = Schemas.load()
STATION = "CS-1"
PASSWORD = "pw-0123456789abcdef"
NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
TIMING = Timing(second=0.01, connect=5, close=0.2, boot=0.02, pong=0.2, answer=0.05, pause=0.02)


def transaction_event(transaction: str = "t1", seq_no: int = 0) -> Message:
    payload: Json = {
        "eventType": "Updated",
        "timestamp": "2025-03-01T12:00:00Z",
        "triggerReason": "MeterValuePeriodic",
        "seqNo": seq_no,
        "transactionInfo": {"transactionId": transaction},
    }
    return Message(action="TransactionEvent", payload=payload, stream=transaction)


def status_notification(connector: int = 1, *, requested: bool = False) -> Message:
    payload: Json = {
        "timestamp": "2025-03-01T12:00:00Z",
        "connectorStatus": "Available",
        "evseId": connector,
        "connectorId": 1,
    }
    return Message(action="StatusNotification", payload=payload, requested=requested)


def security_event(event: str = "StartupOfTheDevice") -> Message:
    payload: Json = {"type": event, "timestamp": "2025-03-01T12:00:00Z"}
    return Message(action="SecurityEventNotification", payload=payload, stream=SECURITY_EVENTS)


class FakeOutbox:
    """Rows in memory; of these only ``window`` are loaded at once."""

    def __init__(self, window: int = 1000) -> None:
        self.window = window
        self.rows: list[Queued] = []
        self.disk: list[Queued] = []
        self.acknowledged: list[Queued] = []
        self.events: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.log: list[str] = []
        self._numbers = 0

    def post(self, *messages: Message) -> None:
        for message in messages:
            self._numbers += 1
            row = Queued(id=self._numbers, message=message, attempts=0)
            (self.rows if len(self.rows) < self.window and not self.disk else self.disk).append(row)
        self.events[STATION].set()

    def head(self, station: str, *, skip: frozenset[str], requested_only: bool) -> Queued | None:
        del station
        rows = (row for row in self.rows if row.message.stream not in skip)
        return next((row for row in rows if row.message.requested or not requested_only), None)

    async def refill(self, station: str) -> None:
        del station
        await asyncio.sleep(0)
        count = max(self.window - len(self.rows), 1)
        self.rows += self.disk[:count]
        del self.disk[:count]

    def more(self, station: str) -> bool:
        del station
        return bool(self.disk)

    async def written(self) -> None:
        """Nothing to wait for in memory."""

    def acknowledge(self, queued: Queued) -> None:
        self.rows = [row for row in self.rows if row.id != queued.id]
        self.acknowledged.append(queued)
        self.log.append(f"acknowledged {queued.id}")

    def failed(self, queued: Queued) -> None:
        self.rows = [replace(row, attempts=row.attempts + 1) if row.id == queued.id else row for row in self.rows]

    def changed(self, station: str) -> asyncio.Event:
        return self.events[station]


class FakeHandlers:
    """Records what it is told, and answers CALLs as a test says."""

    def __init__(self, outbox: FakeOutbox) -> None:
        self.outbox = outbox
        self.variables: dict[str, int] = {
            "MessageTimeout": 500,
            "HeartbeatInterval": 86_400,
            "WebSocketPingInterval": 0,
            "RetryBackOffWaitMinimum": 1,
            "RetryBackOffRepeatTimes": 2,
            "RetryBackOffRandomRange": 1,
            "MessageAttempts": 3,
            "MessageAttemptInterval": 2,
        }
        self.identity: StationIdentity | None = StationIdentity(vendor="Old", model="Post", serial="S1", firmware="1.0")
        self.answers: dict[str, Callable[[Json], Awaitable[Reply]]] = {}
        self.responses: list[tuple[Message, Json]] = []
        self.refuse_responses = 0
        self.returns: list[timedelta] = []
        self.boots = 0
        self.times: list[datetime] = []
        self.after_boot: tuple[Message, ...] = ()
        self.security: list[tuple[str, str]] = []

    async def handle(self, station: str, action: str, payload: Json) -> Reply:
        del station
        if action not in self.answers:
            raise CallRefused("NotSupported")
        return await self.answers[action](payload)

    async def responded(self, station: str, message: Message, response: Json) -> None:
        del station
        if self.refuse_responses:
            self.refuse_responses -= 1
            raise GatewayError("storage-failed")
        self.responses.append((message, response))
        self.outbox.log.append(f"responded {message.action}")

    async def reconnected(self, station: str, offline_for: timedelta) -> None:
        del station
        self.returns.append(offline_for)

    async def booted(self, station: str) -> None:
        del station
        self.boots += 1
        self.outbox.post(*self.after_boot)

    def station(self, station: str) -> StationState:
        return StationState(id=station, identity=self.identity)

    def integer(self, station: str, component: str, variable: str, instance: str | None = None) -> int:
        assert (station, component) == (STATION, "OCPPCommCtrlr")
        assert instance == {"MessageTimeout": "Default"}.get(
            variable, "TransactionEvent" if variable.startswith("MessageAttempt") else None
        )
        return self.variables[variable]

    def synchronise(self, station: str, current_time: datetime) -> None:
        del station
        self.times.append(current_time)

    async def noticed(self, station: str, event: str, info: str = "") -> None:
        del station
        self.security.append((event, info))


class Box:
    """A link with everything around it."""

    def __init__(self) -> None:
        self.outbox = FakeOutbox()
        self.handlers = FakeHandlers(self.outbox)
        self.timing = TIMING
        self.target = Target(identity=STATION, url="", password=PASSWORD)
        self.tls: ssl.SSLContext | None = None
        self.now = NOW
        self.link: Link

    def make(self, url: str) -> Link:
        parts = Parts(
            outbox=self.outbox, handlers=self.handlers, schemas=SCHEMAS, now=lambda: self.now, random=lambda: 0.5
        )
        target = replace(self.target, url=url)
        self.link = Link([target], parts, prefix="box-", tls=self.tls, timing=self.timing)
        return self.link

    @asynccontextmanager
    async def run(self, url: str, *, hello: bool = True) -> AsyncIterator[Link]:
        link = self.make(url)
        if hello:
            link.hello(STATION)
        task = asyncio.create_task(link.run())
        try:
            yield link
        finally:
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled(), task.exception()

    async def state(self, state: LinkState) -> None:
        await eventually(lambda: self.link.status(STATION).state is state)


async def eventually(fulfilled: Callable[[], bool]) -> None:
    """Let the loop run until something holds, at most 5 seconds."""
    async with asyncio.timeout(5):
        while not fulfilled():  # noqa: ASYNC110 - the state of the link has no event to wait on
            await asyncio.sleep(0.001)
