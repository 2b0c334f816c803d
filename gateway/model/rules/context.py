"""What the rules need to know of the world besides the state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gateway.model.changes import Change
    from gateway.model.station import StationState
    from gateway.model.transactions import Transaction

CLOCK_GRAIN = timedelta(seconds=1)
"""Stations stamp whole seconds; a live event may seem up to that much older than it is."""

FUTURE_LIMIT = timedelta(minutes=5)
"""A time further ahead than this is a wrong clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The box's clock and the state of its way to the backend.

    ``online_since`` is None while the backend is away. ``offline_threshold`` is OfflineThreshold: what arrives later
    than that after its time was kept by the station while it could not reach the box.
    """

    now: datetime
    online_since: datetime | None
    offline_threshold: timedelta
    new_id: Callable[[], str]
    new_number: Callable[[], int]

    def offline(self, at: datetime) -> bool:
        """Tell whether an event of that time happened while the station could not tell the backend."""
        if self.online_since is None or at < self.online_since - CLOCK_GRAIN:
            return True
        return self.now - at > self.offline_threshold + CLOCK_GRAIN

    def plausible(self, at: datetime, *, not_before: datetime | None = None) -> datetime:
        """The time itself, or the box's where it cannot be: ahead of now, or before what it has to follow."""
        if at > self.now + FUTURE_LIMIT or (not_before is not None and at < not_before):
            return max(self.now, not_before) if not_before is not None else self.now
        return at


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The new state, what has changed, and the transactions whose record has to be written."""

    state: StationState
    changes: tuple[Change, ...] = ()
    transactions: tuple[Transaction, ...] = field(default=())

    def then(self, other: Applied) -> Applied:
        """This result followed by another that was made from its state."""
        return Applied(
            state=other.state,
            changes=self.changes + other.changes,
            transactions=self.transactions + other.transactions,
        )
