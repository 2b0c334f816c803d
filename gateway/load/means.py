"""By what means load management holds an EVSE down, and what becomes of it without the box. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.load.site import Control
from gateway.model.throttle import LEAST_CURRENT, Throttle

if TYPE_CHECKING:
    from gateway.config.control import ControlKeys
    from gateway.model.throttle import OwnLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What can be done with the current of an EVSE.

    Attributes:
        control: How it is set; None: by nothing, so it counts as a load with its full current.
        minimum: A per phase below which it gives nothing.
        step: A between one setpoint and the next.
        fixed: A per phase that it draws when it is on, where it can only be switched, or not even that.
        failsafe: A per phase that it may draw at most once it has fallen back; without a fall-back all that it can.
        failsafe_timeout: Seconds without the box after which it falls back by itself; inf: it never does.
        certain: False where only the station, once it is there, says whether this holds.
        tells: Whether what flows is known at each moment, as far as can be said before the station is there.
        apart: Whether it works while the station is not reached: the box does it by a module of its own.
    """

    control: Control | None
    minimum: float = LEAST_CURRENT
    step: float = 1.0
    fixed: float = 0.0
    failsafe: float
    failsafe_timeout: float = float("inf")
    certain: bool = True
    tells: bool = False
    apart: bool = False


def means_of(rated: float, control: ControlKeys | None, own: OwnLimit | None) -> Means:
    """The means of one EVSE.

    Args:
        rated: A per phase that wiring and connector allow.
        control: What the site file configures for it, if anything; it counts before the station's own.
        own: What the station does by itself (``Adapter.own_limit``); None: nothing.
    """
    if control is not None:
        return _configured(rated, control, tells=own is not None and own.tells)
    if own is None or own.throttle is Throttle.NONE:
        return Means(control=None, fixed=rated, failsafe=rated)
    rated = rated if own.maximum is None else min(rated, own.maximum)
    switched = own.throttle is Throttle.SWITCH
    return Means(
        control=Control.ONOFF if switched else Control.AMP,
        minimum=own.minimum,
        step=own.step,
        fixed=rated if switched else 0.0,
        failsafe=rated if own.failsafe is None else min(own.failsafe, rated),
        failsafe_timeout=own.failsafe_timeout,
        certain=own.certain,
        tells=own.tells,
    )


def _configured(rated: float, control: ControlKeys, *, tells: bool) -> Means:
    switched = control.throttle is Throttle.SWITCH
    draws = min(control.draws or rated, rated)
    most = draws if switched else rated
    failsafe, timeout = control.failsafe_current, control.failsafe_timeout
    return Means(
        control=Control.ONOFF if switched else Control.AMP,
        minimum=control.minimum,
        step=control.grain,
        fixed=draws if switched else 0.0,
        failsafe=most if failsafe is None else min(failsafe, most),
        failsafe_timeout=float("inf") if timeout is None else timeout,
        tells=tells,
        apart=control.driven is not None,
    )
