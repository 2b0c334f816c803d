"""Lets current flow at an EVSE, or holds it back, by what its family has for it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from adapters.common.wire import Rank, Refused
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from adapters.common.actor import Actor
    from gateway.family.control import Control, Step
    from gateway.family.expression import Expression
    from gateway.family.family import AnyFamily
    from gateway.family.value import Scalar, Value

logger = logging.getLogger(__name__)

_AGAIN = 5.0
"""Seconds between two repairs of what a station does not keep."""

_PATIENCE = 10.0
"""Seconds after which a hold that has never been shown is written once more; twice as long each time."""

_RAREST = 3600.0


class Means(Enum):
    """By what an EVSE is held back."""

    ENABLE = "enable"
    LIMIT = "limit"  # the limit's own pause: the gate of the limit does it
    VERBS = "verbs"  # start and stop, as a driver would
    NONE = "none"


def means(control: Control, values: Mapping[str, Value]) -> Means:
    """What holds an EVSE back now; ``enable`` only while the station says that it obeys."""
    limit = control.limit
    if control.enable is not None and obeys(control.enable.when, values):
        return Means.ENABLE
    if limit is not None and limit.pause != "disable":
        return Means.LIMIT
    if limit is None and (control.start is not None or control.stop is not None):
        return Means.VERBS
    return Means.NONE


def obeys(when: Expression | None, values: Mapping[str, Value]) -> bool:
    """Tell whether a station obeys a verb with this condition; not where that cannot be told."""
    return when is None or when.evaluate(values) is True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What a station was brought to, by what, and how that can be seen: points that were written, and their values."""

    on: bool
    by: Means
    echo: Mapping[str, Scalar]
    at: float


class Switch:
    """Remembers what an EVSE was brought to; nothing is known while a sequence is under way or has failed."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._done: _Done | None = None
        self._echoed: set[str] = set()
        self._patience: dict[str, float] = {}
        self._repaired_at = 0.0
        self._stopped = False  # by the verb of a driver, after which only the other verb lets it go on

    def forget(self) -> None:
        """Nothing of what was done holds any more."""
        self._done = None

    @property
    def held(self) -> bool:
        """True where the EVSE was brought to hold current back, by anything that can."""
        return self._done is not None and not self._done.on and self._done.by is not Means.NONE

    def settled(self, control: Control, values: Mapping[str, Value], *, on: bool) -> bool:
        """Tell whether the EVSE was brought to ``on``, by the means that hold now."""
        done = self._done
        return done is not None and done.on is on and done.by is means(control, values)

    def watch(self, family: AnyFamily, values: Mapping[str, Value], now: float, *, failed: bool) -> None:
        """See from values that were read anyway whether a station has lost what was written, as by a restart.

        A point that has never shown what was written to it may show something else: a hold is repeated ever more rarely.
        """
        done = self._done
        if done is None:
            return
        for name, value in done.echo.items():
            shown = values.get(name) if name in family.points else None
            if shown == value:
                self._echoed.add(name)
                self._patience.pop(name, None)
            elif shown is not None and self._is_lost(done, name, now, failed=failed):
                logger.info("%s: %s is not as it was written; once more", self._actor.wire.address, name)
                self._repaired_at, self._done = now, None
                return

    def _is_lost(self, done: _Done, name: str, now: float, *, failed: bool) -> bool:
        if name in self._echoed:
            return now >= self._repaired_at + _AGAIN
        patience = self._patience.get(name, _PATIENCE)
        if done.on or now < done.at + patience or (failed and name in self._patience):
            return False  # a station that has failed is tried again on a schedule of its own
        self._patience[name] = min(2 * patience, _RAREST)
        return True

    async def hold(self, control: Control, values: Mapping[str, Value]) -> None:
        """Hold current back.

        Raises:
            Unreachable: whether it is held is not known.
            Refused: the station does not do it.
            GatewayError: a step cannot be done.
        """
        if self.settled(control, values, on=False):
            return
        by, before = means(control, values), self._done
        self._done = None
        steps: Iterable[Step] = ()
        if by is Means.ENABLE and control.enable is not None:
            steps = control.enable.off
            await self._actor.run(steps, Rank.WATCHDOG)
        elif by is Means.VERBS and control.stop is not None:
            await self._stop(control.stop.seq, may_refuse=before is None)
        self._note(steps, values, on=False, by=by)

    async def release(self, control: Control, values: Mapping[str, Value]) -> None:
        """Let current flow; raises as ``hold`` does."""
        if self.settled(control, values, on=True):
            return
        by, self._done = means(control, values), None
        steps: Iterable[Step] = ()
        if by is Means.ENABLE and control.enable is not None:
            steps = control.enable.on
            await self._actor.run(steps)
        if control.start is not None and (by is Means.VERBS or self._stopped):
            await self._actor.run(control.start.seq)
        self._stopped = False
        self._note(steps, values, on=True, by=by)

    async def stop_all(self, control: Control, values: Mapping[str, Value]) -> None:
        """Hold current back by everything that there is besides the limit."""
        self._done = None
        complete = True
        if control.enable is not None:
            complete = await self._tried(control.enable.off)
        if control.stop is not None:
            complete = await self._tried(control.stop.seq) and complete
            self._stopped = True
        if complete:
            self._note(control.enable.off if control.enable else (), values, on=False, by=means(control, values))

    async def _stop(self, steps: Iterable[Step], *, may_refuse: bool) -> None:
        try:
            await self._actor.run(steps, Rank.WATCHDOG)
        except Refused:
            if not may_refuse:
                raise  # else there may have been nothing to stop

    async def _tried(self, steps: Iterable[Step]) -> bool:
        try:
            await self._actor.run(steps, Rank.WATCHDOG)
        except Refused as error:
            logger.debug("%s: holding back: %s", self._actor.wire.address, error)
        except GatewayError as error:
            logger.debug("%s: holding back: %s", self._actor.wire.address, error)
            return False
        return True

    def _note(self, steps: Iterable[Step], values: Mapping[str, Value], *, on: bool, by: Means) -> None:
        self._echoed.clear()
        self._done = _Done(on=on, by=by, echo=_echo(steps, values), at=_time())


def _echo(steps: Iterable[Step], values: Mapping[str, Value]) -> dict[str, Scalar]:
    """The points that steps without a condition write, and the last value of each."""
    found: dict[str, Scalar] = {}
    for step in steps:
        value = step.value.evaluate(values) if step.point and step.value is not None and step.when is None else None
        if value is not None and not isinstance(value, tuple):
            found[step.point] = value
    return found


def _time() -> float:
    return asyncio.get_running_loop().time()
