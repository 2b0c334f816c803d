"""The state of a session at an EVSE, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.model.session.inputs import Seen
from gateway.model.transactions import ChargingState

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.session.policy import Policy
    from gateway.model.tokens import Token
    from gateway.model.transactions import StopCause

SETTLING = timedelta(seconds=10)
"""How long a station may take from the release until it offers energy, before that counts as suspended by the EVSE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An authorization that holds.

    Attributes:
        token: Whose it is.
        group: The token's group; ``group_known`` says whether the backend has told it, ``group_sought`` whether it is
            being asked.
        remote: The backend has started it.
        since: When the time to plug in has begun; None: there is no such time.
        expires_at: When an unused remote start lapses at the latest.
        withheld: The backend does not accept the token, and no energy may flow (E05.FR.02).
        until: The backend does not accept the token, and energy may flow until the register shows this, in Wh
            (E05.FR.03).
        reservation: The reservation that it has used up.
    """

    token: Token
    group: Token | None = None
    group_known: bool = False
    group_sought: bool = False
    remote: bool = False
    since: datetime | None = None
    expires_at: datetime | None = None
    withheld: bool = False
    until: float | None = None
    reservation: int | None = None

    def lapsed(self, policy: Policy, now: datetime) -> bool:
        """Tell whether the driver has not plugged in in time."""
        if self.since is None:
            return False
        return now >= self.since + policy.ev_connection_timeout or (
            self.expires_at is not None and now >= self.expires_at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The open transaction: who has been authorised in it, what was last told, why it is about to end."""

    token: Token | None
    charging_state: ChargingState
    stopping: StopCause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An EVSE as its session knows it. The first input is to be ``Recovered``.

    Attributes:
        seen: The station's last report, or what the open transaction says of it until the first one.
        fresh: The station has reported since the box has started.
        operative: New transactions may begin.
        grant: The authorization that holds.
        running: The open transaction.
        asked: Presented tokens whose authorization is being asked for.
        released: Current may flow; None: not known yet what the station was last told.
        released_at: Since when.
        register: Imported energy in Wh, as last told; None: nothing measures it.
        cable_of: Who has unplugged at the car, and gets the cable that is locked in the station with this token.
        spent: A session has ended and its cable is still plugged in: only a new token begins another.
        bay: A vehicle stands in the parking bay; None: nothing sees it, or has not yet.
        stays: The vehicle in the bay may be that of the last session: its being there begins no other.
    """

    seen: Seen = field(default_factory=Seen)
    fresh: bool = False
    operative: bool = True
    grant: Grant | None = None
    running: Running | None = None
    asked: tuple[Token, ...] = ()
    released: bool | None = None
    released_at: datetime | None = None
    register: float | None = None
    cable_of: Token | None = None
    spent: bool = False
    bay: bool | None = None
    stays: bool = False

    @property
    def open(self) -> bool:
        """True where a transaction may begin."""
        return self.operative and not self.seen.down

    def belongs_to(self, token: Token) -> bool:
        """Tell whether a token is who charges here, or whose cable is locked in."""
        own = self.cable_of if self.grant is None else self.grant.token
        return own is not None and token.same_as(own)

    @property
    def may_flow(self) -> bool:
        """True where current may flow."""
        return (
            self.grant is not None
            and not self.grant.withheld
            and self.seen.plugged
            and not self.seen.down
            and (self.operative or self.running is not None)
        )

    def vending(self, policy: Policy) -> bool:
        """Tell whether plugging in is all that it takes, and has been done."""
        if not policy.vends or self.grant is not None or self.spent:
            return False
        waiting = self.open if self.running is None else self.running.token is None and self.running.stopping is None
        return self.seen.plugged and waiting

    def charging_state(self, now: datetime) -> ChargingState:
        """The state of charging (Part 2, 3.16)."""
        seen, before = self.seen, self.running.charging_state if self.running else ChargingState.IDLE
        if not seen.plugged:
            return ChargingState.IDLE
        if seen.down:
            return ChargingState.SUSPENDED_EVSE if self.grant else ChargingState.EV_CONNECTED
        if seen.flowing:
            return ChargingState.CHARGING
        if self.grant is None:
            return ChargingState.EV_CONNECTED
        if self.released and seen.offering:
            return ChargingState.SUSPENDED_EV
        settling = self.released_at is not None and now - self.released_at < SETTLING
        if settling and before in {ChargingState.IDLE, ChargingState.EV_CONNECTED}:
            return ChargingState.EV_CONNECTED
        return ChargingState.SUSPENDED_EVSE
