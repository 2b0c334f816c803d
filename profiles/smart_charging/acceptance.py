"""Whether a charging profile can be taken (OCPP 2.0.1 Part 2, K01)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from gateway.model.charging import Kind, Purpose
from gateway.model.throttle import Throttle
from profiles.smart_charging.variables import HIGHEST_LEVEL, MOST_PERIODS, MOST_PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gateway.contracts import Refusal
    from gateway.model.charging import ChargingPeriod, ChargingProfile, ChargingSchedule
    from gateway.model.limits.wiring import Wiring
    from gateway.model.station import StationState
    from profiles.smart_charging.book import Holdings, Installed

_PHASES = range(1, 4)

HIGHEST_LIMIT = 10**9
"""In A or W: whatever is more is no limit of a charging station."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a profile is judged by: the station, what it holds, and how its EVSEs are wired.

    ``reserved``: the ids of what is no profile of the backend.
    """

    state: StationState
    held: Holdings
    reserved: frozenset[int]
    wiring: Callable[[int], Wiring]

    def wirings(self, evse: int) -> tuple[Wiring, ...]:
        """The wiring of an EVSE (0: of each)."""
        return tuple(self.wiring(each) for each in ((evse,) if evse else filter(None, self.state.evses())))


def why_not(candidate: Installed, around: Circumstances) -> Refusal | None:
    """Why a profile cannot be installed: reason code and details; None if it can be."""
    profile, evse = candidate.profile, candidate.evse
    return (
        _place(evse, around.state)
        or _free(evse, around)
        or _purpose(profile, evse)
        or unfit(profile, around.wirings(evse))
        or _transaction(profile, evse, around.state)
        or _capacity(profile, around)
        or _conflict(candidate, around.held)
    )


def unfit(profile: ChargingProfile, wirings: Iterable[Wiring]) -> Refusal | None:
    """What is wrong with a profile itself, wherever it is to go."""
    schedule = profile.schedule
    if len(profile.schedules) > 1:
        return "InvalidProfile", "several schedules are for ISO 15118 only"  # K01.FR.34
    if not 0 <= profile.stack_level <= HIGHEST_LEVEL:
        return "InvalidStackLevel", f"0 to {HIGHEST_LEVEL}"
    if profile.kind is Kind.RECURRING and profile.recurrency is None:
        return "InvalidProfile", "a recurring profile needs recurrencyKind"
    if profile.valid_from is not None and profile.valid_to is not None and profile.valid_to <= profile.valid_from:
        return "InvalidProfile", "validTo is not after validFrom"
    if (profile.kind is Kind.RELATIVE) is not (schedule.start is None):
        return "InvalidSchedule", "startSchedule: needed unless the profile is Relative, and not then"  # K01.FR.40, 41
    if len(schedule.periods) > MOST_PERIODS:
        return "TooManyElements", f"at most {MOST_PERIODS} periods"
    fault = next(_schedule_faults(schedule), None)
    if fault is not None:
        return "InvalidSchedule", fault
    return _phases(schedule.periods, [wiring for wiring in wirings if not wiring.direct])


def _free(evse: int, around: Circumstances) -> Refusal | None:
    """A promise that nothing keeps is none: what cannot be held down takes no profile of its own."""
    if evse and around.wiring(evse).throttle is Throttle.NONE:
        return "UnsupportedParam", "nothing limits this EVSE"
    return None


def _schedule_faults(schedule: ChargingSchedule) -> Iterator[str]:
    periods = schedule.periods
    if periods[0].start:
        yield "the first startPeriod is not 0"  # K01.FR.31
    if any(later.start <= earlier.start for earlier, later in pairwise(periods)):
        yield "the periods are not in the order of their startPeriod"  # K01.FR.35
    if schedule.duration is not None and schedule.duration < 1:
        yield "duration is not above 0"
    if not all(0 <= period.limit <= HIGHEST_LIMIT for period in periods):
        yield f"a limit is 0 to {HIGHEST_LIMIT}"


def _phases(periods: Iterable[ChargingPeriod], wirings: list[Wiring]) -> Refusal | None:
    """Phases are of AC only (K01.FR.44); with fewer of them than are wired nobody can be sure to charge (K01.FR.43)."""
    if not wirings:
        return None
    # A station with EVSEs of different kinds has to be sure of each.
    wired = max(wiring.phases or len(_PHASES) for wiring in wirings)
    for period in periods:
        if period.phases is not None and period.phases not in _PHASES:
            return "InvalidSchedule", "numberPhases is 1 to 3"
        if period.phase_to_use is not None:
            # K01.FR.19, K01.FR.20, K01.FR.48: no station tells or selects the phase.
            return "InvalidSchedule", "phaseToUse: ACPhaseSwitchingSupported is false"
        if period.phases is not None and period.phases < wired:
            return "InvalidSchedule", f"the station may use {wired} phases"
    return None


def _place(evse: int, state: StationState) -> Refusal | None:
    if evse and evse not in state.evses():
        return "UnknownEvse", ""  # K01.FR.28
    return None


def _purpose(profile: ChargingProfile, evse: int) -> Refusal | None:
    match profile.purpose:
        case Purpose.EXTERNAL_CONSTRAINTS:
            return "InvalidProfile", "ChargingStationExternalConstraints is not the backend's to set"  # K01.FR.22
        case Purpose.STATION_MAX if evse:
            return "InvalidProfile", "ChargingStationMaxProfile is for EVSE 0"  # K04.FR.03
        case Purpose.STATION_MAX if profile.kind is Kind.RELATIVE:
            return "InvalidProfile", "ChargingStationMaxProfile cannot be Relative"  # K01.FR.38
        case Purpose.TX if not evse:
            return "InvalidProfile", "TxProfile is for one EVSE"  # K01.FR.16
        case Purpose.TX if profile.transaction is None:
            return "MissingParam", "a TxProfile needs a transactionId"  # K01.FR.03
        case Purpose.TX_DEFAULT | Purpose.STATION_MAX if profile.transaction is not None:
            return "InvalidProfile", "transactionId is for TxProfile only"
    return None


def _transaction(profile: ChargingProfile, evse: int, state: StationState) -> Refusal | None:
    if profile.purpose is not Purpose.TX:
        return None
    known = state.transaction(profile.transaction or "")
    if known is None:
        return "TxNotFound", ""  # K01.FR.09, K01.FR.33
    if known.evse not in {0, evse}:
        return "TxNotFound", f"it runs on EVSE {known.evse}"
    return None


def _capacity(profile: ChargingProfile, around: Circumstances) -> Refusal | None:
    installed = around.held.installed
    if profile.id in around.reserved:
        return "InvalidProfile", "the id of a limit that is not the backend's"  # K01.FR.05
    if profile.id not in installed and len(installed) >= MOST_PROFILES:
        return "OutOfStorage", f"at most {MOST_PROFILES} charging profiles"
    return None


def _conflict(candidate: Installed, held: Holdings) -> Refusal | None:
    """Two profiles must not claim the same stack level of the same purpose at the same time."""
    clash = next((each for each in held.installed.values() if _clash(candidate, each)), None)
    return ("DuplicateProfile", f"charging profile {clash.profile.id}") if clash else None


def _clash(new: Installed, old: Installed) -> bool:
    one, other = new.profile, old.profile
    if one.id == other.id or one.purpose is not other.purpose or one.stack_level != other.stack_level:
        return False
    if one.purpose is Purpose.TX:
        return one.transaction == other.transaction  # K01.FR.39
    if one.purpose is Purpose.TX_DEFAULT and (new.evse == 0) is not (old.evse == 0):
        return True  # K01.FR.52, K01.FR.53
    return new.evse == old.evse and _overlap(one, other)  # K01.FR.06


def _overlap(one: ChargingProfile, other: ChargingProfile) -> bool:
    """Tell whether two profiles are valid at the same time."""
    begins_in_time = other.valid_to is None or one.valid_from is None or one.valid_from < other.valid_to
    ends_late = one.valid_to is None or other.valid_from is None or other.valid_from < one.valid_to
    return begins_in_time and ends_late
