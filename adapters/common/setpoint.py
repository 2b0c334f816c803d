"""Brings an EVSE to what is wanted: released or held, and at which limit; each step is read back where it can be."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from adapters.common.switch import Means, Switch, means
from adapters.common.wanted import Wanted
from adapters.common.wire import Rank, Refused
from gateway.family.limit import PAUSE, Ceilings, Gate, Worn, decide, setpoint, shown_by
from gateway.model.errors import GatewayError
from gateway.model.installation import NOMINAL_VOLTAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from adapters.common.actor import Actor, Look
    from adapters.common.wear import Wear
    from gateway.family.control import Control, LimitControl
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

logger = logging.getLogger(__name__)

_LOOK = 0.2
"""Seconds between two looks at a value that is to be read back."""


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
        self._switch = Switch(actor)
        self._closed = False
        self._complained = False
        self._distrusted = ""
        self._lock = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._changed = asyncio.Event()

    def forget(self) -> None:
        """The station has been away, or is another: nothing of what was written holds any more."""
        self._gate = self._gate.anew()
        self._switch.forget()

    def pardon(self) -> None:
        """Somebody has looked after the station: what it was given up for is tried again at once."""
        self._gate = Gate()
        self._switch.forget()

    @property
    def written(self) -> float | None:
        """The limit that the station has, in the family's unit; None: not known."""
        return None if self._gate.waiting else self._gate.held

    @property
    def written_at(self) -> float | None:
        """When a limit was last written (s of the loop's clock)."""
        return self._gate.written_at

    @property
    def held(self) -> bool:
        """True where the EVSE was brought to hold current back."""
        return self._switch.held

    def change(self) -> None:
        """Something is wanted differently: a running read-back looks at it at once."""
        self._changed.set()

    def due(self, family: AnyFamily, values: Mapping[str, Value]) -> bool:
        """Tell from values that were read anyway whether the EVSE is not where it is wanted."""
        if self._lock.locked() or self._closed:
            return False
        if self._distrusted:
            return True
        control, now = family.control, _time()
        self._switch.watch(family, values, now, failed=self.failed)
        flow = self._flow(control, values)
        if not self._switch.settled(control, values, on=flow):
            return True
        if self.failed:
            return self._gate.retry_at <= now
        spec = control.limit
        if spec is None:
            return False
        want = self._want(control, values, flow=flow)
        return not decide(self._gate, spec, want, _seen(spec, values), now, worn=self._worn(spec))[1].settled

    async def apply(self, family: AnyFamily) -> None:
        """Bring the EVSE to what is wanted; returns when it is there, or cannot be brought there now.

        Raises:
            Unreachable: the station does not answer.
            GatewayError: a step of the family's file cannot be done.
        """
        async with self._lock:
            if self._closed:
                return
            self._changed.clear()
            try:
                if self._distrusted:
                    why, self._distrusted = self._distrusted, ""
                    await self._fail(family.control, why)
                await self._apply(family)
            except Refused as error:
                await self._fail(family.control, str(error))

    def distrust(self, why: str) -> None:
        """The station does not do what it says, as is seen from outside: the next ``apply`` pauses it."""
        self._distrusted = why

    async def _apply(self, family: AnyFamily) -> None:
        """Less comes before more: what holds is done before a limit is written, what releases after it was read back."""
        control, released = family.control, self.wanted.released
        conditions = control.enable.when.names if control.enable and control.enable.when else ()
        values = await self._look(*conditions, rank=Rank.POLL if released else Rank.WATCHDOG)
        if self.failed and control.limit is None and self._gate.retry_at <= _time():
            self.failed = False
        flow = self._flow(control, values)
        if not flow:
            await self._switch.hold(control, values)
        settled = control.limit is None or await self._limit(control, flow=flow)
        if flow and settled and not self.failed and released is self.wanted.released:
            await self._switch.release(control, values)
            self._gate = self._gate if control.limit is not None else Gate()
        if settled and not self.failed and self._complained:
            logger.warning("%s: limit confirmed again", self._actor.wire.address)
            self._complained = False

    async def _limit(self, control: Control, *, flow: bool) -> bool:
        """Bring the limit to where it is wanted; True where the station has shown it."""
        spec, before = control.limit, self.wanted.released
        while spec is not None and self.wanted.released is before and not self._closed:
            values = await self._look()
            want = self._want(control, values, flow=flow)
            if self._gate.held is None or want >= self._gate.held:  # less does not wait for a read
                values = await self._look(*((spec.verify.point,) if spec.verify else ()))
                want = self._want(control, values, flow=flow)
            self._gate, decision = decide(self._gate, spec, want, _seen(spec, values), _time(), worn=self._worn(spec))
            if decision.fail:
                await self._fail(control, decision.why)
                return False
            if decision.write is not None:
                await self._write(spec, decision.write)
            elif decision.why == "wait":
                await self._pause_between_looks()
            elif decision.why == "read-back":
                return False  # given up a while ago; tried again later
            else:
                self.failed = False
                return True
        return False

    # --- what is wanted -----------------------------------------------------------------------------------------------

    def _flow(self, control: Control, values: Mapping[str, Value]) -> bool:
        if not self.wanted.released or self.failed:
            return False
        return control.limit is None or self._target(control.limit, values) > PAUSE

    def _want(self, control: Control, values: Mapping[str, Value], *, flow: bool) -> float:
        """The limit to bring the station to. Held by other means, it only has to be one that the station takes."""
        spec = control.limit
        if spec is None:
            return PAUSE
        by = means(control, values)
        if by is Means.LIMIT and not flow:
            return PAUSE
        lowest = spec.min if self._gate.written is None else min(spec.min, self._gate.written)
        if by is Means.NONE and not flow:
            return lowest
        return self._target(spec, values) or lowest

    def _target(self, spec: LimitControl, values: Mapping[str, Value]) -> float:
        ceilings, phases = self._ceilings(values)
        return setpoint(spec, self.wanted.amps, ceilings, phases=phases, values=values)

    def _worn(self, spec: LimitControl) -> Worn:
        return self._wear.worn(spec.daily_cap, self._now())

    # --- writing ------------------------------------------------------------------------------------------------------

    async def _write(self, spec: LimitControl, value: float) -> None:
        before = self._gate
        less = before.written is not None and value < before.written
        async with self._writing:
            self._gate = before.unsure()
            await self._tell(spec, value, Rank.WATCHDOG if less else Rank.ORDER)
            self._gate = before.wrote(value, _time(), verified=shown_by(spec, value))
        if spec.persist:
            await self._wear.count(self._now())
        if spec.settle_s:
            await asyncio.sleep(spec.settle_s)

    async def _tell(self, spec: LimitControl, value: float, rank: Rank) -> None:
        if value == PAUSE and not isinstance(spec.pause, str):
            await self._actor.run(spec.pause, rank)
            return
        _, phases = self._ceilings({})
        amps = value if spec.unit == "A" else value / (NOMINAL_VOLTAGE * phases)
        await self._actor.run(spec.write, rank, value=value, amps=amps, phases=phases)

    async def _pause_between_looks(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK):
                await self._changed.wait()
        self._changed.clear()

    async def _fail(self, control: Control, why: str) -> None:
        """Pause by every means that there are: what the station does with a limit is not known."""
        if not self._complained:
            logger.error("%s: limit not confirmed (%s); paused", self._actor.wire.address, why)
        self.failed = self._complained = True
        self._gate = self._gate.gave_up(_time())
        await self._switch.stop_all(control, await self._look())
        spec = control.limit
        if spec is None or spec.pause == "disable" or self._worn(spec) is Worn.OUT:
            return
        try:
            async with self._writing:
                await self._tell(spec, PAUSE, Rank.WATCHDOG)
        except Refused as error:
            logger.debug("%s: pausing: %s", self._actor.wire.address, error)
        except GatewayError:
            self._switch.forget()  # once more with the next poll
            raise
        if spec.persist:
            await self._wear.count(self._now())

    async def repeat(self, family: AnyFamily) -> None:
        """Write the limit that the station has once more, because its watchdog wants to hear it.

        Raises:
            Unreachable: the station does not answer.
            Refused: it does not take it.
        """
        spec = family.control.limit
        async with self._writing:
            value = PAUSE if self.failed and spec is not None and spec.pause != "disable" else self._gate.held
            if spec is None or self._closed:
                return
            if value is None and self.failed:
                value = spec.min  # held by other means: the lowest that the station takes
            if value is not None:
                await self._tell(spec, value, Rank.WATCHDOG)

    async def safe(self, family: AnyFamily, fallback: float | None, *, within: float) -> None:
        """Leave the station as it is to be while nobody leads it: the family's own steps, or a limit that is lower."""
        self._closed = True
        self.change()
        try:
            async with asyncio.timeout(within), self._lock:
                if family.safe is not None:
                    await self._actor.run(family.safe.seq)
                await self._fall_back(family.control, fallback)
        except (TimeoutError, GatewayError) as error:
            logger.warning("%s: not brought to its safe state: %s", self._actor.wire.address, error)

    async def _fall_back(self, control: Control, fallback: float | None) -> None:
        spec, have = control.limit, self._gate.held
        if spec is None or fallback is None or have == PAUSE or self.failed:
            return
        values = await self._look()
        ceilings, phases = self._ceilings(values)
        value = setpoint(spec, fallback, ceilings, phases=phases, values=values)
        if value == PAUSE:
            await self._switch.hold(control, values)
        if (have is None or value < have) and (value > PAUSE or means(control, values) is Means.LIMIT):
            await self._write(spec, value)


def _seen(spec: LimitControl, values: Mapping[str, Value]) -> float | None:
    value = values.get(spec.verify.point) if spec.verify is not None else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _time() -> float:
    return asyncio.get_running_loop().time()
