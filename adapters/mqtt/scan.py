"""Looking for stations behind brokers: listens for a while, and publishes nothing."""

from __future__ import annotations

import asyncio
from itertools import groupby
from typing import TYPE_CHECKING

from adapters.common.wire import Unreachable
from adapters.mqtt.recognise import Recogniser
from adapters.mqtt.session import BrokerSettings, MqttSession
from gateway.config.fields import HostPort
from gateway.contracts import Progress, Sighting
from gateway.family.family import MqttFamily
from gateway.family.library import all_families
from gateway.family.load import FamilyInvalid, read_family

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from adapters.mqtt.recognise import Found
    from gateway.contracts import ScanRequest

ADAPTER = "mqtt"
LISTEN_S = 3.0
"""Stations tell most of what they know at least so often; what is retained comes at once."""

_PORT = 1883
_SURE = 0.5  # share of a family's points that have to make sense


async def scan(
    request: ScanRequest, families: Iterable[MqttFamily] | None = None, listen_s: float = LISTEN_S
) -> AsyncIterator[Sighting]:
    """Listen at each broker of the request, without credentials.

    Args:
        request: Where to look.
        families: Families that are known; those that are shipped, and beside the site file, if absent.
        listen_s: Seconds at each broker.
    """
    if not request.brokers:
        return
    known = await asyncio.to_thread(known_families, request.base) if families is None else tuple(families)
    for number, broker in enumerate(request.brokers):
        request.progress(Progress(done=number, total=len(request.brokers), where=broker))
        for sighting in await _look(broker, known, listen_s):
            yield sighting
    request.progress(Progress(done=len(request.brokers), total=len(request.brokers), where=request.brokers[-1]))


def known_families(base: Path | None) -> tuple[MqttFamily, ...]:
    """Every MQTT family that is shipped or beside the site file; files that are wrong are left out."""
    found: list[MqttFamily] = []
    for file in all_families(base).values():
        try:
            family = read_family(file).base
        except FamilyInvalid:
            continue
        if isinstance(family, MqttFamily):
            found.append(family)
    return tuple(found)


async def _look(broker: str, families: Iterable[MqttFamily], listen_s: float) -> list[Sighting]:
    recogniser = Recogniser(families)
    try:
        address = HostPort.parse(broker if ":" in broker else f"{broker}:{_PORT}")
    except ValueError:
        return [Sighting(adapter=ADAPTER, where=broker, code="not-host-port", params={"value": broker})]
    session = MqttSession(
        BrokerSettings(address=address), lambda topic, payload, _retained: recogniser.hear(topic, payload)
    )
    try:
        await session.open()
        await session.subscribe(recogniser.filters)
        try:
            async with asyncio.timeout(listen_s):
                await asyncio.shield(session.lost)
        except TimeoutError:
            pass
    except Unreachable as error:
        return [Sighting(adapter=ADAPTER, where=broker, code=error.code, params=error.params)]
    finally:
        await session.aclose()
    by_prefix = groupby(recogniser.found(), key=lambda found: found.prefix)
    return [_sighting(address, list(found)) for _, found in by_prefix]


def _sighting(broker: HostPort, found: list[Found]) -> Sighting:
    best, *others = found
    close = [each for each in others if each.plausible >= best.plausible]
    sure = best.plausible >= _SURE * best.asked and not close
    return Sighting(
        adapter=ADAPTER,
        where=f"{broker}, {best.prefix}",
        code="scan-family" if sure else "scan-family-likely",
        connection={"broker": str(broker), "prefix": best.prefix},
        family=best.family.meta.id,
        plausible=best.plausible,
        asked=best.asked,
        evidence=best.evidence,
        params={
            "vendor": best.family.meta.vendor,
            "role": best.family.meta.role,
            "others": ", ".join(each.family.meta.id for each in others),
        },
    )
