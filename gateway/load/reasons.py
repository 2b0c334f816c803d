"""Why each EVSE has no more current than it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.load.decision import Cause, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.load.allocator import Grant
    from gateway.load.car import Car
    from gateway.load.view import View

ENOUGH = 0.5
"""A below its maximum, or below its share, that are not worth a reason."""


def reasons(view: View, targets: Mapping[str, Grant]) -> dict[str, Reason]:
    """The reason of every EVSE."""
    return {name: _reason(view, car, targets.get(name)) for name, car in view.cars.items()}


def _reason(view: View, car: Car, grant: Grant | None) -> Reason:
    seen, evse = car.seen, car.evse
    if seen is None or not seen.online:
        return Reason(cause=Cause.UNREACHABLE)
    if not car.wants:
        return Reason(cause=Cause.IDLE)
    if grant is None:
        return Reason(cause=Cause.OTHERS if seen.cap is not None else Cause.FAILSAFE)
    if car.setpoint >= evse.maximum - ENOUGH:
        return Reason(cause=Cause.CAR if car.cap is not None or car.asleep else Cause.NOTHING)
    if blind := view.stale(evse.id):
        return Reason(cause=Cause.FAILSAFE, node=blind)
    if car.setpoint + ENOUGH < grant.current and view.t - car.told_at < max(view.policy.windows):
        return Reason(cause=Cause.SETTLING)
    if seen.cap is not None and car.setpoint >= seen.cap - ENOUGH:
        return Reason(cause=Cause.OTHERS)
    if car.cap is not None or car.asleep:
        return Reason(cause=Cause.CAR)
    return grant.reason
