"""What a vehicle in the parking bay does to a session (E01, scenario 1; E06, scenario 1)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.session.policy import TxPoint
from gateway.model.tokens import TokenType
from gateway.model.transactions import STOPPED_BY_DEPARTURE, STOPPED_BY_UNPLUGGING, StopCause, TriggerReason

if TYPE_CHECKING:
    from gateway.model.session.state import Running
    from gateway.model.session.turn import Turn


def changed(turn: Turn, *, occupied: bool) -> None:
    """A vehicle has come, or has gone."""
    before, running = turn.session.bay, turn.session.running
    if occupied is before:
        return
    turn.session = replace(turn.session, bay=occupied, stays=turn.session.stays and occupied)
    known = before is not None
    if occupied:
        turn.settle(TriggerReason.EV_DETECTED if known or running is None else None)
    elif running is not None and known and _ends(turn):
        turn.end(late(running, STOPPED_BY_DEPARTURE))
    else:
        turn.settle(TriggerReason.EV_DEPARTED if known else None)


def _ends(turn: Turn) -> bool:
    """The transaction ends with that: by its stop points, or because nothing is left whose end would end it."""
    session = turn.session
    return TxPoint.PARKING_BAY_OCCUPANCY in turn.policy.stops or (session.grant is None and not session.seen.plugged)


def unplugged(turn: Turn) -> None:
    """The cable has been unplugged in a transaction that only ends when the car leaves: its authorization ends (E09)."""
    session, running = turn.session, turn.session.running
    if running is None:
        return
    cause, said = None, len(turn.actions)
    if session.grant is not None:
        turn.let_go_of_cable(STOPPED_BY_UNPLUGGING)
        free = session.grant.token.type is TokenType.NO_AUTHORIZATION
        cause = None if free else STOPPED_BY_UNPLUGGING
        # Who needs no token needs none to plug in again.
        running = replace(running, token=None if free else running.token, stopping=cause)
        turn.session = replace(turn.session, grant=None, running=running)
    unlocking, turn.actions[said:] = turn.actions[said:], []
    turn.settle(TriggerReason.EV_COMMUNICATION_LOST, cause=cause)
    turn.actions += unlocking  # once the current is held back


def late(running: Running | None, cause: StopCause) -> StopCause:
    """The cause of an end that somebody had begun before."""
    return replace(cause, reason=running.stopping.reason) if running and running.stopping else cause
