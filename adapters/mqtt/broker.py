"""A broker, shared by all stations behind it: connected as long as the box runs, again and again."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from adapters.common.complaints import Complaints
from adapters.common.wire import Unreachable
from adapters.mqtt.session import PATIENCE_S, MqttSession

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from adapters.mqtt.session import BrokerSettings

logger = logging.getLogger(__name__)

BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Listener(Protocol):
    """Who wants messages."""

    @property
    def filters(self) -> frozenset[str]:
        """Topics, with wildcards."""

    def hear(self, topic: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001 as it comes
        """A message has come; it need not be one of its own topics."""


class Broker:
    """The connection, whichever it is now.

    Attributes:
        since: When it was last told what is wanted (seconds of the event loop's clock).
    """

    def __init__(self, settings: BrokerSettings, session: Callable[..., MqttSession] = MqttSession) -> None:
        self.where = str(settings.address)
        self.since = 0.0
        self._settings = settings
        self._make = session
        self._listeners: list[Listener] = []
        self._task: asyncio.Task[None] | None = None
        self._session: MqttSession | None = None
        self._why: Mapping[str, object] = {}
        self._code = "connection-lost"
        self._tried = asyncio.Event()
        self._changed = asyncio.Event()
        self._complaints = Complaints(logger, f"MQTT broker {self.where}")

    def join(self, listener: Listener) -> bool:
        """Have messages sent to a listener, from now on; false if they already are."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"mqtt {self.where}")
        if listener in self._listeners:
            return False
        self._listeners.append(listener)
        self._changed.set()
        return True

    def changed(self) -> None:
        """A listener wants other topics."""
        self._changed.set()

    async def ready(self) -> None:
        """Wait for the connection, and for its first failure at most.

        Raises:
            Unreachable: there is none.
        """
        if self._session is None and not self._tried.is_set():
            try:
                async with asyncio.timeout(2 * PATIENCE_S):
                    await self._tried.wait()
            except TimeoutError:
                raise Unreachable("no-connection", where=self.where, reason="time-out") from None
        if self._session is None:
            raise Unreachable(self._code, **{"where": self.where, **self._why})

    async def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        """Publish a message.

        Raises:
            Unreachable: whether the broker has it is not known.
        """
        await self.ready()
        if self._session is None:
            raise Unreachable("connection-lost", where=self.where)
        await self._session.publish(topic, payload, qos=qos, retain=retain)

    async def aclose(self) -> None:
        """End the connection."""
        self._listeners.clear()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._tried.clear()

    async def _run(self) -> None:
        attempt = 0
        while True:
            session = self._make(self._settings, self._hear)
            try:
                await session.open()
                attempt = 0
                await self._serve(session)
            except Unreachable as error:
                self._code, self._why = error.code, error.params  # not the error itself: it holds on to its socket
                self._complaints.once("lost", "not connected: %s", error)
            finally:
                self._session = None
                self._tried.set()
                await _to_its_end(session.aclose())
            await asyncio.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
            attempt += 1

    async def _serve(self, session: MqttSession) -> None:
        """Keep a connection's subscriptions as they are wanted, until it is lost."""
        subscribed: frozenset[str] = frozenset()
        session.lost.add_done_callback(lambda _: self._changed.set())
        while not session.lost.done():
            self._changed.clear()
            wanted = frozenset[str]().union(*(each.filters for each in self._listeners))
            await session.subscribe(wanted - subscribed)
            subscribed |= wanted
            self.since = asyncio.get_running_loop().time()
            self._session = session
            self._tried.set()
            self._complaints.over("lost", "connected")
            await self._changed.wait()
        raise Unreachable("no-connection", where=self.where, reason=session.lost.result())

    def _hear(self, topic: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001 as it comes
        for listener in self._listeners:
            listener.hear(topic, payload, retained)


async def _to_its_end(work: Coroutine[object, object, None]) -> None:
    """Wait for something that has to be done, also by who is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
