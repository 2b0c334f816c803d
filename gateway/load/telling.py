"""Why an EVSE has no more than it has, as everybody else names limits; and which meters are lost, for the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.load.decision import Cause
from gateway.model.charging import LimitSource
from gateway.model.limits.reason import LimitName, LimitReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.load.decision import Reason
    from gateway.load.observation import MeterReading
    from gateway.load.policy import Policy
    from gateway.load.restrictions import Restriction

logger = logging.getLogger(__name__)

_NAMES = {
    Cause.CIRCUIT: LimitName.CIRCUIT,
    Cause.IMBALANCE: LimitName.IMBALANCE,
    Cause.WAITING: LimitName.WAITING,
    Cause.FAILSAFE: LimitName.FAILSAFE,
    Cause.SETTLING: LimitName.SETTLING,
}
_OF_SOURCE = {
    LimitSource.SYSTEM_OPERATOR: LimitName.GRID,
    LimitSource.EMS: LimitName.ENERGY_MANAGER,
    LimitSource.OTHER: LimitName.OTHER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why load management holds a limit, and whose the backend is told it is; None: it is no news to the backend."""

    reason: LimitReason
    source: LimitSource | None = None


def why(reason: Reason | None, standing: Iterable[Restriction]) -> Why:
    """The name of a limit.

    Args:
        reason: What the controller says; None: nothing yet.
        standing: The reductions above the EVSE that hold now; where a full circuit has one, the limit is that of whoever
            reduces it.
    """
    if reason is None:
        return Why(reason=LimitReason.of(LimitName.FAILSAFE))
    phase = f"L{reason.phase + 1}" if reason.phase >= 0 else ""
    if reason.cause in {Cause.CIRCUIT, Cause.WAITING, Cause.SETTLING}:
        less = next((each for each in standing if reason.node in {"", each.node}), None)
        source = None if less is None else LimitSource(less.source)
        if less is not None and source in _OF_SOURCE:
            return Why(reason=LimitReason.of(_OF_SOURCE[source], node=less.node, name=less.name), source=source)
    name = _NAMES.get(reason.cause)
    if name is None:  # no car, or one that takes no more: nobody limits it
        return Why(reason=LimitReason.of(LimitName.LOAD, node=reason.node, phase=phase))
    return Why(reason=LimitReason.of(name, node=reason.node, phase=phase), source=LimitSource.EMS)


class Watch:
    """Logs once when the meter of a circuit is lost, and once when it is back."""

    def __init__(self, policy: Policy, since: float) -> None:
        """Take the times.

        Args:
            policy: When a meter counts as lost.
            since: When load management has begun, s of the loop's clock.
        """
        self._policy = policy
        self._since = since
        self._lost: set[str] = set()

    def look(self, meters: Mapping[str, MeterReading | None], t: float) -> None:
        """Take the newest reading of each circuit at ``t``."""
        for circuit, reading in meters.items():
            age = t - (self._since if reading is None else max(reading.t, self._since))
            if age > self._policy.blind and circuit not in self._lost:
                self._lost.add(circuit)
                logger.warning("load management: the meter of %s is lost: the worst case counts", circuit)
            elif age <= self._policy.stale and reading is not None and circuit in self._lost:
                self._lost.remove(circuit)
                logger.warning("load management: the meter of %s is back", circuit)
