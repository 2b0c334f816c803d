"""Carries out the steps of a family's file at a station."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from adapters.common.wire import Rank, Refused
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from adapters.common.wire import Wire
    from gateway.family.control import Step
    from gateway.family.expression import Expression
    from gateway.family.value import Scalar, Value

logger = logging.getLogger(__name__)

_LOOK = 0.25
"""Seconds between two looks at a condition that is waited for."""


class Look(Protocol):
    """Gives the values of the EVSE, read anew where points are named."""

    async def __call__(self, *points: str, rank: Rank = Rank.POLL) -> Mapping[str, Value]:
        """The values now; ``rank``: who goes first on the bus."""


class Actor:
    """Writes and sends; whoever runs two sequences that must not mix sees to that.

    ``read_only`` is a dry run: what would be written is told in the log, and not done.
    """

    def __init__(self, wire: Wire, look: Look, *, read_only: bool = False) -> None:
        self.wire = wire
        self._look = look
        self._read_only = read_only

    async def run(self, steps: Iterable[Step], rank: Rank = Rank.ORDER, **known: Scalar) -> Mapping[str, Value]:
        """Do steps in their order; gives what the last answer said.

        Args:
            steps: The steps.
            rank: Who goes first on the bus.
            known: What the verb itself knows: ``value``, ``amps``, ``phases``, ``token``.

        Raises:
            Unreachable: how far it has come is not known.
            Refused: the station does not do it; later steps were not done.
            GatewayError: ``step-value``: an expression has no value; ``step-timeout``: a wait has failed.
        """
        answer: Mapping[str, Value] = {}
        for step in steps:
            if step.when is not None and not await self._is(step.when, known):
                continue
            if step.delay_s is not None:
                if not self._read_only:
                    await asyncio.sleep(step.delay_s)
            elif step.wait is not None:
                await self._wait(step, known)
            else:
                answer = await self._do(step, rank, known)
        return answer

    async def write(self, point: str, value: Scalar) -> None:
        """Write a point; raises as the wire does."""
        if self._read_only:
            logger.info("%s: dry run, not written: %s", self.wire.address, point)
            return
        await self.wire.write(point, value)

    async def _do(self, step: Step, rank: Rank, known: Mapping[str, Scalar]) -> Mapping[str, Value]:
        values = {**await self._look(), **known}
        if self._read_only:
            logger.info("%s: dry run, not written: %s", self.wire.address, step.point or step.send)
            return {}
        try:
            if step.point:
                await self.wire.write(step.point, _scalar(step.value, step.point, values), fc=step.fc, rank=rank)
                return {}
            args = {name: _scalar(formula, name, values) for name, formula in step.args.items()}
            return await self.wire.send(step.send, args, rank=rank)
        except Refused as error:
            if not step.accept_refusal:
                raise
            logger.debug("%s: %s refused: %s", self.wire.address, step.point or step.send, error)
            return {}

    async def _wait(self, step: Step, known: Mapping[str, Scalar]) -> None:
        if step.wait is None or self._read_only:
            return
        loop = asyncio.get_running_loop()
        deadline = loop.time() + step.timeout_s
        while not await self._is(step.wait, known):
            if loop.time() >= deadline:
                raise GatewayError("step-timeout", seconds=step.timeout_s)
            await asyncio.sleep(_LOOK)

    async def _is(self, condition: Expression, known: Mapping[str, Scalar]) -> bool:
        return condition.evaluate({**await self._look(*condition.names), **known}) is True


def _scalar(formula: Expression | None, name: str, values: Mapping[str, Value]) -> Scalar:
    value = formula.evaluate(values) if formula is not None else None
    if value is None or isinstance(value, tuple):
        raise GatewayError("step-value", name=name)
    return value
