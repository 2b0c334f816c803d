"""Keeps a station's watchdog content, on its own time and ahead of every poll."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from adapters.common.wire import Rank, Refused, Unreachable
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from adapters.common.actor import Actor, Look
    from adapters.common.setpoint import Setpoint
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

logger = logging.getLogger(__name__)

_SHARE = 3.0
"""A watchdog is fed so many times within its time-out."""

_DEFAULT = 10.0
_FASTEST = 0.2


class Feeder:
    """Feeds the watchdog of one EVSE while it is reached."""

    def __init__(self, actor: Actor, look: Look, setpoint: Setpoint) -> None:
        self._actor = actor
        self._look = look
        self._setpoint = setpoint

    async def run(self, family: AnyFamily) -> None:
        """Feed until cancelled; returns at once where nothing has to be fed."""
        dog = family.watchdog
        if dog.kind in {"none", "unknown"}:
            return
        while True:
            await asyncio.sleep(await self._period(family))
            try:
                await self._feed(family)
            except (Unreachable, Refused) as error:
                # The poll notices a loss; here it is only one of many.
                logger.debug("%s: watchdog: %s", self._actor.wire.address, error)
            except GatewayError as error:
                logger.warning("%s: watchdog: %s", self._actor.wire.address, error)

    async def _period(self, family: AnyFamily) -> float:
        dog = family.watchdog
        values = await self._look()
        every = _positive(dog.every_s.evaluate(values) if dog.every_s is not None else None)
        if every is not None:
            return max(_FASTEST, every)
        timeouts = (_positive(values.get(dog.timeout)), _positive(dog.timeout_s))
        shortest = min((each for each in timeouts if each is not None), default=_DEFAULT * _SHARE)
        return max(_FASTEST, shortest / _SHARE)

    async def _feed(self, family: AnyFamily) -> None:
        dog = family.watchdog
        match dog.kind:
            case "write":
                await self._actor.run(dog.seq, Rank.WATCHDOG)
            case "rewrite-limit":
                await self._setpoint.repeat(family)
            case _:
                # Any traffic will do; the poll may be held up by a slow neighbour on the bus.
                await self._actor.wire.read(_liveliest(family), rank=Rank.WATCHDOG)


def _liveliest(family: AnyFamily) -> list[str]:
    """One point that is read fast, if there is any, or another that can be read."""
    readable = [name for name, point in family.points.items() if point.readable and not point.optional]
    fast = [name for name in readable if family.points[name].poll == "fast"]
    return (fast or readable)[:1]


def _positive(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None
