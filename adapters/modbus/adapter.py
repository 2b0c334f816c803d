"""The adapter ``modbus``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field
from typing_extensions import override

from adapters.common.adapter import FamilyAdapter
from adapters.common.config import FamilyKeys
from adapters.modbus.connection import ModbusConnection
from adapters.modbus.pool import ModbusPool
from adapters.modbus.scan import scan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.contracts import ScanRequest, Sighting


class ModbusStation(FamilyKeys):
    """The keys of ``[[station]]`` with ``adapter = "modbus"``."""

    PoolClass: ClassVar[type[ModbusPool]] = ModbusPool

    connection: ModbusConnection = Field(description="Where the station is.")


class ModbusAdapter(FamilyAdapter):
    """Stations with a Modbus register map, or the ASCII dialect of it."""

    name: ClassVar[str] = "modbus"
    StationConfig = ModbusStation

    @classmethod
    @override
    def scan(cls, request: ScanRequest) -> AsyncIterator[Sighting]:
        return scan(request)
