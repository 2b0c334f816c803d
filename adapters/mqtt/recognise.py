"""Which family a broker's messages are of, and under which prefix. Pure."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapters.common.complaints import Complaints
from adapters.common.values import document_values
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateway.family.family import MqttFamily
    from gateway.family.value import Value

DEPTHS = (1, 2, 3)
"""Levels of a prefix: ``warp``, ``warp/abc``, ``home/garage/charger``."""

_PREFIX = "\x00"  # stands for the prefix while a topic is taken apart; it is in no topic
_SILENT = logging.getLogger(f"{__name__}.silent")
_EVIDENCE = ("model", "serial", "firmware", "state")
_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """One topic of a family, as it is at any prefix."""

    family: MqttFamily
    name: str
    text: str

    @property
    def filters(self) -> frozenset[str]:
        return frozenset(self.text.replace(_PREFIX, "/".join("+" * depth)) for depth in DEPTHS)

    def prefix(self, topic: str) -> str | None:
        """The prefix that a topic has, or None if it is another one."""
        parts = [re.escape(part) for part in self.text.split(_PREFIX)]
        body = "(.+)".join(parts[:2]) + "".join(rf"\1{part}" for part in parts[2:])
        found = re.fullmatch(body.replace(r"\+", "[^/]+"), topic)
        return found[1] if found and found[1].count("/") < len(DEPTHS) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A family at a prefix.

    Attributes:
        values: By point, of the topics that have come.
        asked: How many points the family could have.
    """

    family: MqttFamily
    prefix: str
    values: Mapping[str, Value]
    asked: int

    @property
    def plausible(self) -> int:
        """How many points had a value."""
        return sum(value is not None for value in self.values.values())

    @property
    def evidence(self) -> dict[str, str]:
        """The values that tell most."""
        return {name: str(self.values[name])[:_SHOWN] for name in _EVIDENCE if self.values.get(name) is not None}


@dataclass(slots=True)
class Recogniser:
    """Collects messages and compares them with what families say of themselves."""

    families: Iterable[MqttFamily]
    _known: list[_Known] = field(init=False)
    _heard: dict[tuple[str, str], dict[str, bytes]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._known = [each for family in self.families for each in _topics(family)]

    @property
    def filters(self) -> frozenset[str]:
        """What to listen to."""
        return frozenset[str]().union(*(each.filters for each in self._known))

    def hear(self, topic: str, payload: bytes) -> None:
        """A message has come."""
        for each in self._known:
            prefix = each.prefix(topic)
            if prefix is not None:
                self._heard.setdefault((each.family.meta.id, prefix), {})[each.name] = payload

    def found(self) -> list[Found]:
        """The families that have been heard, each prefix with the one that explains most of it first."""
        families = {each.family.meta.id: each.family for each in self._known}
        found = [_judged(families[name], prefix, heard) for (name, prefix), heard in self._heard.items()]
        return sorted(
            (each for each in found if each.plausible), key=lambda each: (each.prefix, -each.plausible, each.asked)
        )


def _topics(family: MqttFamily) -> Iterator[_Known]:
    for name, topic in family.topics.items():
        if topic.sub is None or "prefix" not in topic.sub.names:
            continue  # a topic without a prefix cannot be told from any other's
        try:
            text = topic.sub.render({"prefix": _PREFIX, "connector": 1}, quote=str)
        except GatewayError:
            continue
        if "#" not in text:
            yield _Known(family=family, name=name, text=text)


def _judged(family: MqttFamily, prefix: str, heard: Mapping[str, bytes]) -> Found:
    values: dict[str, Value] = {}
    complaints = Complaints(_SILENT, prefix)
    for source, payload in heard.items():
        points = {name: point for name, point in family.points.items() if point.from_ == source}
        values |= document_values(source, points, payload, complaints)
    sources = {name for name, topic in family.topics.items() if topic.sub is not None}
    asked = sum(point.from_ in sources for point in family.points.values())
    return Found(family=family, prefix=prefix, values=values, asked=asked)
