"""The stations of ``benchmarks.modbus_poll``, in a process of their own.

``tcp``: pymodbus' server, once for each station. ``line``: a pseudo-terminal with stations by unit id, whose answers
come when a real line of that speed would have carried request and answer.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import pty
import signal
import struct
import time
import tty

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from gateway.family.checksums import crc16_modbus

REGISTERS = 20
TURNAROUND = 0.005
"""Seconds that a station takes to think, with the silence that the protocol wants before an answer."""

REQUEST, ANSWER = 8, 5 + 2 * REGISTERS
"""Bytes of an RTU read and of its answer."""


def values() -> list[int]:
    """The registers of a station."""
    return [7, 0, 160, 158, 161, 2301, 2297, 2310, 0, 10960, 3680, 3629, 3719, 0, 51530, 0, 7210, 160, 315, 160]


async def serve_tcp(stations: int) -> None:
    """Listen on as many ports; print them."""
    servers = []
    for _ in range(stations):
        device = SimDevice(id=1, simdata=[SimData(0, values=values(), datatype=DataType.REGISTERS)])
        server = ModbusTcpServer(device, address=("127.0.0.1", 0))
        await server.serve_forever(background=True)
        servers.append(server)
    # pymodbus does not tell which port it was given.
    ports = [server.transport.sockets[0].getsockname()[1] for server in servers]  # type: ignore[attr-defined] # a Server
    print(*ports, flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    for server in servers:
        server.close()


def serve_line(baud: int) -> None:
    """Answer reads on a pseudo-terminal at the pace of a line with 11 bits in a character; print its name."""
    far, near = pty.openpty()
    tty.setraw(near)
    print(os.ttyname(near), flush=True)
    on_wire = (REQUEST + ANSWER) * 11 / baud + TURNAROUND
    data = struct.pack(f">{REGISTERS}H", *values())
    buffer = b""
    while True:
        buffer += os.read(far, 256)
        if len(buffer) < REQUEST:
            continue
        due = time.perf_counter() + on_wire
        unit, function, buffer = buffer[0], buffer[1], buffer[REQUEST:]
        frame = bytes((unit, function, len(data))) + data
        frame += crc16_modbus(frame).to_bytes(2, "little")
        time.sleep(max(0.0, due - time.perf_counter()))
        os.write(far, frame)


def main() -> None:
    """Run one of both."""
    parser = argparse.ArgumentParser(description="Stations that speak Modbus.")
    parser.add_argument("kind", choices=("tcp", "line"))
    parser.add_argument("--stations", type=int, default=1)
    parser.add_argument("--baud", type=int, default=19200)
    args = parser.parse_args()
    if args.kind == "tcp":
        asyncio.run(serve_tcp(args.stations))
    else:
        serve_line(args.baud)


if __name__ == "__main__":
    main()
