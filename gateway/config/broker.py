"""How a broker is reached: the keys that every table of a broker has."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.config.fields import FilePath, Listen, SecretFilePath, Section

Prefix = Annotated[str, Field(min_length=1, max_length=200, pattern="^[^#+/]+(/[^#+/]+)*$")]
"""Begin of topics, without wildcards."""


class BrokerKeys(Section):
    """A broker of MQTT."""

    broker: Listen = Field(description="Host and port of the broker, such as 192.168.1.2:1883.")
    user: str = Field("", description="User, where the broker asks for one.")
    password_file: SecretFilePath | None = Field(None, description="File with the user's password.")
    tls: bool = Field(default=False, description="Whether the connection is encrypted.")
    ca_file: FilePath | None = Field(None, description="Certificates to trust, instead of the system's; with tls.")

    @property
    def encrypted(self) -> bool:
        """Whether the connection is encrypted; who names certificates wants that."""
        return self.tls or self.ca_file is not None
