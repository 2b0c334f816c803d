"""The small CSMS itself."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from gateway.bench.csms import rpc, schemas
from gateway.bench.csms.answers import Silence, usual
from gateway.bench.csms.connection import Connection
from gateway.bench.csms.ledger import CallError, CallResult, Record, TransactionRecord
from gateway.bench.csms.listener import Listener
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from aiohttp import web

    from gateway.bench.csms.answers import Answer, Hook
    from gateway.bench.csms.ledger import Payload
    from gateway.bench.csms.rpc import Frame
    from gateway.bench.csms.schemas import Schemas
    from gateway.bench.csms.settings import BootPolicy, CsmsSettings

_GOING_AWAY = 1001


@dataclass(slots=True, kw_only=True)
class _Override:
    hook: Hook
    station: str | None
    left: int | None


class Csms:
    """An OCPP 2.0.1 CSMS on a WebSocket.

    Args:
        settings: where it listens and how it decides.
        watch: shown direction (``in``, ``out``), station and text of each frame.

    Attributes:
        received: every CALL in order of arrival, valid or not.
        transactions: what is held of each transaction, by its id.
        boot: how BootNotification is answered, by station; may be changed while it runs.
        tokens: authorization status by token; may be changed while it runs.
        certificates: serial number (hexadecimal) of the certificate that each station has shown last.
        violations: what stations did against OCPP-J beyond single payloads, in English.
    """

    def __init__(self, settings: CsmsSettings, watch: Callable[[str, str, str], None] | None = None) -> None:
        self.settings = settings
        self.received: list[Record] = []
        self.transactions: dict[str, TransactionRecord] = {}
        self.boot = dict(settings.boots)
        self.tokens = dict(settings.tokens)
        self.certificates: dict[str, str] = {}
        self.violations: list[str] = []
        self._watch = watch
        self._connections: dict[str, Connection] = {}
        self._registered: dict[str, str] = {}
        self._overrides: dict[str, list[_Override]] = {}
        self._watchers: set[asyncio.Event] = set()
        self._listener = Listener(settings, self._serve)
        self._schemas: Schemas | None = None

    async def __aenter__(self) -> Self:
        self._schemas = await asyncio.to_thread(schemas.load)
        await self._listener.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._close_all()
        await self._listener.close()

    @property
    def url(self) -> str:
        """Where stations connect, without their identity."""
        scheme = "ws" if self.settings.tls is None else "wss"
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        return f"{scheme}://{host}:{self._listener.port}{self.settings.path.rstrip('/')}"

    @property
    def connected(self) -> frozenset[str]:
        """Stations that are connected now."""
        return frozenset(self._connections)

    def of(self, action: str, station: str | None = None) -> list[Record]:
        """Give the CALLs of an action, in order."""
        return [item for item in self.received if item.action == action and station in {None, item.station}]

    # -- what tests ask for ---------------------------------------------------------------------------------------

    async def call(
        self, station: str, action: str, payload: Payload, within: float | None = None
    ) -> CallResult | CallError:
        """Call a station and give its answer; calls to one station follow one another.

        Raises:
            GatewayError: ``station-not-connected``.
            TimeoutError: no answer in time.
        """
        connection = self._connections.get(station)
        if connection is None:
            raise GatewayError("station-not-connected", station=station)
        answer = await connection.call(action, payload, self.settings.call_timeout if within is None else within)
        if isinstance(answer, CallResult) and self._known.knows(action):
            return replace(answer, error=self._known.check(action, "Response", answer.payload))
        return answer

    async def wait_for(self, predicate: Callable[[Record], bool], within: float = 10.0, *, since: int = 0) -> Record:
        """Wait for a CALL.

        Args:
            predicate: which one.
            within: real seconds to wait.
            since: index in ``received`` to look from.

        Raises:
            TimeoutError: none came in time.
        """
        found: list[Record] = []

        def is_there() -> bool:
            found.extend(item for item in self.received[since:] if predicate(item))
            return bool(found)

        await self.wait_until(is_there, within)
        return found[0]

    async def wait_until(self, predicate: Callable[[], bool], within: float = 10.0) -> None:
        """Wait until something is so; looked at after each message, connection and disconnection.

        Raises:
            TimeoutError: it was not so in time.
        """
        news = asyncio.Event()
        self._watchers.add(news)
        try:
            async with asyncio.timeout(within):
                while not predicate():
                    await news.wait()
                    news.clear()
        finally:
            self._watchers.discard(news)

    def override(self, action: str, hook: Hook, *, station: str | None = None, times: int | None = None) -> None:
        """Answer an action by a hook; the latest hook is asked first.

        Args:
            action: for example ``TransactionEvent``.
            hook: gives a payload, a CallError, a Silence, or None for the usual answer.
            station: for this station only.
            times: for so many messages only.
        """
        self._overrides.setdefault(action, []).insert(0, _Override(hook=hook, station=station, left=times))

    def restore(self, action: str) -> None:
        """Answer an action as usual again."""
        self._overrides.pop(action, None)

    async def go_down(self) -> None:
        """Close every connection and refuse new ones."""
        await self._listener.shut()
        await self._close_all()

    async def come_up(self) -> None:
        """Listen again, on the same port."""
        await self._listener.open()

    async def disconnect(self, station: str) -> None:
        """Close the connection of one station.

        Raises:
            GatewayError: ``station-not-connected``.
        """
        if station not in self._connections:
            raise GatewayError("station-not-connected", station=station)
        await self._connections[station].close(_GOING_AWAY)

    # -- what happens inside --------------------------------------------------------------------------------------

    @property
    def _known(self) -> Schemas:
        if self._schemas is None:
            raise GatewayError("csms-closed")
        return self._schemas

    async def _serve(self, station: str, socket: web.WebSocketResponse, request: web.Request) -> None:
        shown = request.get_extra_info("peercert")
        if shown:
            self.certificates[station] = shown["serialNumber"].lower()
        connection = Connection(station, socket, request.transport, self._on_call, self._seen)
        before = self._connections.get(station)
        self._connections[station] = connection
        if before is not None:
            before.abort()
        self._news()
        try:
            await connection.run()
        finally:
            if self._connections.get(station) is connection:
                del self._connections[station]
            self._news()

    async def _on_call(self, connection: Connection, frame: Frame) -> str | None:
        if connection.open_calls > 1:
            self.violations.append(f"{connection.station}: {frame.action} while another CALL was open")
        record, refusal = self._judge(connection.station, frame)
        answer: Answer = refusal
        if answer is None:
            answer = await self._hooked(record)
        if answer is None:
            answer = usual(record, self._policy(connection.station), self._token_status)
        if refusal is None:
            self._hold(record, answer)
        self.received.append(record)
        self._news()
        if isinstance(answer, Silence):
            if answer.drop:
                connection.abort()
            return None
        if isinstance(answer, CallError):
            return rpc.call_error(frame.message_id, answer)
        return rpc.call_result(frame.message_id, answer)

    def _judge(self, station: str, frame: Frame) -> tuple[Record, CallError | None]:
        """Make a record of a CALL, and the CALLERROR that it deserves."""
        payload = frame.payload or {}
        record = Record(
            station=station,
            action=frame.action,
            payload=payload,
            message_id=frame.message_id,
            at=datetime.now(UTC),
        )
        if not self._known.knows(frame.action):
            return record, CallError(code="NotImplemented", description=f"{frame.action} is not known")
        error = self._known.check(frame.action, "Request", payload)
        if error is not None:
            return replace(record, error=error), CallError(code=error.code, description=error.text)
        if frame.action != "BootNotification" and self._registered.get(station) == "Rejected":
            # B03.FR.07
            return record, CallError(code="SecurityError", description="the station was rejected")
        return record, None

    async def _hooked(self, record: Record) -> Answer:
        for override in self._overrides.get(record.action, ()):
            if override.station not in {None, record.station} or override.left == 0:
                continue
            answer = override.hook(record)
            if inspect.isawaitable(answer):
                answer = await answer
            if answer is not None:
                if override.left is not None:
                    override.left -= 1
                return answer
        return None

    def _hold(self, record: Record, answer: Answer) -> None:
        """Take in what a valid message says, unless it is refused."""
        if isinstance(answer, CallError) or (isinstance(answer, Silence) and not answer.stored):
            return
        if record.action == "BootNotification" and isinstance(answer, dict):
            self._registered[record.station] = str(answer.get("status"))
        if record.action == "TransactionEvent":
            number = record.payload["transactionInfo"]["transactionId"]
            held = self.transactions.setdefault(
                number, TransactionRecord(station=record.station, transaction_id=number)
            )
            held.add(record.payload)

    def _policy(self, station: str) -> BootPolicy:
        return self.boot.get(station, self.settings.boot)

    def _token_status(self, token: str) -> str:
        return self.tokens.get(token, self.settings.token_default)

    def _seen(self, direction: str, station: str, text: str) -> None:
        if self._watch is not None:
            self._watch(direction, station, text)

    async def _close_all(self) -> None:
        for connection in list(self._connections.values()):
            await connection.close(_GOING_AWAY)

    def _news(self) -> None:
        for watcher in self._watchers:
            watcher.set()
