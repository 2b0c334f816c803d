"""What load management sees at one moment. Times are seconds of one clock that never goes back; energies are in Wh."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.load.site import Phases


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReading:
    """What a circuit's meter has shown: ``t`` is when that flowed, ``i`` A per phase of the supply."""

    t: float
    i: Phases


@dataclass(frozen=True, slots=True, kw_only=True)
class EvseSeen:
    """An EVSE as it is seen.

    Attributes:
        id: Which.
        online: Whether it can be told a setpoint.
        faulted: It gives nothing, and will not.
        plugged: Whether a car is connected.
        session: Names the car's visit; another one begins with another name. None: nobody may charge.
        i: A per phase of the supply that flow into the car, and ``t_meas`` when; None: nothing tells.
        setpoint: A that the station itself says it allows; None: it does not tell.
        cap: A per phase that others allow at most (the backend's charging profiles, a technician ...); None: all.
        priority: More is served first.
        departure: When the car leaves; None: not known.
        requested: Wh that the driver wants in this session; None: not known.
        delivered: Wh that have flowed in this session; None: not known.
    """

    id: str
    online: bool = True
    faulted: bool = False
    plugged: bool = False
    session: str | None = None
    i: Phases | None = None
    t_meas: float = float("-inf")
    setpoint: float | None = None
    cap: float | None = None
    priority: int = 0
    departure: float | None = None
    requested: float | None = None
    delivered: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything at ``t``.

    Attributes:
        t: Now.
        limits: What circuits may carry now, where that is less than ever (a plan, the grid operator); others: as built.
        meters: The newest reading of each metered circuit; absent or None: there is none.
        evses: Every EVSE of the site.
    """

    t: float
    limits: Mapping[str, Phases] = field(default_factory=dict)
    meters: Mapping[str, MeterReading | None] = field(default_factory=dict)
    evses: tuple[EvseSeen, ...] = ()
