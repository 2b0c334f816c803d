"""What the driver of an EVSE tells its session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.tokens import Authorization, Token
    from gateway.model.transactions import StopCause, Transaction

EMERGENCY_STOP = "EmergencyStop"
"""The code of a pressed emergency stop; OCPP 1.x has none of its own for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the station reports of the EVSE now, all of it.

    A station that cannot tell in a fault whether a car is plugged in is to be reported as it was before: a car that is
    not plugged in any more ends the transaction.

    Attributes:
        plugged: A car is connected (IEC 61851 states B to D).
        ready: The car wants energy (states C and D).
        offering: The station offers energy (B2, C2).
        flowing: Current flows.
        faulted: The station cannot charge because of a fault.
        codes: OCPP 1.x error codes that are active, and ``EMERGENCY_STOP``.
    """

    plugged: bool = False
    ready: bool = False
    offering: bool = False
    flowing: bool = False
    faulted: bool = False
    codes: tuple[str, ...] = ()

    @property
    def emergency(self) -> bool:
        """True while the emergency stop is pressed."""
        return EMERGENCY_STOP in self.codes

    @property
    def down(self) -> bool:
        """True where nobody can charge."""
        return self.faulted or self.emergency


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A token at a reader. One that is held there must be told once: a second time means to stop."""

    token: Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorized:
    """What is known of a token: the answer to ``AskAuthorization``, or the word on the token of the running transaction.

    A refusal of the latter outlives a restart of the box only as a ``Stop``, whose cause is kept with the transaction.
    """

    token: Token
    authorization: Authorization


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStart:
    """The backend starts a session. ``group`` is the token's group, if the backend has told it."""

    token: Token
    expires_at: datetime
    group: Token | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Somebody other than the driver at the station stops the session: the backend, a reset, a revoked token."""

    cause: StopCause


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed. Once a second is enough. ``register`` is the imported energy in Wh; None: nothing measures it."""

    register: float | None = None


@dataclass(frozen=True, slots=True)
class Operative:
    """The EVSE has been made operative, or not."""

    operative: bool


@dataclass(frozen=True, slots=True)
class Bay:
    """A sensor has seen whether a vehicle stands in the parking bay of the EVSE."""

    occupied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """The box has started: the open transaction that the store has for this EVSE, or none. The first input of all.

    ``spent``: the last session ended and its cable was still plugged in (``Session.spent``); the driver may note it.
    ``bay``: what was last seen of the parking bay.
    """

    running: Transaction | None = None
    spent: bool = False
    bay: bool | None = None


Input = Seen | Presented | Authorized | RemoteStart | Stop | Tick | Operative | Bay | Recovered
