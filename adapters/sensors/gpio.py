"""Contacts, pulses and relays on the box's own GPIO lines."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field
from typing_extensions import override

from adapters.sensors.gpio_line import GpioLine, hold_line
from gateway.config.fields import Section
from gateway.contracts.sensing import SensorKind, SensorPoint
from gateway.model.commands import ACCEPTED, Outcome, Verdict
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.sensors.gpio_line import LineRequest
    from gateway.contracts.sensing import Panel, SensorSettings

logger = logging.getLogger(__name__)

RETRY = 5.0
"""Seconds until a line is asked for again."""


class GpioKeys(Section):
    """``kind = "gpio"``."""

    line: GpioLine = Field(description="The pin: chip, and offset or name.")
    use: Literal["contact", "pulses", "relay"] = Field(
        "contact", description="A contact that is open or closed, a meter's S0 pulses, or an output."
    )
    debounce: Annotated[float, Field(ge=0, le=1)] = Field(0.005, description="Seconds that an edge has to last.")


class Gpio(SensorKind):
    """Waits for edges: nothing is polled, and a contact is known within a millisecond.

    A contact gives ``value``; pulses give ``pulses``, the number since the start (the box keeps the total); a relay gives ``value`` as it is driven.
    """

    name: ClassVar[str] = "gpio"
    Keys = GpioKeys

    def __init__(self, sensors: Sequence[SensorSettings], hold: Callable[..., LineRequest] = hold_line) -> None:
        self._hold = hold
        self._lines = {each.name: _Line(each.name, _keys(each), hold) for each in sensors}

    @override
    @classmethod
    def points(cls, options: GpioKeys) -> tuple[SensorPoint, ...]:
        if options.use == "pulses":
            return (SensorPoint(name="pulses", counts=True),)
        return (SensorPoint(name="value", output=options.use == "relay"),)

    @override
    async def run(self, panel: Panel) -> None:
        async with asyncio.TaskGroup() as group:
            for line in self._lines.values():
                group.create_task(line.run(panel))

    @override
    async def switch(self, sensor: str, point: str, *, on: bool) -> Outcome:
        return self._lines[sensor].switch(on=on)


def _keys(settings: SensorSettings) -> GpioKeys:
    if not isinstance(settings.options, GpioKeys):
        raise TypeError(settings.options)
    return settings.options


class _Line:
    """One line, held as long as the box runs."""

    def __init__(self, name: str, keys: GpioKeys, hold: Callable[..., LineRequest]) -> None:
        self._name = name
        self._keys = keys
        self._hold = hold
        self._held: LineRequest | None = None
        self._panel: Panel | None = None
        self._pulses = 0
        self._number: int | None = None

    async def run(self, panel: Panel) -> None:
        """Hold the line, and tell of it; a chip that goes (on USB, say) is waited for."""
        self._panel, lost = panel, False
        output = self._keys.use == "relay"
        while True:
            try:
                held = await asyncio.to_thread(self._hold, self._keys.line, output=output, debounce=self._keys.debounce)
                lost = self._say(lost, None)
                try:
                    await self._follow(held)
                finally:
                    self._held = None
                    held.release()
            except GatewayError as error:
                lost = self._say(lost, error)
                panel.lost(self._name, error)
            await asyncio.sleep(RETRY)

    def _say(self, lost: bool, error: GatewayError | None) -> bool:  # noqa: FBT001 - a state, not a switch
        if error is not None and not lost:
            logger.warning("sensor %s: %s", self._name, error)
        elif error is None and lost:
            logger.warning("sensor %s: back", self._name)
        return error is not None

    async def _follow(self, held: LineRequest) -> None:
        """Take changes as they come, until the chip is gone."""
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._held, self._number = held, None
        try:
            self._tell(active=held.level())
        except OSError as error:
            raise GatewayError("gpio-gone", line=self._keys.line.label, reason=str(error)) from error

        def take() -> None:
            try:
                for change in held.changes():
                    self._take(active=change.active, number=change.number)
            except OSError as error:
                loop.remove_reader(fd)
                gone.set_exception(GatewayError("gpio-gone", line=self._keys.line.label, reason=str(error)))

        if self._keys.use == "relay":
            await gone  # an output tells nothing by itself
            return
        loop, fd = asyncio.get_running_loop(), held.fd
        loop.add_reader(fd, take)
        try:
            await gone
        finally:
            loop.remove_reader(fd)

    def _take(self, *, active: bool, number: int) -> None:
        """A change. Edges that the kernel has dropped are in its count, so that no pulse is lost: they alternate."""
        missed = 0 if self._number is None else max(0, number - self._number - 1)
        self._number = number
        self._pulses += active + (missed + (not active)) // 2
        self._tell(active=active)

    def _tell(self, *, active: bool) -> None:
        if self._panel is not None:
            pulses = self._keys.use == "pulses"
            self._panel.told(self._name, {"pulses": float(self._pulses)} if pulses else {"value": active})

    def switch(self, *, on: bool) -> Outcome:
        """Drive an output."""
        if self._keys.use != "relay" or self._panel is None or self._panel.read_only:
            return Outcome(verdict=Verdict.UNSUPPORTED, reason=f"{self._name} is not switched")
        if self._held is None:
            return Outcome(verdict=Verdict.UNREACHABLE, reason=f"{self._name}: the line is not held")
        try:
            self._held.drive(active=on)
        except OSError as error:
            return Outcome(verdict=Verdict.FAULTED, reason=str(error))
        self._tell(active=on)
        return ACCEPTED
