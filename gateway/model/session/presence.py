"""What tokens, the backend's starts and its word on tokens do to a session."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.session.actions import AskAuthorization, Reject
from gateway.model.session.policy import AuthorizationMode
from gateway.model.session.state import Grant
from gateway.model.tokens import AuthorizationStatus, TokenType
from gateway.model.transactions import STOPPED_BY_DRIVER, STOPPED_DEAUTHORIZED, StoppedReason

if TYPE_CHECKING:
    from gateway.model.session.inputs import Authorized, RemoteStart
    from gateway.model.session.turn import Turn
    from gateway.model.tokens import Authorization, Token
    from gateway.model.transactions import StopCause


def presented(turn: Turn, token: Token) -> None:
    """A driver holds a token to a reader: to start, or to stop (C01, E07)."""
    grant, owner = turn.session.grant, turn.session.cable_of
    if grant is None and owner is not None and owner.same_as(token):
        turn.unlock()  # E09.FR.03
    elif grant is None:
        if turn.policy.masters or _startable_here(turn, token):
            _ask(turn, token)
        else:
            _refuse(turn, token)
    elif grant.token.same_as(token):
        turn.revoke(STOPPED_BY_DRIVER, token)  # its own token always stops it, unasked (C01.FR.03)
    elif grant.token.type is TokenType.NO_AUTHORIZATION and not turn.policy.masters:
        _refuse(turn, token)
    else:
        if not grant.group_known:
            turn.session = replace(turn.session, grant=replace(grant, group_sought=True))
            turn.actions.append(AskAuthorization(token=grant.token))
        _ask(turn, token)  # whose it is only who knows tokens can say (C01.FR.02, C09.FR.05)


def authorized(turn: Turn, answer: Authorized) -> None:
    """The word on a token that was asked about, or on that of the running transaction."""
    token, found, grant = answer.token, answer.authorization, turn.session.grant
    asked = any(token.same_as(each) for each in turn.session.asked)
    if asked:
        left = tuple(each for each in turn.session.asked if not token.same_as(each))
        turn.session = replace(turn.session, asked=left)
    good = found.accepted and (not turn.policy.evse or not found.evses or turn.policy.evse in found.evses)
    if grant is not None and grant.token.same_as(token):
        if good or asked or grant.group_sought:
            # Where only its group was asked for, that it is in use may be all that is wrong with it.
            learnt = replace(grant, group=found.group, group_known=True, group_sought=False)
            turn.session = replace(turn.session, grant=learnt)
        else:
            deauthorized(turn)
    elif not asked:
        return
    elif not good:
        status = AuthorizationStatus.NOT_AT_THIS_LOCATION if found.accepted else found.status
        turn.actions.append(Reject(token=token, status=status))
    elif grant is not None:
        _perhaps_stop(turn, grant, token, found)
    elif _startable_here(turn, token) and _unreserved(turn, token, found.group):
        turn.admit(Grant(token=found.token or token, group=found.group, group_known=True, since=turn.now))
    else:
        _refuse(turn, token)


def _perhaps_stop(turn: Turn, grant: Grant, token: Token, found: Authorization) -> None:
    """Another token stops the session if it is of the same group (C09.FR.03)."""
    if grant.group is not None and grant.group.same_as(found.group):
        turn.revoke(STOPPED_BY_DRIVER, token)
    else:
        _refuse(turn, token)


def remote_start(turn: Turn, start: RemoteStart) -> None:
    """The backend starts a session (F01, F02)."""
    session = turn.session
    taken = session.running is not None and session.grant is not None
    startable = _startable(turn, start.token) and _unreserved(turn, start.token, start.group)
    if taken or turn.now >= start.expires_at or not startable:
        _refuse(turn, start.token)
        return
    turn.admit(
        Grant(
            token=start.token,
            group=start.group,
            group_known=start.group is not None,
            remote=True,
            since=turn.now,
            expires_at=start.expires_at,
        )
    )


def stop(turn: Turn, cause: StopCause) -> None:
    """The session is stopped from elsewhere than the station."""
    if cause.reason is StoppedReason.DEAUTHORIZED:
        deauthorized(turn)
    else:
        turn.revoke(cause)


def deauthorized(turn: Turn) -> None:
    """The backend does not accept the token of the session (C15, E05)."""
    session = turn.session
    if session.grant is None:
        return
    if session.running is None or turn.policy.stop_on_invalid_id:
        turn.revoke(STOPPED_DEAUTHORIZED)
    elif turn.policy.energy_on_invalid_id > 0 and session.register is not None:
        if not session.grant.withheld and session.grant.until is None:
            until = session.register + turn.policy.energy_on_invalid_id
            turn.session = replace(session, grant=replace(session.grant, until=until))
    else:
        turn.session = replace(session, grant=replace(session.grant, withheld=True, until=None))
        turn.settle()


def _startable(turn: Turn, token: Token) -> bool:
    """Tell whether a token may be authorised: in a transaction only the one that it began with (C01.FR.23)."""
    running = turn.session.running
    if running is None:
        return turn.session.open
    return running.token is None or running.token.same_as(token)


def _unreserved(turn: Turn, token: Token, group: Token | None) -> bool:
    """Tell whether no reservation of somebody else is in the way; none is where the token has begun (H03)."""
    running = turn.session.running
    return turn.policy.admits(token, group) or (running is not None and token.same_as(running.token))


def _startable_here(turn: Turn, token: Token) -> bool:
    """As ``_startable``, for a token at the reader."""
    return turn.policy.mode is AuthorizationMode.TOKEN_READER and _startable(turn, token)


def _ask(turn: Turn, token: Token) -> None:
    if not any(token.same_as(each) for each in turn.session.asked):
        turn.session = replace(turn.session, asked=(*turn.session.asked, token))
    turn.actions.append(AskAuthorization(token=token))


def _refuse(turn: Turn, token: Token) -> None:
    turn.actions.append(Reject(token=token, status=AuthorizationStatus.NOT_AT_THIS_TIME))
