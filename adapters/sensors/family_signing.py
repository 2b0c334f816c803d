"""A meter that signs begin and end of a transaction, led as its family says."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from adapters.common.actor import Actor
from adapters.common.wire import Rank
from gateway.family.ocmf import head, signed_record
from gateway.model.errors import GatewayError
from gateway.model.signing import Moment

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from adapters.common.wire import Wire
    from gateway.family.value import Value
    from gateway.model.readings import Signature
    from gateway.model.signing import SigningOrder


class FamilySigner:
    """One order after the other: a meter knows one transaction."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._actor = Actor(wire, self._look)
        self._lock = asyncio.Lock()

    async def sign(self, order: SigningOrder) -> Signature:
        """Do the steps of the moment, and read the record.

        Raises:
            Unreachable: the meter does not answer.
            Refused: it does not take a step.
            GatewayError: it does not come to its end, or there is no record.
        """
        signing = self._wire.family.signing
        if signing is None:
            raise GatewayError("signing-nothing", sensor=self._wire.address, moment=order.moment.value)
        text = head(order.place, order.token)
        async with self._lock:
            await self._wire.connect()
            steps = signing.begin if order.moment is Moment.BEGIN else signing.end
            unix = int(order.at.timestamp())
            await self._actor.run(steps, Rank.ORDER, unix=unix, head=text, head_size=len(text.encode()))
            return signed_record(signing, await self._read(signing.points, Rank.ORDER))

    async def _look(self, *points: str, rank: Rank = Rank.ORDER) -> Mapping[str, Value]:
        """What is asked for, read anew; the names that only the steps know are not the meter's."""
        known = self._wire.family.points
        return await self._read([name for name in points if name in known and known[name].readable], rank)

    async def _read(self, points: Collection[str], rank: Rank) -> Mapping[str, Value]:
        return (await self._wire.read(points, rank=rank)).values if points else {}
