"""Lines of the site, each opened once, whoever is on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import override

from adapters.common.serial_port import SerialSettings
from adapters.common.wire import Pool
from adapters.line.bus import LineBus
from adapters.line.opening import SerialOpening, TcpOpening
from adapters.line.wire import LineWire
from gateway.config.fields import HostPort, Listen, Section
from gateway.family.family import AnyFamily, LineFamily
from gateway.family.link import Format
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from adapters.line.opening import Opening


class LineConnection(Section):
    """``connection`` of a station on a line; ``baud`` and ``format`` where they are not the family's."""

    serial: Annotated[str, Field(min_length=1)] | None = Field(None, description="Serial port, such as /dev/ttyUSB0.")
    tcp: Listen | None = Field(None, description="Host and port of a serial line behind TCP.")
    baud: Annotated[int, Field(ge=300, le=1_000_000)] | None = Field(None, description="Bits per second.")
    format: Format | None = Field(None, description="Data bits, parity, stop bits, such as 8N1.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [way for way in ("serial", "tcp") if getattr(self, way) is not None]
        if len(ways) != 1:
            found = ", ".join(ways) or "-"
            raise PydanticCustomError("connection-ways", "not one way", {"found": found, "ways": "serial, tcp"})
        for key in ("baud", "format"):
            if getattr(self, key) is not None and self.serial is None:
                raise PydanticCustomError("connection-serial-only", "needs a serial device", {"name": key})
        return self


class LinePool(Pool):
    """The lines of this process."""

    kinds: ClassVar[frozenset[str]] = frozenset({"ascii-line"})
    Connection: ClassVar[type[BaseModel]] = LineConnection

    def __init__(self) -> None:
        self._buses: dict[str, LineBus] = {}

    @override
    def wire(self, connection: LineConnection, family: AnyFamily, connector: int) -> LineWire:
        if not isinstance(family, LineFamily):
            raise GatewayError("wire-unknown", kind=family.kind)
        address, opening = _opening(connection, family, connector)
        bus = self._buses.get(address)
        if bus is None:
            bus = self._buses[address] = LineBus(address, opening, family.link, family.framing)
        return LineWire(family, bus, connector)

    @override
    def line(self, connection: LineConnection, family: AnyFamily, connector: int) -> tuple[str, str] | None:
        if not isinstance(family, LineFamily):
            raise GatewayError("wire-unknown", kind=family.kind)
        address, _ = _opening(connection, family, connector)
        link = family.link
        settings = (
            "" if connection.serial is None else f" {connection.baud or link.baud} {connection.format or link.format}"
        )
        return address, f"{family.meta.id}{settings}"

    @override
    async def aclose(self) -> None:
        for bus in self._buses.values():
            await bus.aclose()


def _opening(connection: LineConnection, family: LineFamily, connector: int) -> tuple[str, Opening]:
    """Where the line is, for people, and how it is opened."""
    if connection.tcp is not None:
        instances = family.link.instances
        shift = instances.port.evaluate({"connector": connector}) if instances and instances.port else 0
        port = connection.tcp.port + (int(shift) if isinstance(shift, int | float) else 0)
        address = HostPort(connection.tcp.host, port)
        return str(address), TcpOpening(address)
    settings = SerialSettings(
        path=connection.serial or "",
        baud=connection.baud or family.link.baud,
        format=connection.format or family.link.format,
    )
    return settings.path, SerialOpening(settings)
