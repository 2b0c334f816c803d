"""How an EVSE is wired, as the site file has it, and what its operator has set there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.model.charging import ALL_PHASES, Circuit
from gateway.model.device import LEGACY_STATION, VariableRef
from gateway.model.throttle import LEAST_CURRENT, Throttle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.model.device import DeviceModel
    from gateway.model.installation import Installation

_DIRECT = frozenset({"cCCS1", "cCCS2", "cG105", "cChaoJi", "cGBT-DC"})
"""Connectors that only carry direct current (ConnectorEnumType)."""

_TOLERANCE = 0.05
"""A that a limit may lack by rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Phases and highest current (A per phase) of an EVSE, None where not known; ``direct``: it charges with DC.

    ``throttle``: how finely it can be held down; None: as the station itself says. ``draws``: A per phase that flow when
    it is let charge, where it can only be switched. ``least``: A per phase below which it gives nothing.
    """

    phases: int | None = None
    current: float | None = None
    direct: bool = False
    throttle: Throttle | None = None
    draws: float | None = None
    least: float = LEAST_CURRENT

    def pauses(self, limit: float | None) -> bool:
        """Tell whether a limit (A per phase) leaves a vehicle nothing."""
        least = self.least
        if self.throttle is Throttle.SWITCH:
            least = self.draws or self.current or least
        return limit is not None and limit + _TOLERANCE < least

    @property
    def circuit(self) -> Circuit:
        """What makes power of current."""
        return Circuit(phases=self.phases or ALL_PHASES)


def wiring_of(installation: Installation, evse: int) -> Wiring:
    """The wiring of an EVSE: of its first connector that the site file knows."""
    outlet = next((o for (at, _), o in sorted(installation.outlets.items()) if at == evse), None)
    if outlet is None:
        return Wiring()
    return Wiring(
        phases=outlet.phases,
        current=outlet.current,
        direct=outlet.connector_type in _DIRECT,
        throttle=outlet.throttle,
        draws=outlet.draws,
        least=max(outlet.least or LEAST_CURRENT, LEAST_CURRENT),
    )


def operator_limits(device: DeviceModel, evses: Iterable[int]) -> dict[int, float]:
    """The limits in A per phase that the operator has set at a station itself (``LegacyStation``), by EVSE."""
    refs = {evse: VariableRef(component=LEGACY_STATION, evse=evse, variable="CurrentLimit") for evse in evses}
    texts = {evse: device.value(ref) for evse, ref in refs.items() if device.spec(ref) is not None}
    return {evse: float(text) for evse, text in texts.items() if text.replace(".", "", 1).isdecimal()}
