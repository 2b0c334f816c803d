"""When each poll group is due. Pure; times are seconds of a steady clock.

Reads fall on shared ticks, so that many stations are polled in a few wake-ups of the event loop.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.family.link import Link

GROUPS = ("fast", "medium", "slow")


class Schedule:
    """The poll groups of one EVSE, or of a sensor.

    Args:
        link: Their periods.
        groups: Those that are read.
    """

    def __init__(self, link: Link, groups: Iterable[str] = GROUPS) -> None:
        self._rates = {"fast": link.poll.fast, "medium": link.poll.medium, "slow": link.poll.slow}
        self._idle_factor = link.idle_factor
        self._groups = tuple(groups)
        self._due = dict.fromkeys(self._groups, -math.inf)

    def periods(self, *, idle: bool) -> dict[str, float]:
        """Seconds between two reads of each group; without a vehicle medium and slow are rarer."""
        factor = self._idle_factor if idle else 1.0
        return {group: rate * (1.0 if group == "fast" else factor) for group, rate in self._rates.items()}

    def due(self, now: float, *, idle: bool) -> frozenset[str]:
        """The groups to read now; their next time is set."""
        groups = frozenset(group for group, at in self._due.items() if at <= now)
        periods = self.periods(idle=idle)
        for group in groups:
            tick = math.floor(now / periods[group]) + 1
            # By rounding, that may still be now.
            self._due[group] = (tick if tick * periods[group] > now else tick + 1) * periods[group]
        return groups

    def hurry(self) -> None:
        """Have everything read as soon as possible."""
        self._due = dict.fromkeys(self._groups, -math.inf)

    def sooner(self, now: float, *, idle: bool) -> None:
        """A vehicle has come: nothing waits longer than its period from now."""
        periods = self.periods(idle=idle)
        for group, at in self._due.items():
            self._due[group] = min(at, now + periods[group])

    def wait(self, now: float) -> float:
        """Seconds until something is due; infinite where there is no group."""
        return max(0.0, min(self._due.values(), default=math.inf) - now)
