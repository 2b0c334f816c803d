"""The tables that the SOAP adapter brings to the site file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from adapters.ocpp1x.failsafe import FALLS_AFTER
from adapters.ocpp1x.networks import PRIVATE_NETWORKS
from gateway.config.fields import HttpPath, HttpUrl, Listen, Many, Network, Port, Section, TimeZone, Unique


class SiteConfig(Section):
    """`[southbound.ocpp_soap]`: the one listener of all SOAP stations."""

    listen: Listen = Field(description="Address and port where the stations call in, such as 0.0.0.0:8080.")
    path: HttpPath = Field("/ocpp", description="Path of the URL that the stations are given.")
    allowed_networks: Many[Network] = Field(
        PRIVATE_NETWORKS,
        description="Networks that stations may call from and be called at; private networks if absent.",
    )
    callback_base: HttpUrl | None = Field(
        None,
        description="URL of this box as the stations see it, where its own address is not the right one (NAT).",
    )


class StationConfig(Section):
    """Keys of `[[station]]` with `adapter = "ocpp_soap"`."""

    version: Literal["1.2", "1.5", "1.6"] = Field("1.5", description="OCPP version that the station speaks.")
    charge_box_identity: Annotated[str, Field(min_length=1, max_length=255), Unique()] = Field(
        description="What the station calls itself in the SOAP header; capitals do not matter.",
    )
    callback_url: HttpUrl | None = Field(
        None,
        description="Where to call the station, if the address that it gives itself is wrong.",
    )
    callback_port: Port | None = Field(None, description="Port to call the station at, if only its port is wrong.")
    time_zone: TimeZone | None = Field(
        None,
        description="Time zone of the station's timestamps where they name none; UTC if absent.",
    )
    soap11: bool = Field(
        default=False, description="Answer with SOAP 1.1 envelopes; for stations that refuse SOAP 1.2."
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
