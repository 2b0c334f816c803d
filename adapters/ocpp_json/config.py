"""The tables that the OCPP-J adapter brings to the site file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from adapters.ocpp1x.failsafe import FALLS_AFTER
from adapters.ocpp1x.networks import PRIVATE_NETWORKS
from gateway.config.fields import (
    FilePath,
    HttpPath,
    Listen,
    Many,
    Network,
    Secret,
    SecretFilePath,
    Section,
    TimeZone,
    Unique,
)


class TlsFiles(Section):
    """`tls = {...}`: what the box shows to stations that connect with wss:// (security profile 2)."""

    cert_file: FilePath = Field(description="Certificate of the box, with the chain that stations need (PEM).")
    key_file: SecretFilePath = Field(description="Private key of that certificate (PEM).")


class SiteConfig(Section):
    """`[southbound.ocpp_json]`: the one listener of all stations that speak OCPP 1.6-J."""

    listen: Listen = Field(description="Address and port where the stations connect, such as 0.0.0.0:8180.")
    path: HttpPath = Field(
        "/ocpp16", description="Path of the URL that the stations are given; each adds / and its identity."
    )
    allowed_networks: Many[Network] = Field(
        PRIVATE_NETWORKS, description="Networks that stations may connect from; private networks if absent."
    )
    tls: TlsFiles | None = Field(
        None, description="Certificate and key for wss://; ws:// without encryption if absent."
    )


class StationConfig(Section):
    """Keys of `[[station]]` with `adapter = "ocpp_json"`."""

    version: Literal["1.6"] = Field("1.6", description="OCPP version that the station speaks.")
    charge_box_identity: Annotated[str, Field(min_length=1, max_length=255), Unique()] = Field(
        description="What the station adds to the URL that it is given; capitals do not matter.",
    )
    station_password: Secret | None = Field(
        None,
        min_length=1,
        description="The station's AuthorizationKey, with which it signs in at the box; nothing is asked if absent.",
    )
    station_password_file: SecretFilePath | None = Field(
        None, description="File with the station's AuthorizationKey, instead of station_password."
    )
    time_zone: TimeZone | None = Field(
        None,
        description="Time zone of the station's timestamps where they name none; UTC if absent.",
    )
    milliseconds: bool = Field(
        default=True, description="Send timestamps with milliseconds; false for stations that refuse them."
    )
    failsafe_current: Annotated[float, Field(ge=0, le=3000)] | None = Field(
        None,
        description="OCPP 1.6: A per phase that the station falls to by itself without the box; it keeps its limit if absent.",
    )
    failsafe_timeout: Annotated[float, Field(ge=5, le=86_400)] = Field(
        FALLS_AFTER, description="Seconds without the box after which it does so; each third of it costs a write."
    )
    token_type: Literal["Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress"] | None = Field(
        None,
        description="OCPP 2.0.1 type of the station's tokens; guessed from their form if absent.",
    )

    @model_validator(mode="after")
    def _one_password(self) -> StationConfig:
        if self.station_password is not None and self.station_password_file is not None:
            raise PydanticCustomError("password-twice", "two passwords")
        return self
