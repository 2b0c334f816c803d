"""The variables of ``AuthCtrlr`` and ``AuthCacheCtrlr`` (OCPP 2.0.1 Part 2, 2.3 and 2.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.device import VariableRef
from gateway.model.station import Capability
from gateway.model.tokens import CachePolicy, TokenType
from profiles.common.tokens import ADDITIONAL_ITEMS
from profiles.common.variable_specs import fixed, place, writable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.model.device import VariableSpec
    from gateway.model.installation import Installation
    from gateway.model.station import StationState

_TYPES = [TokenType.CENTRAL, TokenType.EMAID, TokenType.ISO14443, TokenType.ISO15693, TokenType.LOCAL]
"""What readers present, and what a backend starts by; no station tells a MacAddress."""

_MONTH = 30 * 86_400
CACHE_STORAGE = VariableRef(component="AuthCacheCtrlr", variable="Storage")
CACHE_BYTES = 1_048_576
"""More than the cache's thousand entries can take."""


def authorization(state: StationState, installation: Installation) -> Iterator[VariableSpec]:
    """Who may charge. Only where the box runs the sessions can it let everybody (``Enabled``)."""
    if Capability.BOX_SESSIONS in state.capabilities:
        yield writable("AuthCtrlr", "Enabled", "true")
    yield fixed("AuthCtrlr", "AdditionalInfoItemsPerMessage", str(ADDITIONAL_ITEMS))
    yield writable("AuthCtrlr", "AuthorizeRemoteStart", "false")
    yield writable("AuthCtrlr", "DisableRemoteAuthorization", "false")
    yield writable("AuthCtrlr", "LocalAuthorizeOffline", "true")
    yield writable("AuthCtrlr", "LocalPreAuthorize", "false")
    yield writable("AuthCtrlr", "MasterPassGroupId", "", length=36)
    yield writable("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "false")
    types = set(_TYPES)
    if Capability.BOX_SESSIONS in state.capabilities:
        types |= {TokenType.NO_AUTHORIZATION, *([TokenType.KEY_CODE] if installation.keypad else [])}
    yield fixed("AuthCtrlr", "SupportedIdTokenTypes", ",".join(sorted(types)))
    name = "AuthCacheCtrlr"
    yield fixed(name, "Available", "true")
    yield writable(name, "DisablePostAuthorize", "false")
    yield writable(name, "Enabled", "true")
    yield writable(name, "LifeTime", str(_MONTH), minimum=1)
    yield replace(writable(name, "Policy", CachePolicy.LRU), values=tuple(CachePolicy))
    yield replace(place(name, "Storage", "0", maximum=CACHE_BYTES), persistent=True)
