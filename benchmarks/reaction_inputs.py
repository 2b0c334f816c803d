"""Added inputs on Modbus TCP for ``benchmarks.reaction``: fire contacts, a thermometer, and many that only make work."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

POLL = 0.05
"""Seconds between two readings of what something depends on."""

FIRE = (0, 2, 3, 4, 5, 6)
"""The fire contacts, used in turn: one that comes five times in a minute stays until it was at rest for that long."""

CHATTER = 0.01
"""Seconds between the changes of the other contact."""

BACKGROUND = 10
"""Values that each station has besides, every one another with each reading, once a second."""

COLD, WARM = 25.0, 70.0
"""Degrees Celsius: at the lower one all the current, at the higher one half of it."""

_DISCRETE, _INPUT, _REFUSED = 2, 4, 0x80
"""Function codes of reads, and the mark of a refusal."""

_HEAD = """
schema = 1
kind = "modbus"
[meta]
id = "{name}"
vendor = "Bench"
models = ["{name}"]
role = "sensor"
completeness = 1
sources = ["this benchmark"]
[link]
transports = ["tcp"]
port = 502
poll = {{ fast = {fast}, medium = 1.0 }}
[points]
"""


class Module:
    """An I/O module that has discrete inputs, and registers of a tenth of a degree."""

    def __init__(self) -> None:
        self.inputs = [0] * 8
        self.celsius = COLD
        self._reads = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer reads; refuse everything else."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                number, _, _, unit, code, at, count = struct.unpack(">HHHBBHH", await reader.readexactly(12))
                data = self._read(code, at, count)
                if data is None:
                    answer = struct.pack(">BBB", unit, code | _REFUSED, 1)
                else:
                    answer = struct.pack(">BBB", unit, code, len(data)) + data
                writer.write(struct.pack(">HHH", number, 0, len(answer)) + answer)
                await writer.drain()
        writer.close()

    def _read(self, code: int, at: int, count: int) -> bytes | None:
        if code == _DISCRETE:
            return bytes([sum(bit << place for place, bit in enumerate(self.inputs[at : at + count]))])
        if code != _INPUT:
            return None
        self._reads += 1
        rows = [
            round(self.celsius * 10) if not row else 200 + 13 * (self._reads + row) % 100
            for row in range(at, at + count)
        ]
        return struct.pack(f">{count}H", *rows)

    async def chatter(self) -> None:
        """Have the second contact change all the time."""
        while True:
            self.inputs[1] ^= 1
            await asyncio.sleep(CHATTER)


def write_families(folder: Path) -> None:
    """Write the family files of the module."""
    folder.mkdir()
    rest = "".join(
        f't{row} = {{ at = {row}, table = "input", scale = 0.1, poll = "medium" }}\n' for row in range(1, 11)
    )
    for name, points in (
        ("inputs", 'inputs = { at = 0, n = 8, table = "discrete", poll = "fast" }\n'),
        ("rail", 'celsius = { at = 0, table = "input", scale = 0.1, poll = "fast" }\n'),
        ("background", rest),
    ):
        text = _HEAD.format(name=name, fast=POLL) + points
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def sensors(port: int, stations: Sequence[str]) -> Iterator[str]:
    """The sensors of the site file."""
    connection = f'kind = "modbus"\nconnection = {{ tcp = "127.0.0.1:{port}" }}\n'
    for row in FIRE:
        yield (
            f'[[sensor]]\nname = "fire {row}"\nfamily = "inputs"\n{connection}component = "OutOfServiceInput"\n'
            f'instance = "{row}"\npoint = "inputs.{row + 1}"\nactive = 1.0\n'
            'react = { do = "block", when = "Active == true" }\n'
        )
    yield (
        f'[[sensor]]\nname = "door"\nfamily = "inputs"\n{connection}component = "AccessSensor"\n'
        'point = "inputs.2"\nactive = 1.0\nalert = { when = "Active == true", severity = 4 }\n'
    )
    yield (
        f'[[sensor]]\nname = "rail"\nfamily = "rail"\n{connection}component = "InternalTemperatureSensor"\n'
        f'point = "celsius"\nreact = {{ do = "derate", curve = [[{COLD + 20}, 1.0], [{WARM}, 0.5]] }}\n'
    )
    for station in stations:
        yield f'[[sensor]]\nname = "more {station}"\nfamily = "background"\nstation = "{station}"\n{connection}'
        for row in range(1, BACKGROUND + 1):
            yield (
                f'[[sensor.value]]\ncomponent = "InternalTemperatureSensor"\ninstance = "{row}"\npoint = "t{row}"\n'
                "change = 0.0\n"
            )
