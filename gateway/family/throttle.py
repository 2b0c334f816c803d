"""How the stations of a family hold their current down by themselves, as load management has to reckon with it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.installation import NOMINAL_VOLTAGE
from gateway.model.throttle import LEAST_CURRENT, OwnLimit

if TYPE_CHECKING:
    from gateway.family.control import LimitControl
    from gateway.family.family import AnyFamily

_THREE = 3
NEVER = float("inf")


def own_limit(family: AnyFamily, failsafe: float | None = None, timeout: float | None = None) -> OwnLimit | None:
    """What a station of the family does; None where it takes no limit.

    Args:
        family: With its variants.
        failsafe: A per phase that the site file wants without the box; None: nothing is asked for.
        timeout: Seconds until then that it wants.
    """
    spec = family.control.limit
    if spec is None:
        return None
    falls = failsafe if failsafe is not None and _falls(family) else None
    in_watts = spec.unit == "W"
    return OwnLimit(
        minimum=_least(spec),
        # A vehicle on one phase draws a step in W all there.
        step=max(spec.step / NOMINAL_VOLTAGE, 0.1) if in_watts else spec.step,
        maximum=spec.max / NOMINAL_VOLTAGE if in_watts else spec.max,
        failsafe=falls,
        failsafe_timeout=NEVER if falls is None else _after(family, timeout),
        tells="current" in {*family.points, *family.derive},
    )


def _least(spec: LimitControl) -> float:
    least = spec.min / (NOMINAL_VOLTAGE * _THREE) if spec.unit == "W" else spec.min
    return max(least, LEAST_CURRENT)


def _falls(family: AnyFamily) -> bool:
    """Tell whether the current that is asked for can be set in the station, and whether it then does fall to it."""
    dog = family.watchdog
    point = family.points.get(dog.fallback)
    return dog.kind not in {"none", "unknown"} and bool(dog.setup or (point is not None and point.writable))


def _after(family: AnyFamily, wanted: float | None) -> float:
    """Seconds until it does; inf where nobody can say before the station is there."""
    dog = family.watchdog
    point = family.points.get(dog.timeout)
    if wanted is not None and bool(dog.setup or (point is not None and point.writable)):
        return wanted
    return dog.timeout_s if dog.timeout_s is not None else NEVER
