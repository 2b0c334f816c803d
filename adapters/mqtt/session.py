"""One connection to a broker, from its opening to its loss. The library's thread does the waiting.

A lost connection is not mended: a new one is made. So no order that waited in the old one goes out late.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from adapters.common.secret_file import read_secret
from adapters.common.values import MAX_BYTES
from adapters.common.wire import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from gateway.config.fields import HostPort

T = TypeVar("T")

PATIENCE_S = 5.0
"""Seconds for a connection, and for a broker's answer."""

KEEPALIVE_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSettings:
    """Where a broker is, and who the box is to it."""

    address: HostPort
    user: str = ""
    password_file: Path | None = None
    tls: bool = False
    ca_file: Path | None = None


class MqttSession:
    """A connection.

    Attributes:
        lost: Done when it has ended; its result says why.
    """

    def __init__(self, settings: BrokerSettings, hear: Callable[[str, bytes, bool], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[str] = self._loop.create_future()
        self._accepted: asyncio.Future[tuple[str, str]] = self._loop.create_future()
        self._settings = settings
        self._hear = hear
        self._one_at_a_time = threading.Lock()
        self._closed = False
        self._client = Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        self._client.connect_timeout = PATIENCE_S
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    async def open(self) -> None:
        """Connect and be accepted.

        Raises:
            Unreachable: ``no-connection``, ``broker-refused`` or ``secret-file``.
        """
        password = await read_secret(self._settings.password_file) if self._settings.password_file else None
        try:
            await asyncio.to_thread(self._start, password)
            async with asyncio.timeout(PATIENCE_S):
                code, reason = await self._accepted
        except (OSError, ValueError) as error:  # a time-out is an OSError
            reason = str(error) or type(error).__name__
            raise Unreachable("no-connection", where=str(self._settings.address), reason=reason) from error
        if code:
            raise Unreachable(code, where=str(self._settings.address), reason=reason)

    async def subscribe(self, filters: Iterable[str], qos: int = 0) -> None:
        """Have messages sent; retained ones come at once.

        Raises:
            Unreachable: the connection is lost.
        """
        wanted = [(each, qos) for each in sorted(filters)]
        if not wanted:
            return
        result, _ = await asyncio.to_thread(self._client.subscribe, wanted)
        if result is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise Unreachable("connection-lost", where=str(self._settings.address))

    async def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        """Publish a message and wait until it is out (qos 0) or the broker has it (qos 1).

        Raises:
            Unreachable: whether the broker has it is not known.
        """
        if self.lost.done() or not await asyncio.to_thread(self._published, topic, payload, qos, retain):
            raise Unreachable("no-answer", where=str(self._settings.address), request=topic)

    async def aclose(self) -> None:
        """End the connection, and the library's thread."""
        await asyncio.to_thread(self._stop)

    # --- in a thread --------------------------------------------------------------------------------------------------

    def _start(self, password: str | None) -> None:
        if self._settings.user:
            self._client.username_pw_set(self._settings.user, password)
        if self._settings.tls:
            self._client.tls_set(str(self._settings.ca_file) if self._settings.ca_file else None)
        with self._one_at_a_time:
            if not self._closed:
                self._client.connect(self._settings.address.host, self._settings.address.port, KEEPALIVE_S)
                self._client.loop_start()

    def _stop(self) -> None:
        with self._one_at_a_time:
            self._closed = True
            self._client.disconnect()
            self._client.loop_stop()
            # Without a way back to here it is freed at once, and closes its last sockets then.
            self._client.on_connect = self._client.on_disconnect = self._client.on_message = None

    def _published(self, topic: str, payload: bytes, qos: int, retain: bool) -> bool:  # noqa: FBT001 as the library
        info = self._client.publish(topic, payload, qos, retain)
        try:
            info.wait_for_publish(PATIENCE_S)
            return info.is_published()
        except (RuntimeError, ValueError):  # not connected, or too many wait
            return False

    def _on_connect(self, _client: Client, _data: object, _flags: object, reason: Any, _props: object) -> None:  # noqa: ANN401
        self._call(_settle, self._accepted, ("broker-refused" if reason.is_failure else "", str(reason)))

    def _on_disconnect(self, _client: Client, _data: object, _flags: object, reason: Any, _props: object) -> None:  # noqa: ANN401
        self._call(_settle, self._accepted, ("no-connection", str(reason)))
        self._call(_settle, self.lost, str(reason))

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        if len(message.payload) <= MAX_BYTES:
            self._call(self._hear, message.topic, message.payload, message.retain)

    def _call(self, function: Callable[..., None], *args: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *args)


def _settle(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)
