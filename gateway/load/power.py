"""Limits in watts as currents. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from gateway.load.site import Phases

DEVICE = 4200.0
"""W that the grid operator leaves a device (section 14a EnWG; BNetzA BK6-22-300, annex 1, 4.5)."""
SHARES = (1.0, 1.0, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5)
SHARE = 0.45
"""Share of that for each device but the first, by the number of devices; from nine on it is the last."""


def left_by_14a(devices: int) -> float:
    """W that are left to all devices together, which an energy management shares among them; 0 of none."""
    if devices <= 0:
        return 0.0
    share = SHARES[devices] if devices < len(SHARES) else SHARE
    return DEVICE * (1 + (devices - 1) * share)


def as_current(watts: float, phases: Collection[int], voltage: float) -> Phases:
    """A per phase that are never more than these watts, however they are used.

    Args:
        watts: In all.
        phases: Those that any of the EVSEs has; none: all.
        voltage: From phase to neutral.
    """
    amperes = watts / (voltage * (len(set(phases)) or 3))
    return (amperes, amperes, amperes)
