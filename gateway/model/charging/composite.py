"""The composite schedule: what all charging profiles of an EVSE together allow over time (OCPP 2.0.1 Part 2, K, 3.5).

Of each purpose the highest stack level that has a period counts; a TxProfile comes before every TxDefaultProfile; of
the purposes the lowest counts, and of local limits, too. Times are whole seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING

from gateway.model.charging.profile import Purpose, RateUnit
from gateway.model.charging.spans import Window, seconds, spans
from gateway.model.installation import NOMINAL_VOLTAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from gateway.model.charging.profile import ChargingPeriod, ChargingProfile
    from gateway.model.charging.spans import Span

ALL_PHASES = 3
"""What a period is meant for that does not say (K01.FR.49)."""

Row = list["Span"]

_RANK = {Purpose.TX: 1, Purpose.TX_DEFAULT: 0, Purpose.STATION_MAX: 0, Purpose.EXTERNAL_CONSTRAINTS: 0}
_GROUPS = ((Purpose.TX, Purpose.TX_DEFAULT), (Purpose.STATION_MAX,), (Purpose.EXTERNAL_CONSTRAINTS,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """How an EVSE is wired: what makes power of current."""

    phases: int = ALL_PHASES
    voltage: float = NOMINAL_VOLTAGE

    def converted(self, limit: float, phases: int | None, unit: RateUnit, wanted: RateUnit) -> float:
        """The limit of a period in another unit.

        A power is for all phases that the period is meant for (K01.FR.50), a current for each phase (K01.FR.51). Where
        fewer phases are wired, each of them gets no more than its part (K01.FR.45).
        """
        meant = phases or ALL_PHASES
        used = min(meant, self.phases)
        if unit is RateUnit.AMPERE:
            return limit if wanted is RateUnit.AMPERE else limit * (self.voltage * used)
        if wanted is RateUnit.AMPERE:
            return limit / (self.voltage * meant)
        return limit if used == meant else limit * used / meant

    def current(self, rate: float, unit: RateUnit) -> float:
        """What the EVSE draws of each of its phases when it charges at a rate."""
        return rate if unit is RateUnit.AMPERE else rate / (self.voltage * min(ALL_PHASES, self.phases))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A part of a composite schedule, from ``start`` s on until the next one starts; ``limit`` None: no limit."""

    start: int
    limit: float | None
    phases: int | None = None
    phase_to_use: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to compute.

    Attributes:
        start: The begin of the window; whole seconds count.
        duration: Its length in s.
        unit: What the limits are to be in.
        circuit: How the EVSE is wired.
        since: From when Relative schedules count: when the EVSE was ready to deliver energy; None: from ``start``.
        bounds: Further limits, in A per phase, that hold all the time.
        others: Further profiles, each of which counts, whatever its purpose and level.
    """

    start: datetime
    duration: int
    unit: RateUnit = RateUnit.AMPERE
    circuit: Circuit = Circuit()
    since: datetime | None = None
    bounds: tuple[float, ...] = ()
    others: tuple[ChargingProfile, ...] = ()

    @property
    def window(self) -> Window:
        """The window in whole seconds."""
        begin = seconds(self.start)
        return Window(begin=begin, length=self.duration, since=begin if self.since is None else seconds(self.since))


def composite(profiles: Iterable[ChargingProfile], question: Question) -> tuple[Slice, ...]:
    """The composite schedule of the profiles that hold at one EVSE.

    Args:
        profiles: Those of the EVSE, of the station, and the TxProfiles of its transaction; in any order.
        question: The window and how to count.

    Returns:
        Slices that cover the whole window, the first with ``start`` 0; none if the window is empty.
    """
    window, circuit, unit = question.window, question.circuit, question.unit
    if window.length <= 0:
        return ()

    def convert(period: ChargingPeriod, given: RateUnit) -> float:
        return circuit.converted(period.limit, period.phases, given, unit)

    given = list(profiles)
    rows = [_leading([p for p in given if p.purpose in group], window, convert) for group in _GROUPS]
    rows += [_leading([other], window, convert) for other in question.others]
    bounds = [circuit.converted(each, None, RateUnit.AMPERE, unit) for each in question.bounds]
    if bounds:
        rows.append([(0, window.length, min(bounds), None, None)])
    return lowest([row for row in rows if row], window.length)


def least(profiles: Iterable[ChargingProfile], question: Question) -> float:
    """The minChargingRate that counts at the start of the window: below it charging is not worth while (K01.FR.21).

    It is that of the profile which shows for the transaction, whatever other purposes allow.

    Returns:
        In A per phase; 0 where nothing is said.
    """
    profile = shown((p for p in profiles if p.purpose in _GROUPS[0]), question)
    if profile is None:
        return 0.0
    return question.circuit.current(profile.schedule.minimum or 0.0, profile.schedule.unit)


def shown(profiles: Iterable[ChargingProfile], question: Question) -> ChargingProfile | None:
    """Of profiles that hide each other, the one that counts at the start of the window; None: none of them does."""
    window = replace(question, duration=1).window
    ordered = sorted(profiles, key=_order, reverse=True)
    return next((p for p in ordered if spans(p, window, (0, 1), lambda period, _: period.limit)), None)


def _order(profile: ChargingProfile) -> tuple[int, int]:
    return _RANK[profile.purpose], profile.stack_level


def _leading(
    profiles: list[ChargingProfile], window: Window, convert: Callable[[ChargingPeriod, RateUnit], float]
) -> Row:
    """The spans of the highest profile at each time; a lower one shows where all above have none (K01.FR.17)."""
    profiles.sort(key=_order, reverse=True)
    shown: Row = []
    gaps = [(0, window.length)]
    for profile in profiles:
        gaps = _fill(shown, gaps, spans(profile, window, (gaps[0][0], gaps[-1][1]), convert))
        if not gaps:
            break
    shown.sort()
    return shown


def _fill(shown: Row, gaps: list[tuple[int, int]], row: Row) -> list[tuple[int, int]]:
    """Show spans where there are gaps; gives the gaps that are left."""
    left: list[tuple[int, int]] = []
    at, count = 0, len(row)
    for low, high in gaps:
        begin = low
        while at < count and row[at][1] <= low:
            at += 1
        here = at
        while here < count and row[here][0] < high:
            start, end, limit, phases, phase = row[here]
            start, end = max(start, begin), min(end, high)
            if start > begin:
                left.append((begin, start))
            shown.append((start, end, limit, phases, phase))
            begin = end
            here += 1
        if begin < high:
            left.append((begin, high))
    return left


def lowest(rows: Sequence[Row], length: int) -> tuple[Slice, ...]:
    """The lowest limit of several rows at each time; the fewest phases that one of them is meant for."""
    times = {0}
    for row in rows:
        for begin, end, *_ in row:
            times.add(begin)
            times.add(end)
    times.discard(length)
    cursors = [0] * len(rows)
    slices: list[Slice] = []
    last: tuple[float, int | None, int | None] | None = None
    for time in sorted(times):
        now = _at(rows, cursors, time)
        if now != last:
            limit, phases, phase = last = now
            slices.append(Slice(start=time, limit=None if limit == inf else limit, phases=phases, phase_to_use=phase))
    return tuple(slices)


def _at(rows: Sequence[Row], cursors: list[int], time: int) -> tuple[float, int | None, int | None]:
    limit, phases, phase = inf, None, None
    for number, row in enumerate(rows):
        at = cursors[number]
        while at < len(row) and row[at][1] <= time:
            at += 1
        cursors[number] = at
        if at < len(row) and row[at][0] <= time:
            _, _, this, of, use = row[at]
            limit = min(limit, this)
            if of is not None:
                phases = of if phases is None else min(phases, of)
            if use is not None:
                phase = use
    return limit, phases, phase
