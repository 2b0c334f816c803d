"""Sees that a station does not do what it says: current flows that was held back, or more than the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.family.readings import currents, power

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.common.setpoint import Setpoint
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

GRACE = 20.0
"""Seconds that a vehicle may take to follow its pilot; 5 s are allowed to it (IEC 61851-1, table A.6)."""

_SHARE = 1.1
_AMPERES = 1.5
_WATTS = 400.0
"""What meters, and vehicles at low current, may be off by."""


class Guard:
    """Compares what flows with what was told.

    Attributes:
        leaking: Current flows though it was held back.
    """

    def __init__(self) -> None:
        self.leaking = False
        self._leak_since: float | None = None
        self._over_since: float | None = None

    def leaks(self, setpoint: Setpoint, *, flowing: bool, now: float) -> bool:
        """Tell whether the EVSE is to be held back once more; at most once in ``GRACE``."""
        if not (flowing and setpoint.held):
            self._leak_since = None
            self.leaking = self.leaking and flowing
            return False
        if self._leak_since is None:
            self._leak_since = now
        if now - self._leak_since < GRACE:
            return False
        self._leak_since, self.leaking = now, True
        return True

    def exceeds(self, setpoint: Setpoint, family: AnyFamily, values: Mapping[str, Value], now: float) -> bool:
        """Tell whether the EVSE takes more than the limit that it has confirmed, and goes on doing so."""
        spec, limit = family.control.limit, setpoint.written
        if spec is None or not limit or setpoint.held or not _above(spec.unit, limit, family, values):
            self._over_since = None
            return False
        since = max(self._over_since if self._over_since is not None else now, setpoint.written_at or 0.0)
        self._over_since = since
        return now - since >= GRACE


def _above(unit: str, limit: float, family: AnyFamily, values: Mapping[str, Value]) -> bool:
    if unit == "A":
        return max(currents(family, values), default=0.0) > max(limit * _SHARE, limit + _AMPERES)
    return (power(family, values) or 0.0) > limit * _SHARE + _WATTS
