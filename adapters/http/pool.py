"""The web servers of stations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field
from typing_extensions import override

from adapters.common.wire import Pool
from adapters.http.base import base_url
from adapters.http.credentials import Credentials
from adapters.http.host import HttpHost
from adapters.http.wire import HttpWire
from gateway.config.fields import HttpUrl, SecretFilePath, Section
from gateway.family.family import AnyFamily, HttpFamily
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from pydantic import BaseModel


class HttpConnection(Section):
    """``connection`` of a station with HTTP."""

    url: HttpUrl = Field(description="Address of the station, such as http://192.168.1.50.")
    user: Annotated[str, Field(pattern="^[^:]*$")] = Field("", description="User, where the station asks for one.")
    password_file: SecretFilePath | None = Field(None, description="File with the user's password.")
    token_file: SecretFilePath | None = Field(None, description="File with a bearer token.")
    verify: bool = Field(default=True, description="Whether the certificate has to be valid (https).")


class HttpPool(Pool):
    """The hosts of this process."""

    kinds: ClassVar[frozenset[str]] = frozenset({"http-json"})
    Connection: ClassVar[type[BaseModel]] = HttpConnection

    def __init__(self) -> None:
        self._hosts: dict[tuple[str, HttpConnection], HttpHost] = {}

    @override
    def wire(self, connection: HttpConnection, family: AnyFamily, connector: int) -> HttpWire:
        if not isinstance(family, HttpFamily):
            raise GatewayError("wire-unknown", kind=family.kind)
        base = base_url(family.link, connection.url, connector)
        key = (str(base.origin()), connection)
        host = self._hosts.get(key)
        if host is None:
            credentials = Credentials(
                auth=family.link.auth,
                user=connection.user,
                password=connection.password_file,
                token=connection.token_file,
            )
            host = self._hosts[key] = HttpHost(key[0], family.link, credentials, verify=connection.verify)
        return HttpWire(family, host, base, connector)

    @override
    async def aclose(self) -> None:
        for host in self._hosts.values():
            await host.aclose()
