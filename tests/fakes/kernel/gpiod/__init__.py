"""Stand-in for the library gpiod 2, where the kernel has no GPIO: a chip is a folder, and a line has files in it.

``<line>`` holds the level of an input (1: high), ``<line>.edges`` is a pipe of its edges, ``<line>.out`` the levels that an
output had. Only what the box uses is there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from .line import Bias, Clock, Direction, Edge, Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from typing import Self


@dataclass(frozen=True, kw_only=True)
class LineSettings:
    """How a line is asked for."""

    direction: Direction
    edge_detection: Edge
    bias: Bias
    active_low: bool
    debounce_period: timedelta
    event_clock: Clock


@dataclass(frozen=True, kw_only=True)
class EdgeEvent:
    """An edge, as seen from the line's active level."""

    class Type(Enum):
        """Its direction."""

        RISING_EDGE = 1
        FALLING_EDGE = 2

    event_type: Type
    line_seqno: int


@dataclass(kw_only=True)
class LineRequest:
    """A line that is held."""

    chip: Path
    settings: LineSettings
    fd: int
    _number: int = field(default=0, init=False)

    def get_value(self, offset: int) -> Value:
        """Active or not."""
        output = self.settings.direction is Direction.OUTPUT
        high = (self.chip / (f"{offset}.out" if output else str(offset))).read_text("ascii").strip()[-1:] == "1"
        return Value.ACTIVE if high is not self.settings.active_low else Value.INACTIVE

    def set_value(self, offset: int, value: Value) -> None:
        """Drive an output."""
        del offset
        high = (value is Value.ACTIVE) is not self.settings.active_low
        os.write(self.fd, b"1" if high else b"0")

    def read_edge_events(self) -> list[EdgeEvent]:
        """What has come since the last time."""
        return [self._event(level == ord("1")) for level in os.read(self.fd, 4096)]

    def _event(self, high: bool) -> EdgeEvent:  # noqa: FBT001 - a level
        self._number += 1
        rising = high is not self.settings.active_low
        kind = EdgeEvent.Type.RISING_EDGE if rising else EdgeEvent.Type.FALLING_EDGE
        return EdgeEvent(event_type=kind, line_seqno=self._number)

    def release(self) -> None:
        """Give the line back."""
        os.close(self.fd)


class Chip:
    """A folder with the files of its lines."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        if not self._path.is_dir():
            raise FileNotFoundError(2, "No such file or directory", path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def line_offset_from_id(self, line: int | str) -> int:
        """Its number."""
        return int(line)

    def request_lines(self, config: Mapping[int, LineSettings], consumer: str) -> LineRequest:
        """Hold a line."""
        del consumer
        ((offset, settings),) = config.items()
        if settings.direction is Direction.OUTPUT:
            output = os.open(self._path / f"{offset}.out", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            held = LineRequest(chip=self._path, settings=settings, fd=output)
            held.set_value(offset, Value.INACTIVE)
            return held
        fd = os.open(self._path / f"{offset}.edges", os.O_RDWR | os.O_NONBLOCK)
        try:
            while os.read(fd, 4096):
                pass  # what has come before nobody was there to see
        except BlockingIOError:
            pass
        return LineRequest(chip=self._path, settings=settings, fd=fd)
