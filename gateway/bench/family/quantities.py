"""What is measured at a simulated EVSE, under the names that all families use. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.family.value import Value

_PHASE = re.compile(r"(?P<name>[a-z_]+?)_?l?(?P<phase>[123])")
_OFF = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Everything that points may tell, in SI units.

    Attributes:
        current: A, for each phase.
        voltage: V, for each phase.
        energy: Register of the meter, Wh.
        session_energy: Energy since the plug was put in, Wh.
        session_time: Seconds since then.
        charge_time: Seconds of them with current.
        uptime: Seconds since the station was switched on.
        offered: Current that the pilot offers, A; 0 for none.
        limit: Limit that is set, A per phase.
        limit_watts: The same, W.
        highest: What the station is built for, A.
        lowest: Lowest current that is no pause, A.
        phases: Phases in use.
        soc: State of charge of the vehicle, %.
        token: The token that was presented last; "" without.
        enabled: Charging is released.
        plugged: A vehicle is there.
    """

    current: tuple[float, float, float] = (0.0, 0.0, 0.0)
    voltage: tuple[float, float, float] = (230.0, 230.0, 230.0)
    energy: float = 0.0
    session_energy: float = 0.0
    session_time: float = 0.0
    charge_time: float = 0.0
    uptime: float = 0.0
    offered: float = 0.0
    limit: float = 0.0
    limit_watts: float = 0.0
    highest: float = 32.0
    lowest: float = 6.0
    phases: int = 3
    soc: float = 50.0
    token: str = ""
    enabled: bool = False
    plugged: bool = False

    @property
    def power_phase(self) -> tuple[float, float, float]:
        """Active power of each phase, W."""
        one, two, three = (amps * volts for amps, volts in zip(self.current, self.voltage, strict=True))
        return one, two, three

    @property
    def power(self) -> float:
        """Active power, W."""
        return sum(self.power_phase)


_TABLE: Mapping[str, Callable[[Measured], Value]] = {
    "current": lambda now: now.current,
    "voltage": lambda now: now.voltage,
    "power_phase": lambda now: now.power_phase,
    "power": lambda now: now.power,
    "apparent": lambda now: now.power,
    "reactive": lambda _: _OFF,
    "power_factor": lambda now: 1.0 if now.power else _OFF,
    "frequency": lambda _: 50.0,
    "energy_total": lambda now: now.energy,
    "energy_import": lambda now: now.energy,
    "energy_export": lambda _: _OFF,
    "energy_phase": lambda now: (now.energy / 3,) * 3,
    "energy_session": lambda now: now.session_energy,
    "session_time": lambda now: now.session_time,
    "charge_time": lambda now: now.charge_time,
    "uptime": lambda now: now.uptime,
    "offered_current": lambda now: now.offered,
    "offered_power": lambda now: now.offered * sum(now.voltage[: now.phases]),
    "max_current": lambda now: now.highest,
    "hw_max": lambda now: now.highest,
    "min_current": lambda now: now.lowest,
    "hw_min": lambda now: now.lowest,
    "cable_current": lambda now: now.highest,
    "temp": lambda _: 25.0,
    "humidity": lambda _: 45.0,
    "soc": lambda now: now.soc,
    "rfid": lambda now: now.token,
}
"""The names that mean something measurable. What else a family has is searched, stored, or nothing."""

BUILT = frozenset({"max_current", "hw_max", "min_current", "hw_min", "cable_current"})
"""Names that tell how the station is built."""


def is_measured(name: str) -> bool:
    """True where a point of that name tells something measured, also that of one phase (``current_l2``)."""
    return _split(name) is not None


def quantity(name: str, now: Measured) -> Value:
    """A value in SI units: one, or one for each phase; None where the name means nothing measured."""
    found = _split(name)
    if found is None:
        return None
    whole, phase = found
    value = _TABLE[whole](now)
    if phase and isinstance(value, tuple):
        return value[phase - 1]
    return value


def _split(name: str) -> tuple[str, int] | None:
    if name in _TABLE:
        return name, 0
    found = _PHASE.fullmatch(name)
    if found is not None and found["name"] in {"current", "voltage", "power_phase", "power", "energy_phase"}:
        whole = "power_phase" if found["name"] == "power" else found["name"]
        return whole, int(found["phase"])
    return None
