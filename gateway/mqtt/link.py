"""One connection to a broker, from its opening to its loss; the library's thread does the waiting."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, TypeVar

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from paho.mqtt.client import MQTTMessage
    from paho.mqtt.reasoncodes import ReasonCode

    from gateway.config.broker import BrokerKeys

    Heard = Callable[[str, bytes, bool], None]
    """Told each message: its topic, what it says, and whether the broker has kept it from before this connection."""

T = TypeVar("T")

PATIENCE_S = 5.0
"""Seconds for a connection, and for a broker's answer."""

KEEPALIVE_S = 30


class Link:
    """A connection with a last will. One that is lost is not mended: a new one is made.

    Attributes:
        lost: Done when it has ended; its result says why.
    """

    def __init__(self, settings: BrokerKeys, on_message: Heard, will: tuple[str, bytes]) -> None:
        """Take the settings; nothing is on the network yet.

        Args:
            settings: Of the broker.
            on_message: Told what is said on the topics that are subscribed to.
            will: Topic, and what the broker keeps there when this connection is lost.
        """
        self._loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[str] = self._loop.create_future()
        self._accepted: asyncio.Future[str] = self._loop.create_future()
        self._settings = settings
        self._on_message = on_message
        self._guard = threading.Lock()
        self._closed = False
        self._client = Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        self._client.connect_timeout = PATIENCE_S
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._heard
        self._client.will_set(*will, qos=1, retain=True)

    @property
    def accepted(self) -> bool:
        """True once the broker has taken the connection."""
        return self._accepted.done() and not self._accepted.cancelled() and not self._accepted.result()

    async def open(self) -> None:
        """Connect and be accepted.

        Raises:
            GatewayError: ``no-connection``.
        """
        try:
            await asyncio.to_thread(self._start)
            async with asyncio.timeout(PATIENCE_S):
                refused = await self._accepted
        except (OSError, ValueError) as error:  # a time-out, and what TLS says, are OSErrors
            raise self._failed(str(error) or type(error).__name__) from error
        if refused:
            raise self._failed(refused)

    async def publish(self, topic: str, payload: bytes) -> None:
        """Have the broker keep a message.

        Raises:
            GatewayError: ``no-connection``: whether it has it is not known.
        """
        if self.lost.done() or not await asyncio.to_thread(self._published, topic, payload):
            raise self._failed(f"{topic} was not taken")

    async def send(self, topic: str, payload: bytes) -> None:
        """Have the broker keep a message, without asking whether it does: the next one says all of it again."""
        await asyncio.to_thread(self._client.publish, topic, payload, 0, retain=True)

    async def subscribe(self, filters: Iterable[str]) -> None:
        """Have the broker say what it has kept, and what comes from now on.

        Raises:
            GatewayError: ``no-connection``.
        """
        result, _ = await asyncio.to_thread(self._client.subscribe, [(each, 0) for each in filters])
        if result is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise self._failed("not connected")

    async def aclose(self) -> None:
        """End the connection, and the library's thread."""
        await asyncio.to_thread(self._stop)

    def _failed(self, reason: str) -> GatewayError:
        return GatewayError("no-connection", where=str(self._settings.broker), reason=reason)

    # --- in a thread --------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        settings = self._settings
        if settings.user:
            secret = settings.password_file
            text = None if secret is None else secret.read_text("utf-8").partition("\n")[0].rstrip("\r")
            self._client.username_pw_set(settings.user, text)
        if settings.encrypted:
            self._client.tls_set(None if settings.ca_file is None else str(settings.ca_file))
        with self._guard:
            if not self._closed:
                self._client.connect(settings.broker.host, settings.broker.port, KEEPALIVE_S)
                self._client.loop_start()

    def _stop(self) -> None:
        with self._guard:
            self._closed = True
            self._client.disconnect()
            self._client.loop_stop()
            # Without a way back to here it is freed at once, and closes its last sockets then.
            self._client.on_connect = self._client.on_disconnect = self._client.on_message = None

    def _published(self, topic: str, payload: bytes) -> bool:
        info = self._client.publish(topic, payload, qos=1, retain=True)
        try:
            info.wait_for_publish(PATIENCE_S)
            return info.is_published()
        except (RuntimeError, ValueError):  # not connected
            return False

    def _connected(self, _client: Client, _data: object, _flags: object, reason: ReasonCode, _props: object) -> None:
        self._call(_settle, self._accepted, str(reason) if reason.is_failure else "")

    def _disconnected(self, _client: Client, _data: object, _flags: object, reason: ReasonCode, _props: object) -> None:
        self._call(_settle, self._accepted, str(reason))
        self._call(_settle, self.lost, str(reason))

    def _heard(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._call(self._on_message, message.topic, bytes(message.payload), message.retain)

    def _call(self, function: Callable[..., None], *args: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *args)


def _settle(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)
