"""The versions of OCPP over SOAP: how the messages of each are written, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.ocpp1x.dialects import OCPP_12, OCPP_15, OCPP_16_SOAP
from adapters.ocpp_soap.tables import V12, V15, V16
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from adapters.ocpp1x.dialects import Dialect
    from adapters.ocpp_soap.schema import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of OCPP over SOAP: its messages on the wire, and what is common to it however it is carried."""

    table: Table
    dialect: Dialect


_ALL = (
    Version(table=V12, dialect=OCPP_12),
    Version(table=V15, dialect=OCPP_15),
    Version(table=V16, dialect=OCPP_16_SOAP),
)


def version_of(name: str) -> Version:
    """Find a version ("1.5").

    Raises:
        GatewayError: ``version-unknown``.
    """
    for version in _ALL:
        if version.table.version == name:
            return version
    raise GatewayError("version-unknown", version=name)
