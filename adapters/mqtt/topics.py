"""A family's topics for one station. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paho.mqtt.client import topic_matches_sub

from gateway.family.template import Template
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.family.family import MqttFamily
    from gateway.family.link import Topic
    from gateway.family.value import Scalar

WILDCARDS = "+#"


class TopicMap:
    """Topics with their prefix and connector filled in.

    Attributes:
        filters: What to subscribe to.
        will: Topic of the last will, or that shows that the station lives; "" for none.

    Raises:
        GatewayError: ``template-value``: a topic that is listened to needs more than ``prefix`` and ``connector``.
    """

    def __init__(self, family: MqttFamily, prefix: str, connector: int) -> None:
        self._given: Mapping[str, Scalar] = {"prefix": prefix, "connector": connector}
        self._topics = family.topics
        named = {name: topic.sub.render(self._given) for name, topic in family.topics.items() if topic.sub is not None}
        self._named = named
        self._exact = {sub for sub in named.values() if not any(sign in sub for sign in WILDCARDS)}
        self._wild = frozenset(named.values()) - self._exact
        online = family.link.online
        self.will = named.get(online) or (Template.parse(online).render(self._given) if online else "")
        self.filters = frozenset(named.values()) | ({self.will} if self.will else frozenset())

    def knows(self, topic: str) -> bool:
        """Whether a message on a topic is one of the station's."""
        return topic in self._exact or any(topic_matches_sub(sub, topic) for sub in self._wild)

    def payload(self, name: str, last: Mapping[str, bytes]) -> bytes | None:
        """The last message on a topic of the family.

        Args:
            name: Its name.
            last: The last payload of each topic; of those that fit a wildcard the first one counts.
        """
        sub = self._named.get(name, "")
        if sub in self._wild:
            return next((last[topic] for topic in sorted(last) if topic_matches_sub(sub, topic)), None)
        return last.get(sub)

    def message(self, name: str, args: Mapping[str, Scalar]) -> tuple[str, bytes, Topic]:
        """Topic and payload of an order.

        Raises:
            GatewayError: ``message-unknown``; ``template-value``; ``point-value``: the topic would be one with a
                wildcard.
        """
        topic = self._topics.get(name)
        if topic is None or topic.pub is None:
            raise GatewayError("message-unknown", value=name)
        known = {**self._given, **args}
        to = topic.pub.render(known)
        if any(sign in to for sign in WILDCARDS):
            raise GatewayError("point-value", value=to)
        return to, (topic.payload.render(known) if topic.payload is not None else "").encode(), topic
