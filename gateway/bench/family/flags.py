"""What a simulated station has been told, and what follows from it for the pilot. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.bench.family.verbs import RELEASE, Verb
from gateway.bench.family.view import PHASES, UNLIMITED
from gateway.family.state import Letter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.bench.car import Evse
    from gateway.bench.family.physics import Charge
    from gateway.bench.family.verbs import Trigger
    from gateway.family.family import AnyFamily

_GRAIN = 1e-6
_BEFORE = (Letter.B1, Letter.B)
_HELD = (Letter.C1, Letter.B1, Letter.C, Letter.B)
_READY = (Letter.B2, Letter.B, Letter.C1, Letter.C, Letter.B1)
_CHARGING = (Letter.C2, Letter.D2, Letter.C, Letter.D)
FAULTY = (Letter.F, Letter.E, Letter.UNAVAILABLE, Letter.DISABLED)
_AWAY = (Letter.UNAVAILABLE, Letter.DISABLED, Letter.F, Letter.E)
_FREE_IDLE = (Letter.A1, Letter.A, Letter.A2)
_FREE_OFFERING = (Letter.A2, Letter.A, Letter.A1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What a station has been told.

    Attributes:
        limit: In the unit of the family's limit.
        released: Charging is released.
        held: A pause was asked for by means of its own.
        in_service: It is not taken out of service.
        phases: Phases in use.
        token: The token that was presented last.
    """

    limit: float
    released: bool
    held: bool = False
    in_service: bool = True
    phases: int = 3
    token: str = ""


CHANGES: Mapping[Verb, Mapping[str, object]] = {
    Verb.PAUSE: {"held": True},
    Verb.RESUME: {"held": False},
    Verb.ENABLE: {"released": True, "held": False},
    Verb.DISABLE: {"released": False},
    Verb.START: {"released": True, "held": False},
    Verb.STOP: {"released": False},
    Verb.AUTHORIZE: {"released": True},
    Verb.IN_SERVICE: {"in_service": True},
    Verb.OUT_OF_SERVICE: {"in_service": False},
    Verb.ONE_PHASE: {"phases": 1},
    Verb.THREE_PHASES: {"phases": 3},
}
"""What a verb without a variable changes."""


def letters(charge: Charge, flags: Flags, *, offers: bool) -> tuple[Letter, ...]:
    """The states of the pilot that say what is so, the best one first.

    Args:
        charge: Car and EVSE.
        flags: What the station was told.
        offers: The station offers current.
    """
    if charge.evse.fault:
        return FAULTY
    if not flags.in_service:
        return (*_AWAY, *_FREE_IDLE)
    if charge.evse.car is None:
        return _FREE_OFFERING if offers else _FREE_IDLE
    if not offers:
        return _HELD if charge.charged > 0 else (*_BEFORE, Letter.C1, Letter.C)
    return (*_CHARGING, *_READY) if charge.target > 0 else _READY


def fresh(family: AnyFamily, triggers: Iterable[Trigger]) -> Flags:
    """What a station is told from the factory: the highest limit, and (where it has to be released) nothing more."""
    limit, verbs = family.control.limit, {each.verb for each in triggers}
    gated = Verb.ENABLE in verbs or (limit is None and bool(verbs & RELEASE))
    phases = 1 if family.meta.current == "DC" else PHASES
    return Flags(limit=limit.max if limit is not None else UNLIMITED, released=not gated, phases=phases)


def is_offering(family: AnyFamily, flags: Flags, evse: Evse) -> bool:
    """Whether the station offers current to whoever is plugged in."""
    limit = family.control.limit
    least = (limit.min if limit is not None else 0.0) - _GRAIN
    return (
        flags.released and not flags.held and flags.in_service and not evse.fault and flags.limit >= max(least, _GRAIN)
    )
