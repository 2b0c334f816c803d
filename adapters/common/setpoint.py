"""Brings an EVSE to what is wanted: released or held, and at which limit; each step is read back where it can be."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from adapters.common.wire import Rank, Refused
from gateway.family.limit import PAUSE, Ceilings, Gate, decide, setpoint
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from adapters.common.actor import Actor, Look
    from adapters.common.wear import Wear
    from gateway.family.control import Control, LimitControl, Step, SwitchControl
    from gateway.family.expression import Expression
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

logger = logging.getLogger(__name__)

VOLTAGE = 230.0
"""Nominal voltage between a phase and neutral, V (EN 60038)."""

_LOOK = 0.2
"""Seconds between two looks at a value that is to be read back."""


class Wanted:
    """What an EVSE is to do: the lowest limit that anybody holds, and whether current may flow.

    ``limits`` are in A per phase, by who holds them.
    """

    def __init__(self) -> None:
        self.released = False
        self.limits: dict[str, float] = {}

    def hold(self, holder: str, current: float | None) -> None:
        """Hold a limit, or (None) no more."""
        if current is None:
            self.limits.pop(holder, None)
        else:
            self.limits[holder] = current

    @property
    def amps(self) -> float:
        """The lowest limit; without any, as much as the ceilings let through."""
        return min(self.limits.values(), default=float("inf"))


class Setpoint:
    """Holds one EVSE at what is wanted.

    Attributes:
        wanted: What it is to do.
        failed: The limit could not be confirmed: the EVSE is paused, and somebody has to look.
    """

    def __init__(
        self,
        actor: Actor,
        look: Look,
        ceilings: Callable[[Mapping[str, Value]], tuple[Ceilings, int]],
        *,
        wear: Wear,
        now: Callable[[], datetime],
    ) -> None:
        self.wanted = Wanted()
        self.failed = False
        self._actor = actor
        self._look = look
        self._ceilings = ceilings
        self._wear = wear
        self._now = now
        self._gate = Gate()
        self._enabled: bool | None = None
        self._lock = asyncio.Lock()
        self._changed = asyncio.Event()

    def forget(self) -> None:
        """The station has been away, or is another: nothing of what was written holds any more."""
        self._gate = Gate()
        self._enabled = None

    @property
    def written(self) -> float | None:
        """The limit that the station has, in the family's unit; None: not known."""
        return None if self._gate.waiting else self._gate.held

    def change(self) -> None:
        """Something is wanted differently: a running read-back looks at it at once."""
        self._changed.set()

    def due(self, family: AnyFamily, values: Mapping[str, Value]) -> bool:
        """Tell from values that were read anyway whether the EVSE is not where it is wanted."""
        if self._lock.locked():
            return False
        spec = family.control.limit
        flow = self.wanted.released and not self.failed and (spec is None or self._target(spec, values) > PAUSE)
        if flow is not self._enabled:
            return True
        if spec is None or not flow:
            return self.failed
        seen = values.get(spec.verify.point) if spec.verify else None
        number = float(seen) if isinstance(seen, int | float) else None
        worn = self._wear.worn(spec.daily_cap, self._now())
        return not decide(self._gate, spec, self._target(spec, values), number, self._now(), worn=worn)[1].settled

    async def apply(self, family: AnyFamily) -> None:
        """Bring the EVSE to what is wanted; returns when it is there, or cannot be brought there now.

        Raises:
            Unreachable: the station does not answer.
            GatewayError: a step of the family's file cannot be done.
        """
        async with self._lock:
            self._changed.clear()
            try:
                await self._apply(family)
            except Refused as error:
                logger.error("%s: %s; paused", self._actor.wire.address, error)  # noqa: TRY400 expected failure
                await self._fail(family.control)

    async def _apply(self, family: AnyFamily) -> None:
        """Less comes before more: what holds is done before a limit is written, what releases after it was read back."""
        control, released = family.control, self.wanted.released
        values = await self._look(*(control.enable.when.names if control.enable and control.enable.when else ()))
        switch = control.enable if control.enable and _obeys(control.enable.when, values) else None
        flow = released and not self.failed and (control.limit is None or self._target(control.limit, values) > PAUSE)
        if not flow:
            await self._hold(control, switch)
        held_by_limit = switch is None and control.limit is not None and control.limit.pause != "disable"
        settled = control.limit is None or await self._limit(control, released=flow or not held_by_limit)
        if flow and settled and not self.failed and released is self.wanted.released:
            await self._release(control, switch)

    async def _limit(self, control: Control, *, released: bool) -> bool:
        """Bring the limit to where it is wanted; True where the station has shown it."""
        spec, before = control.limit, self.wanted.released
        while spec is not None and self.wanted.released is before:
            values = await self._look(*((spec.verify.point,) if spec.verify else ()))
            # Held by other means, the limit only has to be one that the station takes.
            want = (self._target(spec, values) or self._lowest(spec)) if released else PAUSE
            seen = values.get(spec.verify.point) if spec.verify else None
            number = float(seen) if isinstance(seen, int | float) else None
            worn = self._wear.worn(spec.daily_cap, self._now())
            self._gate, decision = decide(self._gate, spec, want, number, self._now(), worn=worn)
            if decision.fail:
                if not self.failed:
                    logger.error("%s: limit not confirmed (%s); paused", self._actor.wire.address, decision.why)
                await self._fail(control)
                return False
            if decision.write is not None:
                await self._write(spec, decision.write)
            elif decision.why == "wait":
                await self._pause_between_looks()
            elif decision.why == "read-back":
                return False  # given up a while ago; tried again later
            else:
                if self.failed:
                    logger.warning("%s: limit confirmed again", self._actor.wire.address)
                    self.failed = False
                return True
        return False

    def _target(self, spec: LimitControl, values: Mapping[str, Value]) -> float:
        ceilings, phases = self._ceilings(values)
        return setpoint(spec, self.wanted.amps, ceilings, phases=phases, values=values)

    def _lowest(self, spec: LimitControl) -> float:
        return spec.min if self._gate.written is None else min(spec.min, self._gate.written)

    async def _write(self, spec: LimitControl, value: float) -> None:
        less = self._gate.written is not None and value < self._gate.written
        rank = Rank.WATCHDOG if less else Rank.ORDER
        if value == PAUSE and not isinstance(spec.pause, str):
            await self._actor.run(spec.pause, rank)
        else:
            _, phases = self._ceilings({})
            amps = value if spec.unit == "A" else value / (VOLTAGE * phases)
            await self._actor.run(spec.write, rank, value=value, amps=amps, phases=phases)
        now = self._now()
        self._gate = self._gate.wrote(value, now, verified=spec.verify is not None)
        if spec.persist:
            await self._wear.count(now)
        if spec.settle_s:
            await asyncio.sleep(spec.settle_s)

    async def _pause_between_looks(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK):
                await self._changed.wait()
        self._changed.clear()

    async def _hold(self, control: Control, switch: SwitchControl | None) -> None:
        if self._enabled is False:
            return
        if switch is not None:
            await self._actor.run(switch.off, Rank.WATCHDOG)
        elif control.limit is not None and not isinstance(control.limit.pause, str):
            await self._actor.run(control.limit.pause, Rank.WATCHDOG)
        elif control.limit is None and control.stop is not None and self._enabled:
            await self._actor.run(control.stop.seq)
        self._enabled = False

    async def _release(self, control: Control, switch: SwitchControl | None) -> None:
        if self._enabled:
            return
        if switch is not None:
            await self._actor.run(switch.on)
        elif control.limit is None and control.start is not None:
            await self._actor.run(control.start.seq)
        self._enabled = True

    async def _fail(self, control: Control) -> None:
        """Pause by every means that there are: what the station does with a limit is not known."""
        self.failed, self._enabled = True, False
        if control.enable is not None:
            await self._try(control.enable.off)
        if control.stop is not None:
            await self._try(control.stop.seq)
        if control.limit is not None and control.limit.pause == "zero":
            await self._try(control.limit.write, value=PAUSE, amps=PAUSE, phases=1)
        elif control.limit is not None and not isinstance(control.limit.pause, str):
            await self._try(control.limit.pause)

    async def _try(self, steps: Iterable[Step], **known: float) -> None:
        try:
            await self._actor.run(steps, Rank.WATCHDOG, **known)
        except GatewayError as error:
            logger.debug("%s: pausing: %s", self._actor.wire.address, error)

    async def repeat(self, family: AnyFamily) -> None:
        """Write the limit that the station has once more, because its watchdog wants to hear it.

        Raises:
            Unreachable: the station does not answer.
            Refused: it does not take it.
        """
        spec, written = family.control.limit, self._gate.held
        if spec is None or written is None or self.failed or self._lock.locked():
            return
        if written == PAUSE and not isinstance(spec.pause, str):
            await self._actor.run(spec.pause, Rank.WATCHDOG)
            return
        _, phases = self._ceilings({})
        amps = written if spec.unit == "A" else written / (VOLTAGE * phases)
        await self._actor.run(spec.write, Rank.WATCHDOG, value=written, amps=amps, phases=phases)

    async def safe(self, family: AnyFamily, fallback: float | None, *, within: float) -> None:
        """Leave the station as it is to be while nobody leads it: the family's own steps, or a limit that is lower."""
        try:
            async with asyncio.timeout(within), self._lock:
                if family.safe is not None:
                    await self._actor.run(family.safe.seq)
                limit = family.control.limit
                written = self._gate.held
                if limit is not None and fallback is not None and written is not None and written > PAUSE:
                    ceilings, phases = self._ceilings({})
                    value = min(written, setpoint(limit, fallback, ceilings, phases=phases))
                    if value < written:
                        await self._write(limit, value)
        except (TimeoutError, GatewayError) as error:
            logger.warning("%s: not brought to its safe state: %s", self._actor.wire.address, error)


def _obeys(when: Expression | None, values: Mapping[str, Value]) -> bool:
    return when is None or when.evaluate(values) is True
