"""The composite schedule once more, second by second, as OCPP 2.0.1 words it; and profiles to try it on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from gateway.model.charging import (
    ChargingPeriod,
    ChargingProfile,
    ChargingSchedule,
    Kind,
    Purpose,
    RateUnit,
    Recurrency,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.model.charging import Question

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
_PERIOD = {Recurrency.DAILY: timedelta(days=1), Recurrency.WEEKLY: timedelta(days=7)}


def period_at(profile: ChargingProfile, at: datetime, since: datetime) -> ChargingPeriod | None:
    """The period that a profile has at a time."""
    if profile.valid_from is not None and at < profile.valid_from:
        return None
    if profile.valid_to is not None and at >= profile.valid_to:
        return None
    schedule = profile.schedule
    start = since if profile.kind is Kind.RELATIVE or schedule.start is None else schedule.start
    passed = at - start
    if passed < timedelta(0):
        return None
    if profile.kind is Kind.RECURRING:
        passed %= _PERIOD[profile.recurrency or Recurrency.DAILY]
    elapsed = passed.total_seconds()
    if schedule.duration is not None and elapsed >= schedule.duration:
        return None
    begun = [period for period in schedule.periods if period.start <= elapsed]
    return begun[-1] if begun else None


def leading(
    profiles: Iterable[ChargingProfile], purpose: Purpose, at: datetime, since: datetime
) -> tuple[ChargingPeriod, RateUnit] | None:
    """The period of the highest stack level of a purpose at a time."""
    here = [p for p in profiles if p.purpose is purpose]
    for profile in sorted(here, key=lambda p: p.stack_level, reverse=True):
        period = period_at(profile, at, since)
        if period is not None:
            return period, profile.schedule.unit
    return None


def limit_at(profiles: Iterable[ChargingProfile], question: Question, at: datetime) -> tuple[float | None, int | None]:
    """(limit, phases) at a time."""
    profiles = list(profiles)
    since = question.since or question.start
    own = leading(profiles, Purpose.TX, at, since) or leading(profiles, Purpose.TX_DEFAULT, at, since)
    others = [leading(profiles, p, at, since) for p in (Purpose.STATION_MAX, Purpose.EXTERNAL_CONSTRAINTS)]
    others += [leading([each], each.purpose, at, since) for each in question.others]
    limits = []
    phases = []
    for period, unit in (each for each in (own, *others) if each is not None):
        meant = period.phases or 3
        wires = min(meant, question.circuit.phases)
        amperes = period.limit if unit is RateUnit.AMPERE else period.limit / (question.circuit.voltage * meant)
        watts = period.limit * wires / meant
        if unit is RateUnit.AMPERE:
            watts = period.limit * (question.circuit.voltage * wires)
        limits.append(amperes if question.unit is RateUnit.AMPERE else watts)
        if period.phases is not None:
            phases.append(period.phases)
    for bound in question.bounds:
        power = bound * (question.circuit.voltage * min(3, question.circuit.phases))
        limits.append(bound if question.unit is RateUnit.AMPERE else power)
    return min(limits, default=None), min(phases, default=None)


def moments() -> st.SearchStrategy[datetime]:
    """Times around noon, mostly near."""
    near = st.integers(-300, 300)
    far = st.integers(-9 * 86_400, 2 * 86_400)
    return (near | far).map(lambda s: NOON + timedelta(seconds=s))


def least_at(profiles: Iterable[ChargingProfile], question: Question, at: datetime) -> float:
    """minChargingRate, in A, of the profile that a transaction follows at a time."""
    since = question.since or question.start
    for purpose in (Purpose.TX, Purpose.TX_DEFAULT):
        here = [p for p in profiles if p.purpose is purpose and period_at(p, at, since) is not None]
        if here:
            schedule = max(here, key=lambda p: p.stack_level).schedule
            power = question.circuit.voltage * min(3, question.circuit.phases)
            return (schedule.minimum or 0.0) / (1 if schedule.unit is RateUnit.AMPERE else power)
    return 0.0


@st.composite
def schedules(draw: st.DrawFn, kind: Kind) -> ChargingSchedule:
    """A schedule with periods in order, some of them past its duration."""
    offsets = draw(st.lists(st.integers(0, 200) | st.integers(0, 200_000), min_size=1, max_size=5, unique=True))
    unit = draw(st.sampled_from(RateUnit))
    limit = st.sampled_from([0.0, 6.0, 8.5, 16.0, 32.0] if unit is RateUnit.AMPERE else [0.0, 1400.0, 3680.0, 11_040.0])
    periods = tuple(
        ChargingPeriod(start=offset, limit=draw(limit), phases=draw(st.none() | st.integers(1, 3)))
        for offset in sorted(offsets)
    )
    return ChargingSchedule(
        id=1,
        unit=unit,
        periods=periods,
        start=None if kind is Kind.RELATIVE else draw(moments()),
        duration=draw(st.none() | st.integers(1, 400) | st.integers(1, 700_000)),
        minimum=draw(st.none() | st.sampled_from([6.0, 10.0, 4600.0])),
    )


@st.composite
def profiles(draw: st.DrawFn) -> ChargingProfile:
    """Any profile that a station would take."""
    kind = draw(st.sampled_from(Kind))
    return ChargingProfile(
        id=draw(st.integers(-5, 1000)),
        stack_level=0,
        purpose=draw(st.sampled_from(Purpose)),
        kind=kind,
        recurrency=draw(st.sampled_from(Recurrency)) if kind is Kind.RECURRING else None,
        valid_from=draw(st.none() | moments()),
        valid_to=draw(st.none() | moments()),
        schedules=(draw(schedules(kind)),),
    )


@st.composite
def stacks(draw: st.DrawFn) -> list[ChargingProfile]:
    """Profiles without two of the same purpose at the same stack level."""
    found = draw(st.lists(profiles(), max_size=8))
    levels = draw(st.permutations(range(len(found))))
    return [
        ChargingProfile(
            id=p.id, stack_level=level, purpose=p.purpose, kind=p.kind, recurrency=p.recurrency,
            valid_from=p.valid_from, valid_to=p.valid_to, schedules=p.schedules,
        )
        for p, level in zip(found, levels, strict=True)
    ]  # fmt: skip
