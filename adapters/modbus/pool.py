"""All buses of the box that speak Modbus, shared by the wires on them."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from adapters.common.serial_port import SerialSettings
from adapters.common.wire import Pool, Wire
from adapters.modbus.ascii_wire import AsciiWire
from adapters.modbus.bus import Bus
from adapters.modbus.channels import character, open_line, open_tcp, silence
from adapters.modbus.connection import ModbusConnection
from adapters.modbus.framings import AsciiFraming, Framing, RtuFraming, TcpFraming
from adapters.modbus.route import Place
from adapters.modbus.spots import added, spot_of
from adapters.modbus.wire import ModbusWire
from gateway.config.fields import HostPort
from gateway.family.family import AsciiFamily, ModbusFamily
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from gateway.family.family import AnyFamily

_TRANSPORTS = {"tcp": "tcp", "rtu_tcp": "rtu-tcp", "serial": "rtu"}


class ModbusPool(Pool):
    """Makes the wires of Modbus stations and meters. Which bus a wire is on, its connection tells."""

    kinds: ClassVar[frozenset[str]] = frozenset({"modbus", "modbus-ascii"})
    Connection: ClassVar[type[BaseModel]] = ModbusConnection

    def __init__(self) -> None:
        self._buses: dict[str, tuple[str, Bus]] = {}

    @override
    def wire(self, connection: ModbusConnection, family: AnyFamily, connector: int) -> Wire:
        """The wire to a connector.

        Raises:
            GatewayError: ``modbus-transport``: the family cannot be reached so; ``modbus-port``: the port is missing;
                ``bus-differs``: another device on the same bus is to be spoken to in another way.
        """
        if isinstance(family, AsciiFamily):
            unit = spot_of(family, connection.unit, connector).unit
            return AsciiWire(family, self._bus(connection, family, connector), unit)
        if not isinstance(family, ModbusFamily):
            raise GatewayError("wire-unknown", kind=family.kind)
        _check_transport(connection, family)
        bus = self._bus(connection, family, connector)
        return ModbusWire(family, bus, spot_of(family, connection.unit, connector))

    @override
    def line(self, connection: ModbusConnection, family: AnyFamily, connector: int) -> tuple[str, str] | None:
        if not isinstance(family, ModbusFamily | AsciiFamily):
            raise GatewayError("wire-unknown", kind=family.kind)
        place, manner, _ = _way(connection, family, connector)
        return place.name, manner

    def _bus(self, connection: ModbusConnection, family: ModbusFamily | AsciiFamily, connector: int) -> Bus:
        place, manner, framing = _way(connection, family, connector)
        known = self._buses.get(place.name)
        if known is None:
            known = self._buses[place.name] = (manner, Bus(place, framing))
        elif known[0] != manner:
            raise GatewayError("bus-differs", bus=place.name, one=known[0], other=manner)
        return known[1]

    @override
    async def aclose(self) -> None:
        await asyncio.gather(*(bus.aclose() for _, bus in self._buses.values()))


def _check_transport(connection: ModbusConnection, family: ModbusFamily) -> None:
    """A serial family may stand behind a converter of any kind; one that is only on the network is not on a line."""
    if connection.tcp is None and not {"rtu", "rtu-tcp"} & set(family.link.transports):
        way = next(way for way in _TRANSPORTS if getattr(connection, way) is not None)
        raise GatewayError(
            "modbus-transport", family=family.meta.id, way=way, allowed=", ".join(family.link.transports)
        )


def _way(
    connection: ModbusConnection, family: ModbusFamily | AsciiFamily, connector: int
) -> tuple[Place, str, Framing]:
    """Where the bus is, how it is spoken to in words, and its framing."""
    link = family.link
    if connection.serial is not None:
        settings = SerialSettings(
            path=connection.serial, baud=connection.baud or link.baud, format=connection.format or link.format
        )
        place = Place(
            name=settings.path,
            open=partial(open_line, settings),
            character=character(settings),
            silence=silence(settings),
        )
        framing = _framing(family, serial=True)
        return place, f"{_spoken(framing)} {settings.baud} {settings.format}", framing
    peer = _peer(connection, family, connector)
    framing = _framing(family, serial=connection.rtu_tcp is not None)
    return Place(name=str(peer), open=partial(open_tcp, peer.host, peer.port)), _spoken(framing), framing


def _peer(connection: ModbusConnection, family: ModbusFamily | AsciiFamily, connector: int) -> HostPort:
    peer = connection.tcp or connection.rtu_tcp
    port = peer.port if peer else 0
    if isinstance(family, ModbusFamily) and connection.tcp is not None:
        port = port or family.link.port
    if peer is None or not port:
        raise GatewayError("modbus-port", value=peer.host if peer else "")
    instances = family.link.instances
    return HostPort(peer.host, port + added(instances.port if instances else None, connector))


def _framing(family: ModbusFamily | AsciiFamily, *, serial: bool) -> Framing:
    if isinstance(family, AsciiFamily):
        return AsciiFraming(family.link.tx_start, family.link.rx_start, family.link.end)
    return RtuFraming() if serial else TcpFraming()


def _spoken(framing: Framing) -> str:
    match framing:
        case AsciiFraming():
            return "Modbus ASCII"
        case RtuFraming():
            return "Modbus RTU"
        case _:
            return "Modbus TCP"
