"""What becomes of kept charging profiles as transactions begin and end. Pure."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from gateway.model.charging import Purpose
from gateway.model.station import Capability
from gateway.model.transactions import ChargingState
from profiles.smart_charging.book import Installed
from profiles.smart_charging.precedence import following

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gateway.model.station import StationState
    from gateway.model.transactions import Transaction
    from profiles.smart_charging.book import Holdings, Start

NOBODY: Mapping[str, int] = MappingProxyType({})
"""No token has a priority."""


def tidied(held: Holdings, state: StationState, now: datetime, presented: Mapping[str, int] = NOBODY) -> Holdings:
    """What is kept, as it has to be in this state; the same object if nothing has to change.

    A TxProfile goes with its transaction (K02.FR.05); the profile of a remote start becomes that of the transaction
    which the start has begun (F01.FR.10), the priority of a token (``presented``, by its key) that of its transaction.
    """
    new = _begun(_over(held, state, now), state)
    ready, precedence = _ready(new, state, now), following(new.precedence, state, presented)
    same = ready == new.ready and precedence == new.precedence
    return new if same else replace(new, ready=ready, precedence=precedence)


def _over(held: Holdings, state: StationState, now: datetime) -> Holdings:
    gone = {
        id_
        for id_, each in held.installed.items()
        if each.profile.purpose is Purpose.TX and state.transaction(each.profile.transaction or "") is None
    }
    lapsed = {id_ for id_, start in held.starts.items() if start.expires_at <= now and _begun_by(start, state) is None}
    if not gone and not lapsed:
        return held
    return replace(
        held,
        installed={id_: each for id_, each in held.installed.items() if id_ not in gone},
        starts={id_: start for id_, start in held.starts.items() if id_ not in lapsed},
    )


def _begun(held: Holdings, state: StationState) -> Holdings:
    for id_, start in held.starts.items():
        transaction = _begun_by(start, state)
        if transaction is not None:
            bound = _bound(start, transaction)
            others = {key: each for key, each in held.installed.items() if not _same_place(each, bound)}
            starts = {key: each for key, each in held.starts.items() if key != id_}
            return _begun(replace(held, installed={**others, bound.profile.id: bound}, starts=starts), state)
    return held


def _begun_by(start: Start, state: StationState) -> Transaction | None:
    return next((t for t in state.transactions if t.remote_start_id == start.remote_start_id), None)


def _bound(start: Start, transaction: Transaction) -> Installed:
    evse = transaction.evse or start.installed.evse
    return Installed.of(evse, {**start.installed.wire, "transactionId": transaction.id})


def _same_place(one: Installed, other: Installed) -> bool:
    """The profile of a start replaces what has its id, and what its transaction has at its stack level."""
    same_level = one.profile.stack_level == other.profile.stack_level
    return one.profile.id == other.profile.id or (one.profile.transaction == other.profile.transaction and same_level)


def _ready(held: Holdings, state: StationState, now: datetime) -> dict[str, datetime]:
    """When each open transaction could first charge: authorized, with a vehicle connected. Only the box knows that."""
    if Capability.BOX_SESSIONS not in state.capabilities:
        return {}
    return {
        t.id: held.ready.get(t.id, now)
        for t in state.transactions
        if t.id in held.ready or (t.token is not None and t.charging_state is not ChargingState.IDLE)
    }
