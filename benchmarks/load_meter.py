"""The meter of a building for ``benchmarks.load``: other loads that step, and what the stations draw."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FAMILY = "building"
POLL = 1.0
"""Seconds between two readings."""

_READ_INPUT, _REFUSED = 4, 0x80
_TEXT = f"""
schema = 1
kind = "modbus"
[meta]
id = "{FAMILY}"
vendor = "Bench"
models = ["{FAMILY}"]
role = "meter"
completeness = 1
sources = ["this benchmark"]
[link]
transports = ["tcp"]
port = 502
poll = {{ fast = {POLL} }}
[points]
current = {{ at = 0, n = 3, table = "input", type = "f32", unit = "A" }}
"""


def write_family(folder: Path) -> None:
    """Write the family file beside the site."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{FAMILY}.toml").write_text(_TEXT, encoding="utf-8")


class Meter:
    """A meter with three currents on Modbus TCP.

    Attributes:
        base: A per phase of other loads.
        asked: How often it was read.
        answers: Whether it answers; else it is silent.
    """

    def __init__(self, drawn: Callable[[], float]) -> None:
        """Take what the stations draw, A per phase."""
        self.base = 0.0
        self.answers = True
        self.asked = 0
        self._drawn = drawn

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer reads; refuse everything else."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                number, _, _, unit, code, at, count = struct.unpack(">HHHBBHH", await reader.readexactly(12))
                if not self.answers:
                    continue
                answer = struct.pack(">BBB", unit, code | _REFUSED, 1)
                if code == _READ_INPUT:
                    self.asked += 1
                    row = struct.pack(">fff", *[self.base + self._drawn()] * 3)
                    data = row[2 * at : 2 * (at + count)]
                    answer = struct.pack(">BBB", unit, code, len(data)) + data
                writer.write(struct.pack(">HHH", number, 0, len(answer)) + answer)
                await writer.drain()
        writer.close()
