"""A station behind a broker: the last words on its topics, as long as it lives."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.common.complaints import Complaints
from adapters.common.values import document_values
from adapters.common.wire import Rank, Refused, Took, Unreachable, Wire
from adapters.mqtt.presence import Presence
from adapters.mqtt.topics import TopicMap
from gateway.family.family import AnyFamily, MqttFamily
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from adapters.mqtt.broker import Broker
    from gateway.family.points import PathPoint
    from gateway.family.value import Scalar, Value

logger = logging.getLogger(__name__)

_MOST_TOPICS = 256
"""More than this a station does not have; a wildcard could bring them."""


class MqttWire(Wire):
    """One connector of a station. It goes on listening after ``aclose``, so that a station that returns is noticed."""

    def __init__(self, family: MqttFamily, broker: Broker, prefix: str, connector: int) -> None:
        super().__init__(family)
        self._mqtt = family
        self._broker = broker
        self._prefix = prefix
        self._connector = connector
        self._topics = TopicMap(family, prefix, connector)
        self._presence = Presence(family.link.stale_s, will=bool(family.link.offline_payload))
        self._last: dict[str, bytes] = {}
        self._came = asyncio.Event()
        self._since = 0.0
        self._complaints = Complaints(logger, self.address)

    @property
    @override
    def address(self) -> str:
        return f"{self._broker.where} {self._prefix}".rstrip()

    @property
    def filters(self) -> frozenset[str]:
        """Topics that are listened to."""
        return self._topics.filters

    @override
    def use(self, family: AnyFamily) -> None:
        if not isinstance(family, MqttFamily):
            raise GatewayError("wire-unknown", kind=family.kind)
        before = self.filters
        super().use(family)
        self._mqtt = family
        self._topics = TopicMap(family, self._prefix, self._connector)
        if not self.filters <= before:
            self._broker.changed()
            self._since = asyncio.get_running_loop().time()

    @override
    async def connect(self) -> None:
        if self._broker.join(self):
            self._since = asyncio.get_running_loop().time()
        await self._broker.ready()

    @override
    async def read(self, points: Collection[str], *, rank: Rank = Rank.POLL) -> Took:
        await self.connect()
        wanted = {name: self._mqtt.points[name] for name in points if name in self._mqtt.points}
        sources = {point.from_ for point in wanted.values()}
        await self._first_words(sources)
        self._live()
        values: dict[str, Value] = {}
        silent: dict[str, PathPoint] = {}
        for source in sources:
            here = {name: point for name, point in wanted.items() if point.from_ == source}
            payload = self._topics.payload(source, self._last)
            if payload is None:
                silent |= here
            else:
                values |= document_values(source, here, payload, self._complaints)
        return Took(values=values, refused=self._lacking(silent))

    @override
    async def write(self, point: str, value: Scalar, *, fc: int | None = None, rank: Rank = Rank.ORDER) -> None:
        raise Refused("point-not-writable", point=point)

    @override
    async def send(self, name: str, args: Mapping[str, Scalar], *, rank: Rank = Rank.ORDER) -> Mapping[str, Value]:
        to, payload, topic = self._topics.message(name, args)
        await self.connect()
        self._live()
        await self._broker.publish(to, payload, qos=self._mqtt.link.qos, retain=topic.retain)
        return {}

    @override
    async def aclose(self) -> None:
        """Nothing is given back: the broker's connection is everybody's, and costs the station nothing."""

    def hear(self, topic: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001 as it comes
        """A message of the broker has come, perhaps another station's."""
        now = asyncio.get_running_loop().time()
        if topic == self._topics.will and self._mqtt.link.offline_payload:
            if payload.decode("utf-8", "replace").strip() == self._mqtt.link.offline_payload:
                self._presence.heard(now, retained=retained, offline=True)
                self.news.set()
            else:
                self._presence.online(now, retained=retained)
        elif topic == self._topics.will or self._topics.knows(topic):
            self._presence.heard(now, retained=retained)
        elif topic not in self._last:
            return  # another station's; those of another variant of this one are kept
        if self._last.get(topic) != payload and (topic in self._last or len(self._last) < _MOST_TOPICS):
            self._last[topic] = payload
            self.news.set()
        self._came.set()

    def _live(self) -> None:
        """Let nothing pass while the station is lost."""
        code = self._presence.lost(asyncio.get_running_loop().time())
        if code is not None:
            raise Unreachable(code, where=self.address)

    async def _first_words(self, sources: set[str]) -> None:
        """Wait for topics on which nothing has come yet, for a short time after they were subscribed to."""
        deadline = max(self._since, self._broker.since) + self._mqtt.link.timeout_ms / 1000
        try:
            async with asyncio.timeout_at(deadline):
                while self._presence.lost(asyncio.get_running_loop().time()) or not all(
                    self._topics.payload(source, self._last) is not None for source in sources
                ):
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            return

    def _lacking(self, silent: Mapping[str, PathPoint]) -> frozenset[str]:
        """Those points of silent topics that the station does not have, as far as can be said.

        What tells the variant is decided at once. An optional one has as long as the whole station; any other may
        still come.
        """
        probed = {each.probe.point for each in self._mqtt.variant if each.probe.fails is not None}
        waited = asyncio.get_running_loop().time() - max(self._since, self._broker.since)
        late = waited > self._mqtt.link.stale_s
        return frozenset(name for name, point in silent.items() if name in probed or (point.optional and late))
