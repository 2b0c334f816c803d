"""``connection = { ... }`` of a Modbus station: exactly one way, and what belongs to it."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.fields import HostPort, Section
from gateway.family.link import Format

_HOST = re.compile(r"[A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]+\]")
_PATTERN = r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]+)(:[0-9]{1,5})?$"

WAYS = ("tcp", "rtu_tcp", "serial")


def parse_peer(value: object) -> HostPort:
    """Read `host` or `host:port`; the port of a host alone is 0: that of the family.

    Raises:
        PydanticCustomError: ``not-peer``.
    """
    if isinstance(value, HostPort):
        return value
    if isinstance(value, str) and _HOST.fullmatch(value):
        return HostPort(value.strip("[]"), 0)
    try:
        return HostPort.parse(value)
    except PydanticCustomError as error:
        raise PydanticCustomError("not-peer", "not host or host:port", {"value": str(value)}) from error


Peer = Annotated[HostPort, PlainValidator(parse_peer), WithJsonSchema({"type": "string", "pattern": _PATTERN})]
"""A device in the network, `host` or `host:port`."""


class ModbusConnection(Section):
    """Where a device is, and its unit id; what is left out is as the family's makers deliver it."""

    tcp: Peer | None = Field(None, description="Modbus TCP: host or host:port.")
    rtu_tcp: Peer | None = Field(None, description="Serial line behind a converter to TCP: host:port.")
    serial: Annotated[str, Field(min_length=1)] | None = Field(None, description="Serial device: /dev/ttyUSB0.")
    baud: Annotated[int, Field(ge=300, le=1_000_000)] | None = Field(None, description="Bits per second.")
    format: Format | None = Field(None, description="Data bits, parity, stop bits: 8N1, 8E1.")
    unit: Annotated[int, Field(ge=0, le=255)] | None = Field(None, description="Modbus unit id.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [way for way in WAYS if getattr(self, way) is not None]
        if len(ways) != 1:
            found = ", ".join(ways) or "-"
            raise PydanticCustomError("connection-ways", "not one way", {"found": found, "ways": ", ".join(WAYS)})
        for key in ("baud", "format"):
            if getattr(self, key) is not None and self.serial is None:
                raise PydanticCustomError("connection-serial-only", "needs a serial device", {"name": key})
        return self
