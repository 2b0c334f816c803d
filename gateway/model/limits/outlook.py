"""What the EVSEs of a station may draw, now and later: its charging profiles and the limits of others together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor
from typing import TYPE_CHECKING

from gateway.model.charging import Circuit, Claim, Purpose, Question, RateUnit, composite, least, shared, shown, total
from gateway.model.evse import ConnectorStatus
from gateway.model.limits.foreign import constraint
from gateway.model.limits.wiring import operator_limits, wiring_of
from gateway.model.station import Capability
from gateway.model.throttle import Throttle
from gateway.model.transactions import ChargingState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from gateway.model.charging import ChargingProfile, Slice
    from gateway.model.device import DeviceModel
    from gateway.model.installation import Installation
    from gateway.model.limits.allowances import Allowances
    from gateway.model.limits.wiring import Wiring
    from gateway.model.station import StationState
    from gateway.model.transactions import Transaction

HORIZON = 120
"""Seconds that are looked ahead for the next change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A charging profile that counts, and the A per phase that it leaves."""

    profile: ChargingProfile
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """All that decides, at one moment. ``device`` is what the operator has set there."""

    state: StationState
    allowed: Allowances
    installation: Installation
    device: DeviceModel
    now: datetime

    @property
    def evses(self) -> tuple[int, ...]:
        """The station's EVSEs; 0 is the station itself."""
        return tuple(evse for evse in self.state.evses() if evse)

    def wiring(self, evse: int) -> Wiring:
        """How an EVSE is wired."""
        return wiring_of(self.installation, evse)

    def without(self, holder: str) -> Outlook:
        """All that decides but the limits of one holder; the same object where it has none."""
        left = tuple(held for held in self.state.limits if held.holder != holder)
        return self if left == self.state.limits else replace(self, state=replace(self.state, limits=left))

    def composite(self, evse: int, duration: int, unit: RateUnit, *, fixed: bool) -> tuple[Slice, ...]:
        """The composite schedule of an EVSE from now on.

        Without a transaction it is as if one began now (K08.FR.06). ``fixed``: with what the EVSE is built for and its operator
        allows, too.
        """
        question = self._question(evse, duration, unit)
        most = self._most(evse) if fixed else None
        if most is not None:
            question = replace(question, bounds=(*question.bounds, most))
        return composite(self._profiles(evse), question)

    def by_purpose(self, evse: int, purpose: Purpose) -> Shown | None:
        """Which of the profiles of one purpose counts at an EVSE now, and what it alone leaves it."""
        return self._alone(evse, [p for p in self._profiles(evse) if p.purpose is purpose])

    def by_others(self, evse: int) -> float | None:
        """What others than the backend leave an EVSE now, in A per phase."""
        return composite((), self._question(evse, 1, RateUnit.AMPERE))[0].limit

    def _question(self, evse: int, duration: int, unit: RateUnit) -> Question:
        """With the limits of others, that is, for EVSE 0, those of the station itself."""
        running = self.state.transaction_at(evse) if evse else None
        limits = [held for held in self.state.limits if held.evse in {0, evse}]
        return Question(
            start=self.now,
            duration=duration,
            unit=unit,
            circuit=self.wiring(evse).circuit if evse else self._circuit(),
            since=ready_at(running.id, self.allowed, self.state) if running else None,
            bounds=tuple(held.current for held in limits if held.current is not None),
            others=tuple(constraint(held.schedule) for held in limits if held.schedule is not None),
        )

    def _circuit(self) -> Circuit:
        """What the station has to share: the phases of the EVSE with most of them."""
        phases = [wiring.phases for evse in self.evses if (wiring := self.wiring(evse)).phases]
        return Circuit(phases=max(phases)) if phases else Circuit()

    def station(self, duration: int, unit: RateUnit) -> tuple[Slice, ...]:
        """What all EVSEs together may draw from now on."""
        profiles = (p for p in self._of(0) if p.purpose is Purpose.STATION_MAX)
        return composite(profiles, self._question(0, duration, unit))

    def station_max(self) -> Shown | None:
        """Which of the backend's ChargingStationMaxProfiles counts now, and what it leaves all EVSEs together."""
        return self._alone(0, [p for p in self._of(0) if p.purpose is Purpose.STATION_MAX])

    def _alone(self, evse: int, profiles: Sequence[ChargingProfile]) -> Shown | None:
        """What profiles that hide each other leave an EVSE now, whatever others allow."""
        if not profiles:
            return None
        question = replace(self._question(evse, 1, RateUnit.AMPERE), bounds=(), others=())
        found = shown(profiles, question)
        limit = None if found is None else composite([found], question)[0].limit
        return None if found is None or limit is None else Shown(profile=found, limit=limit)

    def total(self, duration: int, unit: RateUnit) -> tuple[Slice, ...]:
        """What the station is expected to draw from now on, every EVSE in use (K08.FR.03)."""
        parts = [self.composite(evse, duration, unit, fixed=True) for evse in self.evses]
        return total(parts, self.station(duration, unit))

    def limits(self) -> tuple[dict[int, float | None], int]:
        """What each EVSE may draw now (A per phase; None: no limit), and for how many seconds that holds at least."""
        schedules = {evse: self.composite(evse, HORIZON, RateUnit.AMPERE, fixed=False) for evse in self.evses}
        found = {evse: schedules[evse][0].limit for evse in self.evses}
        rows = list(schedules.values())
        if len(schedules) > 1:
            whole = self.station(HORIZON, RateUnit.AMPERE)
            rows.append(whole)
            if whole[0].limit is not None:
                found = self._shared(whole[0].limit, found)
        until = min((row[1].start for row in rows if len(row) > 1), default=HORIZON)
        told = {evse: limit for evse, limit in found.items() if self.wiring(evse).throttle is not Throttle.NONE}
        return {evse: None if limit is None else tenths(limit) for evse, limit in told.items()}, until

    def _shared(self, whole: float, own: dict[int, float | None]) -> dict[int, float | None]:
        """The station's limit is for all of its EVSEs combined (K04.FR.05); who came first is served first.

        An EVSE that nothing holds down may draw all that it is built for at any time: the others share the rest.
        """
        free = [evse for evse in own if self.wiring(evse).throttle is Throttle.NONE]
        whole = max(whole - sum(self.wiring(evse).current or 0.0 for evse in free), 0.0)
        own = {evse: limit for evse, limit in own.items() if evse not in free}
        order = sorted(own, key=lambda evse: (self._since(evse) is None, self._since(evse) or self.now, evse))
        claims = [self._claim(evse, own[evse]) for evse in order]
        return dict(zip(order, shared(whole, claims), strict=True))

    def _claim(self, evse: int, own: float | None) -> Claim:
        question = self._question(evse, 1, RateUnit.AMPERE)
        return Claim(
            limit=self._most(evse, own),
            active=self._in_use(evse),
            priority=self._priority(self.state.transaction_at(evse)),
            least=least(self._profiles(evse), question),
        )

    def _priority(self, running: Transaction | None) -> int:
        """Of a transaction (K03.FR.06); one whose vehicle takes nothing does not keep any other from charging."""
        own = 0 if running is None else self._told(running)
        if running is None or running.charging_state is not ChargingState.SUSPENDED_EV:
            return own
        others = [self._told(t) for t in self.state.transactions if t.charging_state is not ChargingState.SUSPENDED_EV]
        return min([own, *others])

    def _told(self, running: Transaction) -> int:
        return self.allowed.priorities.get(running.id, 0)

    def _since(self, evse: int) -> datetime | None:
        running = self.state.transaction_at(evse)
        return running.started_at if running else None

    def _most(self, evse: int, own: float | None = None) -> float | None:
        """What an EVSE may draw by its own limit, but no more than it is built for and its operator allows."""
        known = (own, self.wiring(evse).current, operator_limits(self.device, (evse,)).get(evse))
        return min((each for each in known if each is not None), default=None)

    def _in_use(self, evse: int) -> bool:
        occupied = any(c.evse == evse and c.reported is ConnectorStatus.OCCUPIED for c in self.state.connectors)
        return occupied or self.state.transaction_at(evse) is not None

    def _profiles(self, evse: int) -> Iterable[ChargingProfile]:
        """Those that count at an EVSE: its own, the station's, and those of the transaction that runs there."""
        running = self.state.transaction_at(evse)
        for profile in (*self._of(evse), *self._of(0)):
            if profile.purpose is not Purpose.TX or (running is not None and profile.transaction == running.id):
                yield profile

    def _of(self, evse: int) -> Iterable[ChargingProfile]:
        return self.allowed.profiles.get(evse, ())


def ready_at(transaction: str, allowed: Allowances, state: StationState) -> datetime | None:
    """When the EVSE of an open transaction was ready to deliver energy (K01.FR.42); None if it is not yet.

    A station that runs its own transactions begins them at that moment (TxStartPoint is PowerPathClosed).
    """
    if Capability.BOX_SESSIONS in state.capabilities:
        return allowed.ready.get(transaction)
    running = state.transaction(transaction)
    return running.started_at if running else None


def tenths(limit: float) -> float:
    """A limit with one decimal at most (Part 2, 2.11), rounded down; what binary fractions lack is not taken away."""
    return floor(limit * 10 + 1e-6) / 10
