"""Fall-back currents that fit under every fuse."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.load.site import Control

if TYPE_CHECKING:
    from gateway.load.site import LoadSite


def with_fallback(site: LoadSite) -> LoadSite:
    """Let EVSEs fall back to their minimum one after the other for as long as all fuses hold that; the others to 0."""
    free = {
        node.id: [limit - base for limit, base in zip(node.limit, node.base_failsafe, strict=True)]
        for node in site.nodes
    }
    evses = []
    for evse in site.evses:
        path = site.path(evse.node)
        fits = all(free[node][phase] >= evse.minimum for node in path for phase in evse.phases)
        if evse.control is Control.ONOFF or not fits:
            evses.append(replace(evse, failsafe=0.0))
            continue
        for node in path:
            for phase in evse.phases:
                free[node][phase] -= evse.minimum
        evses.append(replace(evse, failsafe=evse.minimum))
    return replace(site, evses=tuple(evses))
