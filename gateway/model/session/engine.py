"""The session of an EVSE whose station has no transactions of its own: one input, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from gateway.model.session import bay, inputs, presence, station
from gateway.model.session.turn import Turn

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.session.actions import Action
    from gateway.model.session.policy import Policy
    from gateway.model.session.state import Session


def step(session: Session, policy: Policy, told: inputs.Input, now: datetime) -> tuple[Session, tuple[Action, ...]]:
    """Take one input.

    Args:
        session: The session so far; ``Session()`` when the box starts, and then ``Recovered`` as its first input.
        policy: The rules that hold now.
        told: What has happened.
        now: When; it never goes back by more than a correction of the clock.

    Returns:
        The session from now on, and what is to be done, in this order.
    """
    turn = Turn(session=session, policy=policy, now=now)
    station.expire(turn)
    _take(turn, told)
    return turn.session, tuple(turn.actions)


def _take(turn: Turn, told: inputs.Input) -> None:
    match told:
        case inputs.Seen():
            station.seen(turn, told)
        case inputs.Presented():
            presence.presented(turn, told.token)
        case inputs.Authorized():
            presence.authorized(turn, told)
        case inputs.RemoteStart():
            presence.remote_start(turn, told)
        case inputs.Stop():
            presence.stop(turn, told.cause)
        case inputs.Operative():
            _operative(turn, operative=told.operative)
        case inputs.Bay():
            bay.changed(turn, occupied=told.occupied)
        case inputs.Recovered():
            station.recovered(turn, told)
        case inputs.Tick():
            station.measured(turn, told.register)
        case _:
            assert_never(told)


def _operative(turn: Turn, *, operative: bool) -> None:
    turn.session = replace(turn.session, operative=operative)
    if not operative and turn.session.running is None:
        turn.session = replace(turn.session, grant=None)
    turn.settle()
