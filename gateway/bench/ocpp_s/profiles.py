"""The charging profiles that a simulated station holds, and the limit that follows from them (OCPP 1.6, 3.13)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

MAX, DEFAULT, OWN = "ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"
LEAST_CURRENT = 6.0
"""Below this no car charges (IEC 61851-1): a lower limit is a pause. In A."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From ``start`` seconds into the schedule no more than ``limit``."""

    start: int
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A charging profile; ``starts_at`` None: with the transaction. ``in_watts``: limits are W, else A."""

    id: int
    connector: int
    purpose: str
    stack: int
    periods: tuple[Period, ...]
    in_watts: bool = False
    starts_at: datetime | None = None
    duration: int | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def limit(self, now: datetime, begun: datetime | None) -> float | None:
        """The limit that it sets now, in its own unit; None for none. ``begun``: when the transaction began."""
        start = self.starts_at or begun
        if start is None or now < start:
            return None
        if (self.valid_from and now < self.valid_from) or (self.valid_to and now >= self.valid_to):
            return None
        passed = (now - start).total_seconds()
        if self.duration is not None and passed >= self.duration:
            return None
        return next((period.limit for period in reversed(self.periods) if period.start <= passed), None)

    def edges(self, begun: datetime | None) -> Iterator[datetime]:
        """When its limit may change."""
        yield from (at for at in (self.valid_from, self.valid_to) if at is not None)
        start = self.starts_at or begun
        if start is not None:
            yield from (start + timedelta(seconds=period.start) for period in self.periods)
            if self.duration is not None:
                yield start + timedelta(seconds=self.duration)


@dataclass(slots=True, kw_only=True)
class Profiles:
    """All that the station holds."""

    held: list[Profile] = field(default_factory=list)

    def install(self, profile: Profile) -> None:
        """Take a profile; it replaces one with its id, or with its place, purpose and stack level."""
        place = (profile.connector, profile.purpose, profile.stack)
        self.held[:] = [
            other
            for other in self.held
            if other.id != profile.id and (other.connector, other.purpose, other.stack) != place
        ]
        self.held.append(profile)

    def clear(self, *, id_: int | None, connector: int | None, purpose: str, stack: int | None) -> bool:
        """Drop what fits all that is given; an id alone decides. False if nothing does."""

        def fits(profile: Profile) -> bool:
            if id_ is not None:
                return profile.id == id_
            return (
                connector in (None, profile.connector)
                and purpose in ("", profile.purpose)
                and stack in (None, profile.stack)
            )

        kept = [profile for profile in self.held if not fits(profile)]
        found = len(kept) < len(self.held)
        self.held[:] = kept
        return found

    def end(self, connector: int) -> None:
        """Drop the profiles of a transaction that has ended."""
        self.held[:] = [profile for profile in self.held if (profile.connector, profile.purpose) != (connector, OWN)]

    def limit(self, connector: int, now: datetime, begun: datetime | None, *, volts: float) -> float | None:
        """The limit of a connector in A per phase; None for none.

        Args:
            connector: its number.
            now: station time.
            begun: when its transaction began, None without one.
            volts: the voltages of all phases together, to make amperes of watts.
        """
        # A transaction's own profile takes the place of the default.
        owned = any((profile.purpose, profile.connector) == (OWN, connector) for profile in self.held)
        tops = [self._top(purpose, connector, now, begun, volts) for purpose in (MAX, OWN if owned else DEFAULT)]
        lowest = min((top for top in tops if top is not None), default=None)
        return 0.0 if lowest is not None and lowest < LEAST_CURRENT else lowest

    def _top(self, purpose: str, connector: int, now: datetime, begun: datetime | None, volts: float) -> float | None:
        """What the highest profile of a purpose that holds now allows, in A."""
        limits = {
            profile.stack: limit / volts if profile.in_watts else limit
            for profile in self.held
            if profile.purpose == purpose and profile.connector in (0, connector)
            for limit in (profile.limit(now, begun),)
            if limit is not None
        }
        return limits[max(limits)] if limits else None

    def next_edge(self, now: datetime, begun: datetime | None) -> datetime | None:
        """When a limit may change next."""
        return min((at for profile in self.held for at in profile.edges(begun) if at > now), default=None)
