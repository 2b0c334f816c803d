"""Begins that are put off by chance: after an outage, and where a reduction ends, not all begin in the same second.

That is what the Electric Vehicles (Smart Charge Points) Regulations 2021 of Great Britain ask for, with 600 s.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateway.load.observation import EvseSeen

FLOWS = 1.0
"""A from which a car charges."""


class Delays:
    """Until when each EVSE gets no more than it has. Less is never put off."""

    def __init__(self, longest: float, random: Callable[[], float]) -> None:
        """Take the rule.

        Args:
            longest: Seconds, 0 for none.
            random: Between 0 and 1, another one with each call.
        """
        self._longest = longest
        self._random = random
        self._until: dict[str, float] = {}
        self._failed: set[str] = set()

    def begin(self, evses: Iterable[str], t: float, *, outage: bool) -> None:
        """Something has ended for these EVSEs at ``t``: each waits for a time of its own.

        Args:
            evses: Which.
            t: Now.
            outage: It was one, so that a car charges only if it is seen to; else one that may have charged goes on.
        """
        if self._longest > 0:
            for each in evses:
                if outage:
                    self._failed.add(each)
                elif self.over(each, t):
                    self._failed.discard(each)
                self._until[each] = max(self._until.get(each, t), t + self._random() * self._longest)

    def over(self, evse: str, t: float) -> bool:
        """Whether an EVSE waits for nothing."""
        return self._until.get(evse, t) <= t

    def held(self, seen: EvseSeen, standing: float, t: float) -> EvseSeen:
        """An EVSE, with no more allowed than it has while it waits.

        Args:
            seen: As it is without that.
            standing: A per phase that it has been given.
            t: Now.
        """
        if self.over(seen.id, t):
            return seen
        flows = seen.id not in self._failed if seen.i is None else max(seen.i) >= FLOWS
        most = standing if flows else 0.0
        return replace(seen, cap=most if seen.cap is None else min(seen.cap, most))
