"""The adapter ``mqtt``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field
from typing_extensions import override

from adapters.common.adapter import FamilyAdapter
from adapters.common.config import FamilyKeys
from adapters.mqtt.pool import MqttConnection, MqttPool
from adapters.mqtt.scan import scan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.contracts import ScanRequest, Sighting


class MqttStation(FamilyKeys):
    """The keys of ``[[station]]`` with ``adapter = "mqtt"``."""

    PoolClass: ClassVar[type[MqttPool]] = MqttPool

    connection: MqttConnection = Field(description="Broker, and where the station's topics begin.")


class MqttAdapter(FamilyAdapter):
    """Stations at an MQTT broker."""

    name: ClassVar[str] = "mqtt"
    StationConfig = MqttStation

    @override
    @classmethod
    def scan(cls, request: ScanRequest) -> AsyncIterator[Sighting]:
        return scan(request)
