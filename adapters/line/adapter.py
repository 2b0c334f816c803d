"""The adapter ``line``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from adapters.common.adapter import FamilyAdapter
from adapters.common.config import FamilyKeys
from adapters.line.pool import LineConnection, LinePool


class LineStation(FamilyKeys):
    """The keys of ``[[station]]`` with ``adapter = "line"``."""

    PoolClass: ClassVar[type[LinePool]] = LinePool

    connection: LineConnection = Field(description="Where the station is.")


class LineAdapter(FamilyAdapter):
    """Stations on a serial line that speak text."""

    name: ClassVar[str] = "line"
    StationConfig = LineStation
