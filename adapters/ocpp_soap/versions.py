"""What differs between the versions of OCPP, besides the messages themselves: what a station can do, and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.ocpp_soap.configuration import KEYS_15
from adapters.ocpp_soap.tables import V15
from gateway.model.errors import GatewayError
from gateway.model.station import Capability

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.ocpp_soap.configuration import Standard
    from adapters.ocpp_soap.schema import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of OCPP over SOAP.

    ``token_length`` is the longest idTag; ``keys`` are its configuration keys by their casefolded name.
    """

    table: Table
    capabilities: frozenset[Capability]
    token_length: int
    keys: Mapping[str, Standard]


_ALL = (
    Version(
        table=V15,
        capabilities=frozenset(Capability) - {Capability.SMART_CHARGING, Capability.TRIGGER, Capability.BOX_SESSIONS},
        token_length=20,
        keys=KEYS_15,
    ),
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
