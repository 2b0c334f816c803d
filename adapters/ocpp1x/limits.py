"""The most that a station may draw, as charging profiles of OCPP 1.6 (1.6, 3.13 and 5.16).

Two profiles with ids of their own on each connector: one for every transaction to come, one for the running one. They
lie one level below the highest, so that a backend that knows the station can still overrule them. "Relative" needs no
clock of the station.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from adapters.ocpp1x.features import Features
from adapters.ocpp1x.outcomes import outcome_of
from gateway.model.commands import ACCEPTED, Outcome, SetLimit
from gateway.model.installation import NOMINAL_VOLTAGE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.ocpp1x.fields import Fields
    from adapters.ocpp1x.target import Target
    from gateway.model.transactions import Transaction

_FIRST_ID = 8000
_STEP = Decimal("0.1")
"""A limit has one decimal at most (1.6, 7.13)."""
_GONE = ("Accepted", "Unknown")


async def set_limit(command: SetLimit, target: Target) -> Outcome:
    """SetChargingProfile or ClearChargingProfile on every connector of the place; the first refusal decides."""
    for number in _numbers(command, target):
        outcome = await (
            _take_back(number, target) if command.current is None else _give(number, command.current, target)
        )
        if not outcome.accepted:
            return outcome
    return ACCEPTED


def _numbers(command: SetLimit, target: Target) -> Iterable[int]:
    if command.place.evse:
        return target.peer.connectors.numbers(command.place)
    return target.numbers() or (0,)


async def _give(number: int, current: float, target: Target) -> Outcome:
    running = _running(number, target)
    schedule = _schedule(number, current, target)
    # The running transaction first: it is the one that draws.
    if running is not None:
        outcome = await target.ask(
            "SetChargingProfile", _request(number, "TxProfile", schedule, target, transaction=running.number)
        )
        if not outcome.accepted:
            return outcome
    return await target.ask("SetChargingProfile", _request(number, "TxDefaultProfile", schedule, target))


async def _take_back(number: int, target: Target) -> Outcome:
    for id_ in _ids(number):
        answer = await target.call("ClearChargingProfile", {"id": id_})
        if answer.get("status") not in _GONE:
            return outcome_of(answer)
    return ACCEPTED


def _running(number: int, target: Target) -> Transaction | None:
    place = target.peer.connectors.place(number)
    transaction = target.state.transaction_at(place.evse) if place.evse else None
    same = transaction is not None and transaction.connector == place.connector
    return transaction if same else None


def _ids(number: int) -> tuple[int, int]:
    """(for all transactions, for the running one)."""
    return _FIRST_ID + 2 * number, _FIRST_ID + 2 * number + 1


def _request(number: int, purpose: str, schedule: Fields, target: Target, *, transaction: int | None = None) -> Fields:
    features = target.peer.features or Features(profiles=frozenset())
    profile: Fields = {
        "chargingProfileId": _ids(number)[0 if transaction is None else 1],
        "stackLevel": max(features.stack_level - 1, 0),
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": schedule,
    }
    if transaction is not None:
        profile["transactionId"] = transaction
    return {"connectorId": number, "csChargingProfiles": profile}


def _schedule(number: int, current: float, target: Target) -> Fields:
    """One period without an end; rounded down, because a limit is never to be passed."""
    features = target.peer.features
    if features is not None and features.power:
        phases = target.peer.phases(target.peer.connectors.place(number))
        watts = int(Decimal(str(current)) * Decimal(NOMINAL_VOLTAGE) * phases)
        return {
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": float(watts), "numberPhases": phases}],
        }
    limit = float(Decimal(str(current)).quantize(_STEP, rounding=ROUND_DOWN))
    return {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}]}
