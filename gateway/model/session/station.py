"""What the station's own reports, time and recovery do to a session."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.session import bay
from gateway.model.session.bay import late
from gateway.model.session.inputs import Recovered, Seen
from gateway.model.session.policy import TxPoint
from gateway.model.session.state import Grant, Running, Session
from gateway.model.transactions import (
    STOPPED_BY_TIMEOUT,
    STOPPED_BY_UNPLUGGING,
    ChargingState,
    StopCause,
    StoppedReason,
    TriggerReason,
    cause_of_fault,
)

if TYPE_CHECKING:
    from gateway.model.session.turn import Turn

STOPPED_BY_EMERGENCY_STOP = StopCause(trigger=TriggerReason.ABNORMAL_CONDITION, reason=StoppedReason.EMERGENCY_STOP)


def seen(turn: Turn, new: Seen) -> None:
    """The station has reported."""
    before, running, fresh = turn.session.seen, turn.session.running, turn.session.fresh
    turn.session = replace(turn.session, seen=new, fresh=True)
    if new.emergency:
        _emergency(turn)
    elif running and running.stopping and not fresh and turn.ends(running.stopping):
        turn.end(running.stopping)  # the box was killed before it could
    elif before.plugged and not new.plugged:
        _unplugged(turn)
    elif running and before.flowing and not new.flowing and TxPoint.ENERGY_TRANSFER in turn.policy.stops:
        turn.end(_dried_up(turn, new))
    elif new.plugged and not before.plugged:
        turn.session = replace(turn.session, cable_of=None)
        turn.settle(TriggerReason.CABLE_PLUGGED_IN)
    elif new.down and not before.down:
        turn.settle(TriggerReason.ABNORMAL_CONDITION)
    else:
        turn.settle()


def _emergency(turn: Turn) -> None:
    if turn.session.running is not None:
        turn.end(STOPPED_BY_EMERGENCY_STOP)
    else:
        spent = turn.session.seen.plugged and (turn.session.spent or turn.session.grant is not None)
        turn.session = replace(turn.session, grant=None, spent=spent)
        turn.settle()


def _unplugged(turn: Turn) -> None:
    session, stops = replace(turn.session, spent=False), turn.policy.stops
    turn.session = session
    if session.running is None:
        turn.session = replace(session, grant=None)
        turn.settle()
    elif session.grant is not None and turn.policy.outlasts_unplugging and (turn.in_bay or TxPoint.AUTHORIZED in stops):
        since = turn.now if turn.policy.attached_cable else None
        turn.session = replace(session, grant=replace(session.grant, since=since, expires_at=None))
        turn.settle(TriggerReason.EV_COMMUNICATION_LOST)
    elif turn.in_bay and stops == {TxPoint.PARKING_BAY_OCCUPANCY}:
        bay.unplugged(turn)
    else:
        # The reason is what began the stop, where somebody had (Part 2, 2.48 stoppedReason).
        turn.end(late(session.running, STOPPED_BY_UNPLUGGING))


def _dried_up(turn: Turn, new: Seen) -> StopCause:
    """Why energy has stopped to flow (E06.FR.07)."""
    if new.down:
        return cause_of_fault(new.codes)
    if turn.session.grant is not None and turn.session.grant.withheld:
        reason = StoppedReason.DEAUTHORIZED
    else:
        reason = StoppedReason.STOPPED_BY_EV if new.offering else StoppedReason.OTHER
    cause = StopCause(trigger=TriggerReason.CHARGING_STATE_CHANGED, reason=reason)
    return late(turn.session.running, cause)


def expire(turn: Turn) -> None:
    """Give a session up whose driver has not plugged in in time (C01.FR.26, E03.FR.05, E10.FR.02)."""
    session = turn.session
    if not session.fresh or session.seen.plugged or session.grant is None:
        return
    if not session.grant.lapsed(turn.policy, turn.now):
        return
    if session.running is not None:
        turn.revoke(STOPPED_BY_TIMEOUT)
    else:
        turn.session = replace(session, grant=None)
        turn.settle()


def measured(turn: Turn, register: float | None) -> None:
    """The meter shows this now: a token that is not accepted any more may have had all that it was left (E05.FR.03)."""
    turn.session = replace(turn.session, register=register)
    grant = turn.session.grant
    if grant is None or grant.until is None or (register is not None and register < grant.until):
        return
    turn.session = replace(turn.session, grant=replace(grant, withheld=True, until=None))
    turn.settle()


def recovered(turn: Turn, kept: Recovered) -> None:
    """Take up where the box has left off. The station is to be seen before anything is done."""
    session = Session(operative=turn.session.operative, spent=kept.spent, bay=kept.bay)
    transaction = kept.running
    if transaction is None:
        turn.session = replace(session, stays=kept.bay is not False)
        return
    plugged = transaction.charging_state is not ChargingState.IDLE
    flowing = transaction.charging_state is ChargingState.CHARGING
    stopping = transaction.stop_cause
    grant = None
    if transaction.token is not None and (stopping is None or _only_withheld(turn, stopping)):
        waiting = not (turn.policy.outlasts_unplugging and (transaction.energy or 0) > 0)
        grant = Grant(token=transaction.token, since=turn.now if waiting else None, withheld=stopping is not None)
        stopping = None
    turn.session = replace(
        session,
        seen=Seen(plugged=plugged, flowing=flowing),
        grant=grant,
        running=Running(token=transaction.token, charging_state=transaction.charging_state, stopping=stopping),
    )


def _only_withheld(turn: Turn, cause: StopCause) -> bool:
    return cause.reason is StoppedReason.DEAUTHORIZED and not turn.policy.stop_on_invalid_id
