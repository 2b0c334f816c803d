"""A limit in A per phase, as the means of an EVSE takes it. Pure; always rounded down."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

from gateway.model.installation import NOMINAL_VOLTAGE

if TYPE_CHECKING:
    from gateway.config.control import ControlKeys

_EPSILON = 1e-6
"""What binary fractions lack is not taken away."""

_PER_AMPERE = {"A": 1.0, "dA": 10.0, "mA": 1000.0}
_LOW_RATE, _KNEE = 0.6, 51.0
_HIGH_RATE, _HIGH_OFFSET, _MOST = 2.5, 64.0, 96.0


def stepped(control: ControlKeys, current: float) -> float:
    """The current that is really set, A per phase; 0 below the minimum."""
    if current + _EPSILON < control.minimum:
        return 0.0
    return round(floor(current / control.step + _EPSILON) * control.step, 6) if control.pwm is None else current


def amount(control: ControlKeys, current: float, phases: int) -> str:
    """The text that a station is told; 0 A is the text for a pause.

    Args:
        control: Its unit, step, minimum and ``off``.
        current: A per phase.
        phases: How many the outlet has, for a limit in W.
    """
    set_to = stepped(control, current)
    if not set_to:
        return control.off
    if control.unit == "W":
        return str(floor(set_to * phases * NOMINAL_VOLTAGE + _EPSILON))
    value = set_to * _PER_AMPERE[control.unit]
    return f"{value:g}" if control.unit == "A" else str(floor(value + _EPSILON))


def duty(current: float) -> float:
    """The duty cycle in % of the control pilot for a current (IEC 61851-1, annex A); at least 6 A."""
    if current <= _KNEE:
        return floor(current / _LOW_RATE * 10 + _EPSILON) / 10
    return min(floor((current / _HIGH_RATE + _HIGH_OFFSET) * 10 + _EPSILON) / 10, _MOST)


def driven(control: ControlKeys, current: float) -> float:
    """What an analogue output is set to for a current; one below the minimum is a pause."""
    percent = duty(current) if stepped(control, current) else control.pause_duty
    return percent * control.full / 100.0


def filled(text: str, current: str, connector: int) -> str:
    """A text with its placeholders filled; other braces stay as they are, as in JSON."""
    return text.replace("{current}", current).replace("{connector}", str(connector))


def same(shown: str, wanted: str) -> bool:
    """Tell whether a station shows what it was told; numbers may be written otherwise."""
    try:
        return abs(float(shown) - float(wanted)) < _EPSILON
    except ValueError:
        return shown.strip().casefold() == wanted.strip().casefold()
