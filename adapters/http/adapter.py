"""The adapter ``http``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from adapters.common.adapter import FamilyAdapter
from adapters.common.config import FamilyKeys
from adapters.http.pool import HttpConnection, HttpPool


class HttpStation(FamilyKeys):
    """The keys of ``[[station]]`` with ``adapter = "http"``."""

    PoolClass: ClassVar[type[HttpPool]] = HttpPool

    connection: HttpConnection = Field(description="Where the station is.")


class HttpAdapter(FamilyAdapter):
    """Stations with an HTTP interface that answers in JSON."""

    name: ClassVar[str] = "http"
    StationConfig = HttpStation
