"""The ways to a simulated station: which server its family and the options call for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gateway.bench.family.ascii import AsciiSession
from gateway.bench.family.banks import banks
from gateway.bench.family.line import LineSession
from gateway.bench.family.modbus import RtuSession, TcpSession
from gateway.bench.family.pty import PtyEndpoint, bits_of
from gateway.bench.family.tcp import TcpEndpoint
from gateway.family.family import AsciiFamily, HttpFamily, LineFamily, ModbusFamily, MqttFamily, UdpFamily
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.bench.family.bank import Bank
    from gateway.bench.family.endpoint import Session
    from gateway.bench.family.station import FamilyStation
    from gateway.family.link import SerialLink

TRANSPORTS = ("tcp", "rtu", "rtu-tcp", "pty", "mqtt", "http", "udp")
_SERIAL = {"rtu", "pty"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a simulated station is to be reached.

    Attributes:
        transport: One of ``TRANSPORTS``; "": the family's first.
        host: Address to listen on.
        port: Port to listen on; 0: any free one.
        broker: MQTT broker.
        prefix: Where MQTT topics begin; None: as the family says.
        unit: Modbus unit id; None: as the family says.
        meter_unit: Modbus unit id of an added meter.
        wire_time: A serial line takes its time.
    """

    transport: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    broker: tuple[str, int] | None = None
    prefix: str | None = None
    unit: int | None = None
    meter_unit: int = 2
    wire_time: bool = False


def attach(station: FamilyStation, options: Options) -> None:
    """Give a station its ways.

    Raises:
        GatewayError: ``transport-unknown``: the family has no such way, or (``broker-missing``) it needs a broker.
    """
    # Each library is only needed for its own kind of wire.
    family = station.family
    transport = options.transport
    if isinstance(family, ModbusFamily):
        _modbus(station, family, options)
    elif isinstance(family, AsciiFamily | LineFamily):
        _stream(station, family, options)
    elif isinstance(family, MqttFamily) and transport in {"", "mqtt"}:
        from gateway.bench.family.mqtt import MqttEndpoint  # noqa: PLC0415 - as above

        if options.broker is None:
            raise GatewayError("broker-missing", family=family.meta.id)
        mqtt = MqttEndpoint(family, station.outlets, *options.broker, options.prefix)
        station.attach(mqtt, mqtt.publish)
    elif isinstance(family, HttpFamily) and transport in {"", "http", "tcp"}:
        from gateway.bench.family.http import HttpEndpoint  # noqa: PLC0415 - as above

        station.attach(HttpEndpoint(family, station.outlets, options.host, options.port))
    elif isinstance(family, UdpFamily) and transport in {"", "udp"}:
        from gateway.bench.family.udp import UdpEndpoint  # noqa: PLC0415 - as above

        udp = UdpEndpoint(family, station.outlets[0], options.host, options.port)
        station.attach(udp, udp.push)
    else:
        raise GatewayError("transport-unknown", family=family.meta.id, value=transport)
    if not isinstance(family, ModbusFamily):
        _meter_alone(station, options)


def meter_connection(station: FamilyStation, options: Options) -> Mapping[str, object]:
    """The ``connection`` table of the added meter: at the same bus, or beside it."""
    beside = not isinstance(station.family, ModbusFamily)
    return {**(station.ways[-1] if beside else station.ways[0]).connection, "unit": options.meter_unit}


def _meter_banks(station: FamilyStation, options: Options) -> Mapping[int, Bank]:
    meter = station.meter
    if meter is None:
        return {}
    if not isinstance(meter.family, ModbusFamily):
        raise GatewayError("transport-unknown", family=meter.family.meta.id, value="modbus")
    return banks(meter.family, (meter,), options.meter_unit)[0]


def _meter_alone(station: FamilyStation, options: Options) -> None:
    """A meter that has a line of its own, because the station is no Modbus device."""
    units = _meter_banks(station, options)
    if units:
        station.attach(TcpEndpoint("tcp", options.host, 0, partial(TcpSession, units)))


def _modbus(station: FamilyStation, family: ModbusFamily, options: Options) -> None:
    transport = options.transport or family.link.transports[0]
    shifts = dict(banks(family, station.outlets, options.unit))
    lowest = min(shifts)
    shifts[lowest] = {**shifts[lowest], **_meter_banks(station, options)}
    more = {"unit": family.link.unit if options.unit is None else options.unit}
    if transport in _SERIAL:
        station.attach(_pty(partial(RtuSession, shifts[lowest]), family.link, more, options))
        return
    if transport not in {"tcp", "rtu-tcp"}:
        raise GatewayError("transport-unknown", family=family.meta.id, value=transport)
    kind = TcpSession if transport == "tcp" else RtuSession
    first: TcpEndpoint | None = None
    for shift, units in sorted(shifts.items()):
        endpoint = TcpEndpoint(
            transport.replace("-", "_"),
            options.host,
            options.port + shift if options.port else 0,
            partial(kind, units),
            more=more,
            single_client=family.link.single_client,
            lifetime=family.link.reconnect_every_s,
            beside=None if first is None or options.port else (first, shift - lowest),
        )
        first = first or endpoint
        station.attach(endpoint)


def _stream(station: FamilyStation, family: AsciiFamily | LineFamily, options: Options) -> None:
    session: Callable[[], Session]
    more: dict[str, object] = {}
    if isinstance(family, AsciiFamily):
        session = partial(AsciiSession, family, station.outlets[0], options.unit)
        more = {"unit": family.link.unit if options.unit is None else options.unit}
        key = "rtu_tcp"
    else:
        session = partial(LineSession, family, station.outlets[0])
        key = "tcp"
    if options.transport in {"", *_SERIAL}:
        station.attach(_pty(session, family.link, more, options))
    elif options.transport in {"tcp", "rtu-tcp"}:
        station.attach(TcpEndpoint(key, options.host, options.port, session, more=more))
    else:
        raise GatewayError("transport-unknown", family=family.meta.id, value=options.transport)


def _pty(session: Callable[[], Session], link: SerialLink, more: Mapping[str, object], options: Options) -> PtyEndpoint:
    byte_time = bits_of(link.format) / link.baud if options.wire_time else 0.0
    return PtyEndpoint(session, more={"baud": link.baud, "format": link.format, **more}, byte_time=byte_time)
