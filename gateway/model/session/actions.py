"""What a session has its driver do, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.model.tokens import AuthorizationStatus, Token
    from gateway.model.transactions import ChargingState, StopCause, TriggerReason


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAuthorization:
    """Find out whether a token may charge, and come back with ``Authorized``."""

    token: Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A reservation is used up, though the transaction is still to begin (H03.FR.09)."""

    reservation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Let current flow, or hold it back. Told on change, and once after the box has started.

    A station that has been away may have forgotten: then ``Session.released`` is what has to hold.
    """

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """A transaction begins; ``token`` None: nobody is authorised yet. ``reservation`` is the one that it uses."""

    trigger: TriggerReason
    charging_state: ChargingState
    token: Token | None = None
    reservation: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Something has happened in the transaction; ``charging_state`` None: as before.

    ``reservation`` is the one that its token uses, where the token has come by now. ``cause`` says why the authorization
    has ended with it, where the trigger does not.
    """

    trigger: TriggerReason
    charging_state: ChargingState | None = None
    token: Token | None = None
    reservation: int | None = None
    cause: StopCause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The transaction is over; ``token`` is the one that it was stopped with, if any."""

    cause: StopCause
    charging_state: ChargingState
    token: Token | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A token is refused: for the log and an indicator."""

    token: Token
    status: AuthorizationStatus


@dataclass(frozen=True, slots=True)
class Unlock:
    """Let the driver have the cable: open the lock of the plug at the station."""


Action = AskAuthorization | Claim | Release | Begin | Update | End | Reject | Unlock
