"""MQTT, as a simulated station speaks it: state that is retained, topics that it obeys, and a last will."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

import orjson
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from typing_extensions import override

from gateway.bench.family.endpoint import Endpoint
from gateway.bench.family.pages import document, text_of
from gateway.family.template import Template
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.bench.family.outlet import Outlet
    from gateway.family.family import MqttFamily
    from gateway.family.value import Value

logger = logging.getLogger(__name__)

_COUNTERPARTS = {"false": "true", "0": "1", "offline": "online", "Offline": "Online", "OFFLINE": "ONLINE"}
_KEEPALIVE = 30
_SIGNS = 4.0
"""Signs of life within the time after which silence means that the station is lost."""
_PATIENCE = 10.0


class MqttEndpoint(Endpoint):
    """One client at a broker.

    Args:
        family: Of the station.
        outlets: Its connectors; a placeholder ``connector`` says which one is meant.
        host: Of the broker.
        port: Of the broker.
        prefix: Where its topics begin; by default as the family says.
    """

    def __init__(
        self, family: MqttFamily, outlets: Sequence[Outlet], host: str, port: int, prefix: str | None = None
    ) -> None:
        self._family = family
        self._outlets = outlets
        self._host = host
        self._port = port
        self._prefix = family.link.prefix if prefix is None else prefix
        self._told: dict[str, str] = {}
        self._alive_at = 0.0
        self._client: paho.Client | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connected = asyncio.Event()

    @property
    @override
    def connection(self) -> Mapping[str, object]:
        return {"broker": f"{self._host}:{self._port}", "prefix": self._prefix}

    @override
    async def start(self) -> None:
        """Connect; returns when its state is published and its topics are subscribed to.

        Raises:
            OSError: there is no broker, or it does not let the station in.
        """
        self._loop = asyncio.get_running_loop()
        await self._connect()

    async def _connect(self) -> None:
        self._connected.clear()
        # The first connect of the library blocks: it is done by a thread, as everything that it does afterwards.
        self._client = await asyncio.to_thread(self._connected_client)
        async with asyncio.timeout(_PATIENCE):
            await self._connected.wait()
        await self.publish()

    def _subscribed(self) -> None:
        """A broker that has been away may have forgotten what was retained."""
        self._told.clear()
        self._connected.set()

    def _online(self) -> str:
        return Template.parse(self._family.link.online).render({"prefix": self._prefix})

    # -- in the library's thread ------------------------------------------------------------------------------------

    def _connected_client(self) -> paho.Client:
        client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        link = self._family.link
        if link.online and link.offline_payload:
            client.will_set(self._online(), link.offline_payload, qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        client.connect(self._host, self._port, _KEEPALIVE)
        client.loop_start()
        return client

    def _on_connect(self, client: paho.Client, *told: Any) -> None:  # noqa: ANN401 - paho's
        _, _, reason, _ = told
        if reason.is_failure:
            logger.error("the broker refuses: %s", reason)
            return
        link = self._family.link
        if link.online and link.offline_payload and self._online() not in self._pages():
            client.publish(self._online(), _COUNTERPARTS.get(link.offline_payload, "online"), qos=1, retain=True)
        topics = [(topic, 1) for topic in self._subscriptions()]
        if topics:
            client.subscribe(topics)
        else:
            self._call(self._subscribed)

    def _on_subscribe(self, *_: Any) -> None:  # noqa: ANN401 - paho's
        self._call(self._subscribed)

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:  # noqa: ANN401 - paho's
        if not message.retain:
            self._call(self._obey, message.topic, message.payload.decode("utf-8", "replace"))

    def _call(self, work: Any, *args: Any) -> None:  # noqa: ANN401 - any callback
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work, *args)

    # -- in the loop ------------------------------------------------------------------------------------------------

    def _subscriptions(self) -> list[str]:
        found: dict[str, None] = {}
        for topic in self._family.topics.values():
            if topic.pub is not None:
                for outlet in self._outlets:
                    # What a topic has besides prefix and connector may be anything.
                    known = dict.fromkeys(topic.pub.names, "+") | self._known(outlet)
                    found.setdefault(topic.pub.render(known))
        return list(found)

    def _known(self, outlet: Outlet) -> dict[str, Value]:
        return {"prefix": self._prefix, "connector": outlet.number}

    def _pages(self) -> dict[str, tuple[Outlet, str]]:
        """Topic -> connector and source of everything that is told."""
        found: dict[str, tuple[Outlet, str]] = {}
        for name, topic in self._family.topics.items():
            if topic.sub is not None:
                for outlet in self._outlets:
                    found.setdefault(topic.sub.render(self._known(outlet)), (outlet, name))
        return found

    def _obey(self, topic: str, payload: str) -> None:
        for name, spec in self._family.topics.items():
            args = spec.pub.match(topic) if spec.pub is not None else None
            if args is None or str(args.pop("prefix", self._prefix)) != self._prefix:
                continue
            found = spec.payload.match(payload) if spec.payload is not None else {}
            if found is None:
                continue
            number = str(args.pop("connector", found.pop("connector", 1)))
            for outlet in self._outlets:
                if str(outlet.number) == number and outlet.heard():
                    self._send(outlet, name, args | found)
            return

    @staticmethod
    def _send(outlet: Outlet, name: str, args: Mapping[str, Value]) -> None:
        try:
            outlet.send(name, args)
        except GatewayError as error:
            # Over MQTT a refusal has no way back: it shows in the state.
            logger.debug("%s: %s", name, error)

    async def publish(self) -> None:
        """Tell what has changed since the last time."""
        client = self._client
        if client is None or not client.is_connected():
            return
        for topic, (outlet, source) in self._pages().items():
            page = document(self._family.points, outlet, source)
            text = None if page is None else text_of(page)
            if text is not None and self._told.get(topic) != text:
                self._told[topic] = text
                client.publish(topic, text, qos=1, retain=True)
        self._live(client)

    def _live(self, client: paho.Client) -> None:
        """A station without a last will has a topic on which it says something every now and then."""
        link, now = self._family.link, time.monotonic()
        if link.online and not link.offline_payload and now - self._alive_at > link.stale_s / _SIGNS:
            self._alive_at = now
            client.publish(self._online(), orjson.dumps({"uptime": int(now)}))

    @override
    async def cut(self) -> None:
        """As when the power or the net fails: no farewell, so that the broker sends the last will."""
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(_break, client)

    @override
    async def mend(self) -> None:
        if self._client is None:
            await self._connect()

    @override
    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(_leave, client)


def _break(client: paho.Client) -> None:
    client.on_message = client.on_connect = client.on_subscribe = None
    sock = client.socket()
    client.loop_stop()
    if sock is not None:
        sock.close()


def _leave(client: paho.Client) -> None:
    client.disconnect()
    client.loop_stop()
