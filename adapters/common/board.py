"""The last values of an EVSE, and how old they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.family.evaluate import derived

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

STALE_PERIODS = 3.0
"""A value that is older than so many periods of its poll group is no value any more."""


class Board:
    """Values by point, with the time at which they were read (seconds of a steady clock)."""

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}
        self._at: dict[str, float] = {}

    def take(self, values: Mapping[str, Value], at: float) -> None:
        """Take over what was read."""
        self._values.update(values)
        for name in values:
            self._at[name] = at

    def drop(self, names: Collection[str]) -> None:
        """Forget points that the station turned out not to have."""
        for name in names:
            self._values.pop(name, None)
            self._at.pop(name, None)

    def read_at(self, names: Iterable[str]) -> float | None:
        """When the newest of some points was read; None: none of them was."""
        return max((self._at[name] for name in names if name in self._at), default=None)

    def clear(self) -> None:
        """Forget everything: it was read by other rules."""
        self._values.clear()
        self._at.clear()

    def fresh(self, family: AnyFamily, now: float, periods: Mapping[str, float]) -> dict[str, Value]:
        """The values that are not stale, and what the family derives from them.

        Args:
            family: Decides the poll group of each point.
            now: The time now.
            periods: Seconds of each group; groups that are not there never go stale.
        """
        points = family.points
        fresh = {
            name: value
            for name, value in self._values.items()
            if name not in points
            or (period := periods.get(points[name].poll)) is None
            or now - self._at[name] <= STALE_PERIODS * period
        }
        return derived(family, fresh)
