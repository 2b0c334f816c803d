"""The most that a station may draw, as charging profiles of OCPP 1.6 (1.6, 3.13 and 5.16).

Two profiles with ids of their own on each connector: one for every transaction to come, one for the running one. They
lie one level below the highest, so that a backend that knows the station can still overrule them.

Where the site file names a fail-safe current, each of them says itself what comes after it: its second period is that
current, and it is written anew before that begins. One more profile, on the lowest level, has that current for a station
that has lost its clock. Otherwise they are "Relative", which needs no clock of the station.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from adapters.ocpp1x.failsafe import Held
from adapters.ocpp1x.features import Features
from adapters.ocpp1x.outcomes import outcome_of
from gateway.model.commands import ACCEPTED, Outcome, SetLimit
from gateway.model.installation import NOMINAL_VOLTAGE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.ocpp1x.fields import Fields, Value
    from adapters.ocpp1x.target import Target
    from gateway.model.transactions import Transaction

_FIRST_ID = 8000
_FALLBACK_ID = 7999
_STEP = Decimal("0.1")
"""A limit has one decimal at most (1.6, 7.13)."""
_GONE = ("Accepted", "Unknown")
_SLOW_CLOCK = timedelta(minutes=1)
"""How far a station's clock may be behind without a limit beginning later for it."""
_HIGHEST = 80.0
"""A per phase that a control pilot can offer (IEC 61851-1), where nobody has said what the wiring allows."""


async def set_limit(command: SetLimit, target: Target) -> Outcome:
    """SetChargingProfile or ClearChargingProfile on every connector of the place; the first refusal decides."""
    async with target.peer.limiting:
        for number in _numbers(command, target):
            outcome = await _set_one(number, command.current, target)
            if not outcome.accepted:
                return outcome
    return ACCEPTED


async def _set_one(number: int, current: float | None, target: Target) -> Outcome:
    if current is None and target.peer.failsafe is None:
        return await _take_back(number, target)
    return await give(number, rated(number, target) if current is None else current, target)


def rated(number: int, target: Target) -> float:
    """What the wiring of a connector allows, A per phase."""
    place = target.peer.connectors.place(number)
    outlet = target.peer.outlets.get((place.evse, place.connector))
    return (outlet.current if outlet else None) or _HIGHEST


def _numbers(command: SetLimit, target: Target) -> Iterable[int]:
    if command.place.evse:
        return target.peer.connectors.numbers(command.place)
    return target.numbers() or (0,)


async def give(number: int, current: float, target: Target) -> Outcome:
    """Limit a connector: its running transaction, and those to come."""
    running = running_at(number, target)
    # The running transaction first: it is the one that draws.
    if running is not None:
        outcome = await _write(number, current, target, running=running)
        if not outcome.accepted:
            return outcome
    outcome = await _write(number, current, target)
    if outcome.accepted:
        now = asyncio.get_running_loop().time()
        held = Held(current=current, default_at=now, number=running.number if running else None, at=now)
        target.peer.limits[number] = held
    return outcome


async def renew(number: int, held: Held, target: Target) -> Outcome:
    """Write once more what holds now: for the running transaction if there is one, else for those to come."""
    running, now = running_at(number, target), asyncio.get_running_loop().time()
    outcome = await _write(number, held.current, target, running=running)
    if outcome.accepted and running is not None:
        held.number, held.at = running.number, now
    elif outcome.accepted:
        held.default_at = now
    return outcome


async def write_fallback(current: float, target: Target) -> Outcome:
    """A profile for all connectors on the lowest level, without any time in it; where there is but one level, none."""
    if not _level(target):
        return ACCEPTED
    profile: Fields = {
        "chargingProfileId": _FALLBACK_ID,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": _in_unit([(0, current)], 0, target),
    }
    return await target.ask("SetChargingProfile", {"connectorId": 0, "csChargingProfiles": profile})


async def take_back_all(target: Target) -> Outcome:
    """Take everything back that may ever have been given; what was given since the start stays."""
    numbers = [number for number in target.numbers() if number not in target.peer.limits]
    for id_ in (_FALLBACK_ID, *(id_ for number in numbers for id_ in _ids(number))):
        answer = await target.call("ClearChargingProfile", {"id": id_})
        if answer.get("status") not in _GONE:
            return outcome_of(answer)
    return ACCEPTED


async def _take_back(number: int, target: Target) -> Outcome:
    target.peer.limits.pop(number, None)
    for id_ in _ids(number):
        answer = await target.call("ClearChargingProfile", {"id": id_})
        if answer.get("status") not in _GONE:
            return outcome_of(answer)
    return ACCEPTED


def running_at(number: int, target: Target) -> Transaction | None:
    """The transaction that runs at a connector."""
    place = target.peer.connectors.place(number)
    transaction = target.state.transaction_at(place.evse) if place.evse else None
    same = transaction is not None and transaction.connector == place.connector
    return transaction if same else None


def _ids(number: int) -> tuple[int, int]:
    """(for all transactions, for the running one)."""
    return _FIRST_ID + 2 * number, _FIRST_ID + 2 * number + 1


def _level(target: Target) -> int:
    features = target.peer.features or Features(profiles=frozenset())
    return max(features.stack_level - 1, 0)


async def _write(number: int, current: float, target: Target, *, running: Transaction | None = None) -> Outcome:
    profile: Fields = {
        "chargingProfileId": _ids(number)[0 if running is None else 1],
        "stackLevel": _level(target),
        "chargingProfilePurpose": "TxDefaultProfile" if running is None else "TxProfile",
        "chargingProfileKind": "Relative" if target.peer.failsafe is None else "Absolute",
        "chargingSchedule": _schedule(number, current, target),
    }
    if running is not None:
        profile["transactionId"] = running.number
    return await target.ask("SetChargingProfile", {"connectorId": number, "csChargingProfiles": profile})


def _schedule(number: int, current: float, target: Target) -> Fields:
    """The limit, without an end or up to the fail-safe current."""
    failsafe = target.peer.failsafe
    if failsafe is None:
        return _in_unit([(0, current)], number, target)
    start = target.hub.now().replace(microsecond=0) - _SLOW_CLOCK
    falls = int(_SLOW_CLOCK.total_seconds() + failsafe.after)
    return {"startSchedule": start, **_in_unit([(0, current), (falls, failsafe.current)], number, target)}


def _in_unit(steps: list[tuple[int, float]], number: int, target: Target) -> Fields:
    """Periods of (start in s, A per phase), rounded down, because a limit is never to be passed."""
    features = target.peer.features
    if features is None or not features.power:
        periods: list[Value] = [
            {"startPeriod": start, "limit": float(Decimal(str(amps)).quantize(_STEP, rounding=ROUND_DOWN))}
            for start, amps in steps
        ]
        return {"chargingRateUnit": "A", "chargingSchedulePeriod": periods}
    phases = target.peer.phases(target.peer.connectors.place(number))
    in_watts: list[Value] = [
        {
            "startPeriod": start,
            "limit": float(int(Decimal(str(amps)) * Decimal(NOMINAL_VOLTAGE) * phases)),
            "numberPhases": phases,
        }
        for start, amps in steps
    ]
    return {"chargingRateUnit": "W", "chargingSchedulePeriod": in_watts}
