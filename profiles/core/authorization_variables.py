"""The variables of ``AuthCtrlr`` and ``AuthCacheCtrlr`` (OCPP 2.0.1 Part 2, 2.3 and 2.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.device import VariableRef
from gateway.model.station import Capability
from profiles.common.variable_specs import fixed, place, writable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.model.device import VariableSpec
    from gateway.model.station import StationState

_MONTH = 30 * 86_400
CACHE_STORAGE = VariableRef(component="AuthCacheCtrlr", variable="Storage")
CACHE_BYTES = 1_048_576
"""More than the cache's thousand entries can take."""


def authorization(state: StationState) -> Iterator[VariableSpec]:
    """Who may charge. Only where the box runs the sessions can it let everybody (``Enabled``)."""
    if Capability.BOX_SESSIONS in state.capabilities:
        yield writable("AuthCtrlr", "Enabled", "true")
    yield writable("AuthCtrlr", "AuthorizeRemoteStart", "false")
    yield writable("AuthCtrlr", "DisableRemoteAuthorization", "false")
    yield writable("AuthCtrlr", "LocalAuthorizeOffline", "true")
    yield writable("AuthCtrlr", "LocalPreAuthorize", "false")
    yield writable("AuthCtrlr", "MasterPassGroupId", "", length=36)
    yield writable("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "false")
    name = "AuthCacheCtrlr"
    yield fixed(name, "Available", "true")
    yield writable(name, "DisablePostAuthorize", "false")
    yield writable(name, "Enabled", "true")
    yield writable(name, "LifeTime", str(_MONTH), minimum=1)
    yield replace(writable(name, "Policy", "LRU"), values=("LRU",))
    yield replace(place(name, "Storage", "0", maximum=CACHE_BYTES), persistent=True)
