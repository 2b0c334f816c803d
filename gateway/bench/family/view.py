"""What the physics of a connector look like to its meter and to its limit. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.bench.car import Evse
from gateway.bench.family.quantities import Measured
from gateway.bench.family.reading import VOLTAGE

if TYPE_CHECKING:
    from gateway.bench.family.flags import Flags
    from gateway.bench.family.physics import Charge
    from gateway.family.family import AnyFamily

DC_VOLTAGE = 400.0
"""Of the battery at a DC station, V."""

PHASES = 3
UNLIMITED = 32.0
"""What a station offers whose family knows no limit, A."""

_LEAST = 6.0
METER = 100_000.0
"""What a meter has counted before, Wh; a register that begins at 0 would hide what is lost."""


def amps(family: AnyFamily, flags: Flags) -> float:
    """The limit that is set, as A per phase."""
    limit = family.control.limit
    if limit is None or limit.unit == "A":
        return flags.limit
    volts = DC_VOLTAGE if family.meta.current == "DC" else VOLTAGE
    return flags.limit / (volts * flags.phases)


def supply(family: AnyFamily) -> Evse:
    """The EVSE that a station of the family has."""
    if family.meta.current == "DC":
        return Evse(voltage=DC_VOLTAGE, phases=1, register=METER)
    return Evse(register=METER)


def measured(
    family: AnyFamily, charge: Charge, flags: Flags, *, offers: bool, session_time: float, uptime: float
) -> Measured:
    """Everything that points may tell.

    Args:
        family: Of the station.
        charge: Car and EVSE.
        flags: What the station was told.
        offers: The station offers current.
        session_time: Seconds since the plug was put in.
        uptime: Seconds since the station was switched on.
    """
    evse, limit = charge.evse, family.control.limit
    one, two, three = (evse.current if phase < evse.active_phases else 0.0 for phase in range(PHASES))
    set_amps = amps(family, flags)
    is_amps = limit is None or limit.unit == "A"
    most = UNLIMITED if limit is None else limit.max
    return Measured(
        current=(one, two, three),
        voltage=(evse.voltage, evse.voltage, evse.voltage),
        energy=evse.register,
        session_energy=evse.register - charge.start,
        session_time=session_time,
        charge_time=charge.charged,
        uptime=uptime,
        offered=set_amps if offers else 0.0,
        limit=set_amps,
        limit_watts=set_amps * evse.voltage * flags.phases if is_amps else flags.limit,
        highest=most if is_amps else most / (evse.voltage * (1 if family.meta.current == "DC" else PHASES)),
        lowest=limit.min if limit is not None and is_amps else _LEAST,
        phases=flags.phases,
        soc=100.0 * (1 - evse.car.room / charge.room) if evse.car is not None else 0.0,
        token=flags.token,
        enabled=flags.released,
        plugged=evse.car is not None,
    )
