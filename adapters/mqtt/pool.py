"""The brokers of the site, each connected once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field
from typing_extensions import override

from adapters.common.wire import Pool
from adapters.mqtt.broker import Broker
from adapters.mqtt.session import BrokerSettings
from adapters.mqtt.wire import MqttWire
from gateway.config.fields import FilePath, Listen, SecretFilePath, Section
from gateway.family.family import AnyFamily, MqttFamily
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from pydantic import BaseModel


class MqttConnection(Section):
    """``connection`` of a station behind a broker."""

    broker: Listen = Field(description="Host and port of the broker, such as 192.168.1.2:1883.")
    prefix: Annotated[str, Field(min_length=1, pattern="^[^#+]*$")] | None = Field(
        None, description="Where the station's topics begin, where it is not as from the factory."
    )
    user: str = Field("", description="User, where the broker asks for one.")
    password_file: SecretFilePath | None = Field(None, description="File with the user's password.")
    tls: bool = Field(default=False, description="Whether the connection is encrypted.")
    ca_file: FilePath | None = Field(None, description="Certificates to trust, instead of the system's; with tls.")


class MqttPool(Pool):
    """The brokers of this process."""

    kinds: ClassVar[frozenset[str]] = frozenset({"mqtt"})
    Connection: ClassVar[type[BaseModel]] = MqttConnection

    def __init__(self) -> None:
        self._brokers: dict[BrokerSettings, Broker] = {}

    @override
    def wire(self, connection: MqttConnection, family: AnyFamily, connector: int) -> MqttWire:
        if not isinstance(family, MqttFamily):
            raise GatewayError("wire-unknown", kind=family.kind)
        settings = BrokerSettings(
            address=connection.broker,
            user=connection.user,
            password_file=connection.password_file,
            tls=connection.tls or connection.ca_file is not None,
            ca_file=connection.ca_file,
        )
        broker = self._brokers.get(settings)
        if broker is None:
            broker = self._brokers[settings] = Broker(settings)
        prefix = (connection.prefix or family.link.prefix).strip("/")
        return MqttWire(family, broker, prefix, connector)

    @override
    async def aclose(self) -> None:
        for broker in self._brokers.values():
            await broker.aclose()
