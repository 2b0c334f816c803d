"""What a station of OCPP 1.6 falls to by itself when it hears nothing more of the box: data and arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.model.throttle import OwnLimit

FALLS_AFTER = 600.0
"""Seconds without the box, if the site file does not say."""

RENEWED_AT = 0.4
"""The share of these seconds after which a limit is written again, so that one write may fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failsafe:
    """``current`` in A per phase, ``after`` in seconds."""

    current: float
    after: float

    @property
    def renewal(self) -> float:
        """Seconds after which a limit is written again, if it was not for another reason."""
        return self.after * RENEWED_AT

    @property
    def look(self) -> float:
        """Seconds between two looks whether one is due."""
        return min(max(self.after / 40, 0.25), 15.0)


@dataclass(slots=True, kw_only=True)
class Held:
    """What a connector was last given. Times are seconds of the event loop's clock.

    ``current`` in A per phase; ``default_at`` is when it was written for all transactions, ``at`` when for the one with the
    ``number``. ``refused``: the station did not take it when it was written anew.
    """

    current: float
    default_at: float
    number: int | None = None
    at: float = 0.0
    refused: bool = False

    def written_at(self, running: int | None) -> float:
        """When what holds now was written; ``running``: the number of the transaction."""
        return self.at if running is not None and running == self.number else self.default_at


def failsafe_of(current: float | None, after: float) -> Failsafe | None:
    """What the site file asks for; None where it asks for nothing."""
    return None if current is None else Failsafe(current=current, after=after)


def own_limit_16(current: float | None, after: float) -> OwnLimit:
    """A station of OCPP 1.6 limits itself, if it has smart charging; many only take whole amperes."""
    return OwnLimit(failsafe=current, failsafe_timeout=float("inf") if current is None else after, certain=False)
