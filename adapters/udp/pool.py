"""The stations behind UDP, and the ports that they answer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field
from typing_extensions import override

from adapters.common.wire import Pool
from adapters.udp.endpoint import UdpEndpoint
from adapters.udp.station import UdpStation
from adapters.udp.wire import UdpWire
from gateway.config.fields import Port, Section
from gateway.family.family import AnyFamily, UdpFamily
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from pydantic import BaseModel


class UdpConnection(Section):
    """``connection`` of a station behind UDP."""

    host: Annotated[str, Field(min_length=1)] = Field(description="Address of the station.")
    port: Port | None = Field(None, description="Its port, where it is not the family's.")
    local: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Address of the box that answers come to, where it has several; all of them if absent."
    )


class UdpPool(Pool):
    """The sockets of this process: one for each port that stations answer to.

    Args:
        host: Address of the box that the ports are at.
    """

    kinds: ClassVar[frozenset[str]] = frozenset({"udp-json"})
    Connection: ClassVar[type[BaseModel]] = UdpConnection

    def __init__(self, host: str = "0.0.0.0") -> None:
        self._host = host
        self._endpoints: dict[tuple[str, int], UdpEndpoint] = {}
        self._stations: dict[tuple[tuple[str, int], str, int], UdpStation] = {}

    @override
    def wire(self, connection: UdpConnection, family: AnyFamily, connector: int) -> UdpWire:
        if not isinstance(family, UdpFamily):
            raise GatewayError("wire-unknown", kind=family.kind)
        link = family.link
        host, port = connection.host, connection.port or link.remote_port
        local = (connection.local or self._host, link.bind_port)
        endpoint = self._endpoints.get(local)
        if endpoint is None:
            endpoint = self._endpoints[local] = UdpEndpoint(*local)
        station = self._stations.get((local, host, port))
        if station is None:
            station = self._stations[local, host, port] = UdpStation(endpoint, host, port, link)
        return UdpWire(family, station, connector)

    @override
    async def aclose(self) -> None:
        for station in self._stations.values():
            await station.aclose()
        for endpoint in self._endpoints.values():
            await endpoint.aclose()
