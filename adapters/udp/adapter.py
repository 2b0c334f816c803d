"""The adapter ``udp``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from adapters.common.adapter import FamilyAdapter
from adapters.common.config import FamilyKeys
from adapters.udp.pool import UdpConnection, UdpPool


class UdpStation(FamilyKeys):
    """The keys of ``[[station]]`` with ``adapter = "udp"``."""

    PoolClass: ClassVar[type[UdpPool]] = UdpPool

    connection: UdpConnection = Field(description="Where the station is.")


class UdpAdapter(FamilyAdapter):
    """Stations that are spoken to by datagrams."""

    name: ClassVar[str] = "udp"
    StationConfig = UdpStation
