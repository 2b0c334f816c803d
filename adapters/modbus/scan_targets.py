"""Which buses a scan opens, and which unit ids it asks on each. Pure, but for the opening itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

from adapters.common.serial_port import SerialSettings
from adapters.modbus.bus import Bus
from adapters.modbus.channels import character, open_line, open_tcp, silence
from adapters.modbus.connection import parse_peer
from adapters.modbus.framings import AsciiFraming, Framing, RtuFraming, TcpFraming
from adapters.modbus.route import Place
from gateway.config.fields import HostPort
from gateway.family.family import AsciiFamily, ModbusFamily

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from adapters.modbus.channels import Channel
    from adapters.modbus.recognise import WireFamily
    from gateway.contracts import ScanRequest

SERIAL_UNITS = tuple(range(1, 11))
TCP_UNITS = (1, 255, 2, 0)
TCP_PORT = 502
CONNECT_S = 1.0
"""Seconds for a connection: what is in the same building needs less."""

DEFAULTS = ((9600, "8N1"), (19200, "8N1"), (9600, "8E1"), (19200, "8E1"))
"""Settings that are tried where the known families have no others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One way of speaking on one bus.

    Attributes:
        bus: What it shares with its alternatives: the device, or the address. They are tried one after the other.
        connection: The ``connection`` of a device there, but for its unit id.
        how: For people, such as ``19200 8E1``.
        framing: Of the bus.
        place: Where it is.
        units: Unit ids to ask.
        families: Families that a device there may be of, the likeliest first.
        every: True if all unit ids are to be asked though one has been found.
    """

    bus: str
    connection: Mapping[str, str | int]
    how: str
    framing: Framing
    place: Place
    units: tuple[int, ...]
    families: tuple[WireFamily, ...]
    every: bool

    def open(self) -> Bus:
        """The bus; nothing is sent yet."""
        return Bus(self.place, self.framing)

    def where(self, unit: int | None = None) -> str:
        """For people."""
        parts = [self.bus, self.how, "" if unit is None else f"unit {unit}"]
        return ", ".join(part for part in parts if part)


def targets(request: ScanRequest, families: Sequence[WireFamily]) -> list[Target]:
    """Everything that a request asks for, the likeliest settings of each bus first."""
    found: list[Target] = []
    for device in request.serial:
        found += _serial(device, request, families)
    for address in request.tcp:
        found.append(_tcp(parse_peer(address), request, families))
    for address in request.rtu_tcp:
        found += _behind_tcp(parse_peer(address), request, families)
    return found


def _serial(device: str, request: ScanRequest, families: Sequence[WireFamily]) -> Iterable[Target]:
    on_line = _on_lines(families)
    for baud, form in _settings(request, on_line):
        fitting = sorted(on_line, key=lambda family: (family.link.baud, family.link.format) != (baud, form))
        yield _line(device, baud, form, RtuFraming(), fitting, request)
    for family in families:
        if isinstance(family, AsciiFamily) and _asked(request, family):
            link = family.link
            framing = AsciiFraming(link.tx_start, link.rx_start, link.end)
            yield _line(device, link.baud, link.format, framing, [family], request)


def _on_lines(families: Iterable[WireFamily]) -> list[ModbusFamily]:
    maps = [family for family in families if isinstance(family, ModbusFamily)]
    return [family for family in maps if {"rtu", "rtu-tcp"} & set(family.link.transports)]


def _asked(request: ScanRequest, family: AsciiFamily) -> bool:
    link = family.link
    return link.baud in (request.bauds or (link.baud,)) and link.format in (request.formats or (link.format,))


def _settings(request: ScanRequest, families: Iterable[ModbusFamily]) -> list[tuple[int, str]]:
    """Bauds and formats to try, those of most families first."""
    counted = Counter((family.link.baud, family.link.format) for family in families)
    counted.update(DEFAULTS)
    common = [setting for setting, _ in counted.most_common()]
    if not request.bauds and not request.formats:
        return common
    bauds = request.bauds or tuple(dict.fromkeys(baud for baud, _ in common))
    formats = request.formats or tuple(dict.fromkeys(form for _, form in common))
    asked = list(product(bauds, formats))
    return sorted(asked, key=lambda setting: common.index(setting) if setting in common else len(common))


def _line(
    device: str, baud: int, form: str, framing: Framing, families: Sequence[WireFamily], request: ScanRequest
) -> Target:
    settings = SerialSettings(path=device, baud=baud, format=form)
    return Target(
        bus=device,
        connection={"serial": device, "baud": baud, "format": form},
        how=f"{baud} {form}",
        framing=framing,
        place=Place(
            name=device,
            open=partial(open_line, settings),
            character=character(settings),
            silence=silence(settings),
            quiet=True,
        ),
        units=request.units or SERIAL_UNITS,
        families=tuple(families),
        every=True,
    )


def _tcp(peer: HostPort, request: ScanRequest, families: Sequence[WireFamily]) -> Target:
    maps = [family for family in families if isinstance(family, ModbusFamily)]
    fitting = sorted(maps, key=lambda family: "tcp" not in family.link.transports)
    own = Counter(family.link.unit for family in fitting if "tcp" in family.link.transports)
    units = request.units or tuple(dict.fromkeys((*(unit for unit, _ in own.most_common()), *TCP_UNITS)))
    return _network(peer.host, peer.port or TCP_PORT, "tcp", TcpFraming(), fitting, units, every=bool(request.units))


def _behind_tcp(peer: HostPort, request: ScanRequest, families: Sequence[WireFamily]) -> Iterable[Target]:
    port = peer.port or TCP_PORT
    units = request.units or SERIAL_UNITS
    yield _network(peer.host, port, "rtu_tcp", RtuFraming(), _on_lines(families), units, every=True)
    for family in families:
        if isinstance(family, AsciiFamily):
            framing = AsciiFraming(family.link.tx_start, family.link.rx_start, family.link.end)
            yield _network(peer.host, port, "tcp", framing, [family], units, every=True)


def _network(
    host: str,
    port: int,
    way: str,
    framing: Framing,
    families: Sequence[WireFamily],
    units: tuple[int, ...],
    *,
    every: bool,
) -> Target:
    peer = HostPort(host, port)
    short = way == "tcp" and port == TCP_PORT and ":" not in host
    return Target(
        bus=str(peer),
        connection={way: host if short else str(peer)},
        how={"tcp": "", "rtu_tcp": "RTU"}[way],
        framing=framing,
        place=Place(name=str(peer), open=partial(_open_soon, host, port), quiet=True),
        units=units,
        families=tuple(families),
        every=every,
    )


async def _open_soon(host: str, port: int) -> Channel:
    async with asyncio.timeout(CONNECT_S):
        return await open_tcp(host, port)
