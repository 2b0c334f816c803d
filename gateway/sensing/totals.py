"""Totals of what sensors count, such as a meter's S0 pulses: they outlive the box, whatever ends it.

A driver counts from 0 at each start. The total is in a file that is mapped into memory: writing costs no system call and
the disk is written by the kernel, some seconds later. What kills the process loses nothing, a power cut those seconds.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gateway.contracts.sensing import Panel
    from gateway.model.sensing import Value

FOLDER = "totals"

_BODY = struct.Struct("<Qd")
_SLOT = struct.Struct("<QdI")
"""Number of the writing, total, checksum of both."""

_PLACES = (0, 512)
"""Of the two slots, which are written in turn: a disk writes a sector of 512 bytes as a whole or not at all."""


class Total:
    """One total on the disk."""

    def __init__(self, path: Path) -> None:
        """Open it, or begin at 0; blocks.

        Raises:
            OSError: the file cannot be had.
        """
        path.touch(mode=0o600)
        with path.open("r+b") as file:
            file.truncate(2 * _PLACES[1])
            self._map = mmap.mmap(file.fileno(), 2 * _PLACES[1])
        found = [slot for place in _PLACES if (slot := self._slot(place)) is not None]
        self._number, self._total = max(found, default=(0, 0.0))
        self._last = 0.0

    def counted(self, count: float) -> float:
        """Take the driver's count, which begins anew now and then; the total."""
        more = count - self._last if count >= self._last else count
        self._last = count
        if more:
            self._number += 1
            self._total += more
            body = _BODY.pack(self._number, self._total)
            _SLOT.pack_into(self._map, _PLACES[self._number % 2], self._number, self._total, zlib.crc32(body))
        return self._total

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()

    def _slot(self, place: int) -> tuple[int, float] | None:
        number, total, checksum = _SLOT.unpack_from(self._map, place)
        return (number, total) if number and checksum == zlib.crc32(_BODY.pack(number, total)) else None


class Totals:
    """The totals of a box."""

    def __init__(self, folder: Path, counted: Iterable[tuple[str, str]]) -> None:
        """Open them; blocks.

        Args:
            folder: Where they are kept.
            counted: Sensor and point of each.

        Raises:
            GatewayError: ``storage-failed``.
        """
        self._of: dict[tuple[str, str], Total] = {}
        try:
            for sensor, point in counted:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._of[sensor, point] = Total(folder / f"{quote(sensor, safe='')}-{quote(point, safe='')}")
        except OSError as error:
            raise GatewayError("storage-failed", reason=str(error)) from error

    def on(self, panel: Panel) -> Panel:
        """A panel that is told totals in place of counts."""
        return _Counting(panel, self._of) if self._of else panel

    def close(self) -> None:
        """Let go of the files."""
        for total in self._of.values():
            total.close()


class _Counting:
    """``Panel`` between drivers and the desk."""

    def __init__(self, panel: Panel, totals: Mapping[tuple[str, str], Total]) -> None:
        self._panel = panel
        self._totals = totals

    @property
    def read_only(self) -> bool:
        return self._panel.read_only

    def told(self, sensor: str, values: Mapping[str, Value]) -> None:
        told = dict(values)
        for point, value in values.items():
            total = self._totals.get((sensor, point))
            if total is not None and isinstance(value, float | int):
                told[point] = total.counted(float(value))
        self._panel.told(sensor, told)

    def lost(self, sensor: str, error: GatewayError) -> None:
        self._panel.lost(sensor, error)
