"""Sessions of stations that have no transactions of their own: the box runs them (OCPP 2.0.1 Part 2, C and E).

Pure: ``step(session, policy, input, now)`` gives the session from then on and the actions to carry out in order. One
driver per EVSE feeds the inputs one by one.
"""

from __future__ import annotations

from gateway.model.session.actions import Action, AskAuthorization, Begin, Claim, End, Reject, Release, Unlock, Update
from gateway.model.session.engine import step
from gateway.model.session.inputs import (
    EMERGENCY_STOP,
    Authorized,
    Bay,
    Input,
    Operative,
    Presented,
    Recovered,
    RemoteStart,
    Seen,
    Stop,
    Tick,
)
from gateway.model.session.policy import AuthorizationMode, Policy, TxPoint, tx_points
from gateway.model.session.sampling import Purpose, Sampling, Watch, chosen, due, kept
from gateway.model.session.state import SETTLING, Grant, Running, Session
from gateway.model.session.station import STOPPED_BY_EMERGENCY_STOP
from gateway.model.session.turn import ANYBODY

__all__ = [
    "ANYBODY",
    "EMERGENCY_STOP",
    "SETTLING",
    "STOPPED_BY_EMERGENCY_STOP",
    "Action",
    "AskAuthorization",
    "AuthorizationMode",
    "Authorized",
    "Bay",
    "Begin",
    "Claim",
    "End",
    "Grant",
    "Input",
    "Operative",
    "Policy",
    "Presented",
    "Purpose",
    "Recovered",
    "Reject",
    "Release",
    "RemoteStart",
    "Running",
    "Sampling",
    "Seen",
    "Session",
    "Stop",
    "Tick",
    "TxPoint",
    "Unlock",
    "Update",
    "Watch",
    "chosen",
    "due",
    "kept",
    "step",
    "tx_points",
]
