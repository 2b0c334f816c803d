"""What an EVSE is to do."""

from __future__ import annotations


class Wanted:
    """The lowest limit that anybody holds, and whether current may flow.

    ``limits`` are in A per phase, by who holds them. Whoever holds 0 lets none flow, also where the family has no limit.
    """

    def __init__(self) -> None:
        self.limits: dict[str, float] = {}
        self._released = False

    @property
    def released(self) -> bool:
        """Whether current may flow: the session has released it, and nobody holds it back."""
        return self._released and self.amps > 0

    @released.setter
    def released(self, on: bool) -> None:
        self._released = on

    def hold(self, holder: str, current: float | None) -> None:
        """Hold a limit, or (None) no more."""
        if current is None:
            self.limits.pop(holder, None)
        else:
            self.limits[holder] = current

    @property
    def amps(self) -> float:
        """The lowest limit; without any, as much as the ceilings let through."""
        return min(self.limits.values(), default=float("inf"))
