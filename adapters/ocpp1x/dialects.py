"""What differs between the versions of OCPP 1.x, besides how messages are written: what a station can do, its limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adapters.ocpp1x.configuration import KEYS_12, KEYS_15, KEYS_16
from gateway.model.station import Capability

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.ocpp1x.configuration import Standard

_ALWAYS = frozenset(
    {
        Capability.REMOTE_START,
        Capability.REMOTE_STOP,
        Capability.RESET,
        Capability.UNLOCK,
        Capability.CHANGE_AVAILABILITY,
        Capability.CLEAR_CACHE,
        Capability.CONFIGURATION_WRITE,
        Capability.FIRMWARE_UPDATE,
        Capability.DIAGNOSTICS,
    }
)
_SINCE_15 = _ALWAYS | {
    Capability.CONFIGURATION_READ,
    Capability.DATA_TRANSFER,
    Capability.LOCAL_LIST,
    Capability.RESERVATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One version of OCPP 1.x.

    ``token_length`` is the longest idTag; ``keys`` are its configuration keys by their casefolded name. The other
    fields are names that differ: of the heartbeat interval in the answer to a boot, and of the list in SendLocalList.
    ``tells_features``: a station says in its configuration which of the capabilities it has; ``tells_reason``: it says
    why a transaction ends; ``secured``: it may have the security extension.
    """

    name: str
    capabilities: frozenset[Capability]
    token_length: int = 20
    keys: Mapping[str, Standard]
    interval: str = "heartbeatInterval"
    local_list: str = "localAuthorisationList"
    tells_features: bool = False
    tells_reason: bool = False
    secured: bool = False


OCPP_12 = Dialect(name="1.2", capabilities=_ALWAYS, token_length=15, keys=KEYS_12)
OCPP_15 = Dialect(name="1.5", capabilities=_SINCE_15, keys=KEYS_15)
OCPP_16 = Dialect(
    name="1.6",
    capabilities=_SINCE_15
    | {
        Capability.SIGNED_FIRMWARE,
        Capability.SMART_CHARGING,
        Capability.TRIGGER,
        Capability.PLUG_AND_CHARGE,
    },
    keys=KEYS_16,
    interval="interval",
    local_list="localAuthorizationList",
    tells_features=True,
    tells_reason=True,
    secured=True,
)
OCPP_16_SOAP = replace(
    OCPP_16,
    capabilities=OCPP_16.capabilities - {Capability.SIGNED_FIRMWARE, Capability.PLUG_AND_CHARGE},
    secured=False,
)
"""The extensions for security and for ISO 15118 are of OCPP-J only."""
