"""Whether the number of phases that a car charges over has changed."""

from __future__ import annotations

STEADY = 3
"""Looks in a row that have to show the same: current does not rise in all phases in the same second."""


class PhaseWatch:
    """Waits until a new number of phases holds."""

    def __init__(self) -> None:
        self._new: int | None = None
        self._looks = 0

    def changed(self, told: int | None, shown: int | None) -> int | None:
        """Take a look at what is shown now; the new number once it holds, None as long as there is nothing to tell."""
        if shown is None or shown == told:
            self._new, self._looks = None, 0
            return None
        self._looks = self._looks + 1 if shown == self._new else 1
        self._new = shown
        return shown if self._looks >= STEADY else None
