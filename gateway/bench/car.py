"""A simulated EVSE and the car at it: pure physics, shared by every simulated station."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

_SECONDS_PER_HOUR = 3600.0


class EvseState(StrEnum):
    """What an onlooker sees at the EVSE."""

    IDLE = "idle"
    PLUGGED = "plugged"
    CHARGING = "charging"
    PAUSED = "paused"
    FAULTED = "faulted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """A car at the plug.

    Args:
        max_current: what its charger takes at most, A per phase.
        phases: phases that it uses.
        room: energy that its battery still takes, Wh.
        paused: the car itself wants no energy now.
    """

    max_current: float = 16.0
    phases: int = 3
    room: float = 60_000.0
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evse:
    """An EVSE: supply, contactor and meter.

    Args:
        max_current: what the EVSE offers, A per phase; 0 offers nothing.
        phases: phases that are wired.
        voltage: phase to neutral, V.
        register: imported active energy, Wh; never decreases.
        closed: the contactor is closed, that is, charging is permitted.
        fault: the fault that keeps the contactor open, empty without one.
        car: the car that is plugged in.
    """

    max_current: float = 32.0
    phases: int = 3
    voltage: float = 230.0
    register: float = 0.0
    closed: bool = False
    fault: str = ""
    car: Car | None = None

    @property
    def state(self) -> EvseState:
        """What an onlooker sees."""
        if self.fault:
            return EvseState.FAULTED
        if self.car is None:
            return EvseState.IDLE
        if not self.closed:
            return EvseState.PLUGGED
        return EvseState.CHARGING if self.current > 0 else EvseState.PAUSED

    @property
    def active_phases(self) -> int:
        """Phases that carry current while charging."""
        return 0 if self.car is None else min(self.phases, self.car.phases)

    @property
    def current(self) -> float:
        """Current that flows, A per active phase."""
        car = self.car
        if car is None or self.fault or not self.closed or car.paused or car.room <= 0:
            return 0.0
        return min(self.max_current, car.max_current)

    @property
    def power(self) -> float:
        """Active power that flows, W."""
        return self.current * self.voltage * self.active_phases


def advance(evse: Evse, seconds: float) -> Evse:
    """Let time pass: the register counts and the battery fills, until it is full.

    Args:
        evse: the EVSE before.
        seconds: time that passes, s; a negative span counts as none.
    """
    if evse.car is None or seconds <= 0:
        return evse
    energy = min(evse.power * seconds / _SECONDS_PER_HOUR, evse.car.room)
    if energy <= 0:
        return evse
    return replace(evse, register=evse.register + energy, car=replace(evse.car, room=evse.car.room - energy))


def plug_in(evse: Evse, car: Car) -> Evse:
    """Put the plug of a car in; the contactor stays as it is, which is open."""
    return replace(evse, car=car)


def plug_out(evse: Evse) -> Evse:
    """Pull the plug; no contactor stays closed on an open outlet."""
    return replace(evse, car=None, closed=False)


def close_contactor(evse: Evse) -> Evse:
    """Permit charging."""
    return replace(evse, closed=evse.car is not None)


def open_contactor(evse: Evse) -> Evse:
    """Stop charging."""
    return replace(evse, closed=False)


def pause(evse: Evse, *, paused: bool) -> Evse:
    """Let the car stop or resume drawing current; without a car nothing happens."""
    return evse if evse.car is None else replace(evse, car=replace(evse.car, paused=paused))


def fail(evse: Evse, error: str) -> Evse:
    """Raise a fault, which opens the contactor; an empty error clears it."""
    return replace(evse, fault=error, closed=evse.closed and not error)
