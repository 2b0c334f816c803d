"""``[alerts]``: who else is told of alerts, beside the backend and the box's own page."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.config.fields import FilePath, Listen, SecretFilePath, Section


class AlertBroker(Section):
    """``[alerts.mqtt]``: a broker that keeps a message for each alert that stands."""

    broker: Listen = Field(description="Host and port of the broker, such as 192.168.1.2:1883.")
    prefix: Annotated[str, Field(min_length=1, max_length=200, pattern="^[^#+/]+(/[^#+/]+)*$")] = Field(
        "stationlift", description="Where the topics begin. Each box at a broker has another."
    )
    user: str = Field("", description="User, where the broker asks for one.")
    password_file: SecretFilePath | None = Field(None, description="File with the user's password.")
    tls: bool = Field(default=False, description="Whether the connection is encrypted.")
    ca_file: FilePath | None = Field(None, description="Certificates to trust, instead of the system's; with tls.")

    @property
    def encrypted(self) -> bool:
        """Whether the connection is encrypted; who names certificates wants that."""
        return self.tls or self.ca_file is not None


class Alerts(Section):
    """``[alerts]``."""

    mqtt: AlertBroker | None = Field(None, description="A broker that is told; none if absent.")
