"""The names of points that the box itself understands, and the units that they can have.

Any other name is a family's own: its expressions may use it, and people see it.
"""

from __future__ import annotations

_CURRENT = ("A",)
_POWER = ("W", "kW")
_REACTIVE = ("var",)
_APPARENT = ("VA",)
_ENERGY = ("Wh", "kWh")
_TIME = ("s",)
_NONE: tuple[str, ...] = ()

UNITS: dict[str, tuple[str, ...]] = {
    "state": _NONE,
    "cable": _NONE,
    "bay": _NONE,  # a vehicle stands in the parking bay
    "error": _NONE,
    "error_text": _NONE,
    "temp": ("degC",),
    "humidity": ("%",),
    "lock_state": _NONE,
    "rfid": _NONE,
    "evcc_id": _NONE,
    "voltage": ("V",),
    "current": _CURRENT,
    "current_n": _CURRENT,
    "power": (*_POWER, *_APPARENT),  # some meters only know apparent power
    "power_phase": (*_POWER, *_APPARENT),
    "reactive": _REACTIVE,
    "reactive_power": _REACTIVE,
    "apparent": _APPARENT,
    "power_factor": ("%", ""),
    "frequency": ("Hz",),
    "soc": ("%",),
    "energy_total": _ENERGY,
    "energy_import": _ENERGY,
    "energy_export": _ENERGY,
    "energy_session": _ENERGY,
    "session_time": _TIME,
    "charge_time": _TIME,
    "offered_current": _CURRENT,
    "cable_current": _CURRENT,
    "max_current": _CURRENT,
    "min_current": _CURRENT,
    "limit": (*_CURRENT, *_POWER),
    "enable": _NONE,
    "phases": _NONE,
    "heartbeat": _NONE,
    "failsafe_current": (*_CURRENT, *_POWER),
    "failsafe_timeout": _TIME,
    "serial": _NONE,
    "vendor": _NONE,
    "model": _NONE,
    "firmware": _NONE,
    "public_key": _NONE,  # of what the meter signs, hex
    "ocmf": _NONE,  # a signed value of the meter (Open Charge Metering Format)
    "signature": _NONE,  # of it, hex
    "inputs": _NONE,
    "outputs": _NONE,
}
"""Name -> the units that it may have; () for a point that has none."""
