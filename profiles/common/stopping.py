"""Tokens that end a transaction and need not be asked about for that (OCPP 2.0.1 Part 2, C09.FR.07, E07.FR.01)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.common.tokens import CACHE
from profiles.common.wire import flag

if TYPE_CHECKING:
    from gateway.contracts import Northbound
    from gateway.model.ids import Place
    from gateway.model.station import StationState
    from gateway.model.tokens import Authorization, Token
    from gateway.model.transactions import Transaction


async def stops(northbound: Northbound, place: Place, token: Token, known: Authorization) -> bool:
    """Tell whether a token that is known to be good ends what runs: it has begun it, or is of the same group.

    Args:
        northbound: The box.
        place: Where it is presented; evse 0: the station does not say. Then it is to stop only where nothing is free.
        token: The token.
        known: What cache or list say of it.
    """
    if not known.accepted:
        return False
    for transaction in _running(northbound.station(place.station), place.evse):
        if token.same_as(transaction.token):
            return True
        if known.group is not None and transaction.token is not None:
            group = await _group(northbound, place.station, transaction.token)
            if known.group.same_as(group):
                return True
    return False


def _running(state: StationState, evse: int) -> tuple[Transaction, ...]:
    """The transactions that a token may be meant to end."""
    free = [number for number in state.evses() if number and state.transaction_at(number) is None]
    if not evse and free:
        return ()
    return tuple(t for t in state.transactions if evse in {0, t.evse} and t.stop_cause is None)


async def _group(northbound: Northbound, station: str, token: Token) -> Token | None:
    """The group of a token, as list or cache have it; what is switched off is not looked into."""
    device = northbound.device(station)
    if flag(device, "LocalAuthListCtrlr", "Enabled"):
        _, entries = await northbound.tokens.local_list(station)
        listed = entries.get(token.unique)
        if listed is None and token.guessed:
            listed = next((each for each in entries.values() if token.same_as(each[0])), None)
        if listed is not None:
            return listed[1].group
    found = await northbound.tokens.recall(station, token) if flag(device, CACHE, "Enabled") else None
    return found[1].group if found is not None else None
