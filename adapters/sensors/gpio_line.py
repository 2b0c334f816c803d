"""One line of a GPIO chip: what the site file says of it, and how it is asked for from the kernel.

The kernel's character device, version 2, by the library ``gpiod`` from 2.0 on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

import gpiod
from gpiod.line import Bias, Clock, Direction, Edge, Value
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.fields import Section
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

_BIAS = {"as-is": Bias.AS_IS, "disabled": Bias.DISABLED, "pull-up": Bias.PULL_UP, "pull-down": Bias.PULL_DOWN}
CONSUMER = "stationlift"


class GpioLine(Section):
    """``line = { ... }``."""

    chip: str = Field("/dev/gpiochip0", description="The chip's device.")
    offset: Annotated[int, Field(ge=0)] | None = Field(None, description="Number of the line on the chip.")
    name: str | None = Field(None, description="Name of the line, instead of the number: it survives a new kernel.")
    active: Literal["high", "low"] = Field("high", description='"low": the contact pulls the line to ground.')
    bias: Literal["as-is", "disabled", "pull-up", "pull-down"] = Field("as-is", description="The chip's own resistor.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.offset is None) is (self.name is None):
            raise PydanticCustomError("gpio-line", "not one of offset and name")
        return self

    @property
    def id(self) -> int | str:
        """Its number or name."""
        return self.name or 0 if self.offset is None else self.offset

    @property
    def label(self) -> str:
        """The line for people: ``/dev/gpiochip0 17``."""
        return f"{self.chip} {self.id}"


@dataclass(frozen=True, slots=True)
class Change:
    """An edge: what the line is since then, and how many edges there were before on this line."""

    active: bool
    number: int


class LineRequest(Protocol):
    """A line that is held; what is asked for stays as it is until ``release``."""

    @property
    def fd(self) -> int:
        """Readable when there are changes to take."""

    def level(self) -> bool:
        """Whether the line is active now. Raises OSError when the chip is gone."""

    def changes(self) -> Sequence[Change]:
        """The changes since the last call; called only when ``fd`` is readable. Raises OSError as above."""

    def drive(self, *, active: bool) -> None:
        """Switch an output. Raises OSError as above."""

    def release(self) -> None:
        """Give the line back; an output is then what the hardware makes of it."""


class _Held:
    """A line that ``gpiod`` holds."""

    def __init__(self, request: gpiod.LineRequest, offset: int) -> None:
        self._request = request
        self._offset = offset

    @property
    def fd(self) -> int:
        return self._request.fd

    def level(self) -> bool:
        return self._request.get_value(self._offset) is Value.ACTIVE

    def changes(self) -> Sequence[Change]:
        rising = gpiod.EdgeEvent.Type.RISING_EDGE
        return [Change(each.event_type is rising, each.line_seqno) for each in self._request.read_edge_events()]

    def drive(self, *, active: bool) -> None:
        self._request.set_value(self._offset, Value.ACTIVE if active else Value.INACTIVE)

    def release(self) -> None:
        self._request.release()


def hold_line(line: GpioLine, *, output: bool, debounce: float) -> LineRequest:
    """Ask the kernel for a line; may block for a moment.

    Args:
        line: Which one.
        output: It is switched by the box; it begins inactive.
        debounce: Seconds that an input has to be quiet before an edge counts.

    Raises:
        GatewayError: ``gpio-refused``: no such chip or line, or somebody else holds it.
    """
    settings = gpiod.LineSettings(
        direction=Direction.OUTPUT if output else Direction.INPUT,
        edge_detection=Edge.NONE if output else Edge.BOTH,
        bias=_BIAS[line.bias],
        active_low=line.active == "low",
        debounce_period=timedelta(0) if output else timedelta(seconds=debounce),
        event_clock=Clock.MONOTONIC,
    )
    try:
        with gpiod.Chip(line.chip) as chip:
            offset = chip.line_offset_from_id(line.id)
            return _Held(chip.request_lines({offset: settings}, consumer=CONSUMER), offset)
    except (OSError, ValueError) as error:
        raise GatewayError("gpio-refused", line=line.label, reason=str(error)) from error
