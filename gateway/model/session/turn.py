"""One step of a session under way: what it changes, what it has the driver do, and what every step comes down to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gateway.model.session.actions import Action, Begin, Claim, End, Release, Unlock, Update
from gateway.model.session.policy import TxPoint
from gateway.model.session.state import Grant, Running, Session
from gateway.model.tokens import Token, TokenType
from gateway.model.transactions import ChargingState, StopCause, StoppedReason, TriggerReason

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.session.policy import Policy

ANYBODY = Token(value="", type=TokenType.NO_AUTHORIZATION)
"""The token of a session that needs none (C02.FR.01)."""

_ENDS_AUTHORIZATION_ONLY = {
    StoppedReason.LOCAL,
    StoppedReason.MASTER_PASS,
    StoppedReason.REMOTE,
    StoppedReason.DEAUTHORIZED,
}
"""Reasons that leave it to the stop points whether the transaction ends; any other ends it."""


_ADMITS = {TriggerReason.AUTHORIZED, TriggerReason.REMOTE_START}
"""Triggers of a step that brings a token."""

_LOCKED_IN = {TriggerReason.ABNORMAL_CONDITION, TriggerReason.RESET_COMMAND}
"""Triggers of an end that leaves the cable to the station itself: who knows what state it is in."""


@dataclass(slots=True, kw_only=True)
class Turn:
    """The session as it becomes during one step. It lives no longer than that step."""

    session: Session
    policy: Policy
    now: datetime
    actions: list[Action] = field(default_factory=list)

    def settle(
        self, trigger: TriggerReason | None = None, token: Token | None = None, cause: StopCause | None = None
    ) -> None:
        """Bring release, transaction and state of charging in line with what is known by now.

        Args:
            trigger: What has happened, if a running transaction is to tell it.
            token: The token that it has happened with.
            cause: Why the authorization has ended with it, where the trigger does not say so.
        """
        if not self.session.fresh:
            if trigger is not None and self.session.running is not None:
                self.actions.append(Update(trigger=trigger, token=token, cause=cause))
            return
        if self.session.vending(self.policy):
            self.session = replace(self.session, grant=Grant(token=ANYBODY, group_known=True))
            if self.session.running is not None:
                trigger, token = trigger or TriggerReason.AUTHORIZED, ANYBODY
                self.session = replace(self.session, running=replace(self.session.running, token=token))
        on = self.session.may_flow
        turned = on is not self.session.released
        self.session = replace(
            self.session,
            released=on,
            released_at=self.now if turned and on else self.session.released_at if on else None,
        )
        # Held back before it is told, so that no energy flows after the last reading; let go after it, for the first.
        if turned and not on:
            self.actions.append(Release(on=False))
        self._tell(trigger, token, cause)
        if turned and on:
            self.actions.append(Release(on=True))

    def _tell(self, trigger: TriggerReason | None, token: Token | None, cause: StopCause | None) -> None:
        state = self.session.charging_state(self.now)
        running = self.session.running
        if running is None:
            if self.session.open and (points := self._reached()):
                self._begin(self._reason(points, trigger), state)
            return
        changed = state if state is not running.charging_state else None
        if trigger is None and changed is None:
            return
        self.session = replace(self.session, running=replace(running, charging_state=state))
        self.actions.append(
            Update(
                trigger=trigger or TriggerReason.CHARGING_STATE_CHANGED,
                charging_state=changed,
                token=token,
                reservation=self._reservation() if trigger in _ADMITS else None,
                cause=cause,
            )
        )

    def _reached(self) -> frozenset[TxPoint]:
        """The start points that the session has come to (E01.FR.02 to E01.FR.06)."""
        session = self.session
        waiting = session.seen.plugged and not session.spent
        reached = {
            TxPoint.EV_CONNECTED: waiting,
            TxPoint.AUTHORIZED: session.grant is not None,
            TxPoint.POWER_PATH_CLOSED: session.seen.plugged and session.grant is not None,
            TxPoint.ENERGY_TRANSFER: waiting and session.seen.flowing,
            # A car that may charge is there, whatever the sensor says.
            TxPoint.PARKING_BAY_OCCUPANCY: (session.bay is True and not session.stays and not session.spent)
            or (session.seen.plugged and session.grant is not None),
        }
        return frozenset(point for point in self.policy.starts if reached[point])

    def _reason(self, points: frozenset[TxPoint], trigger: TriggerReason | None) -> TriggerReason:
        grant = self.session.grant
        if grant is not None and grant.remote:
            return TriggerReason.REMOTE_START  # F01.FR.19, F02.FR.21
        if points == {TxPoint.ENERGY_TRANSFER}:
            return TriggerReason.CHARGING_STATE_CHANGED
        if grant is None and points == {TxPoint.PARKING_BAY_OCCUPANCY}:
            return TriggerReason.EV_DETECTED
        return trigger or (TriggerReason.CABLE_PLUGGED_IN if grant is None else TriggerReason.AUTHORIZED)

    def _begin(self, trigger: TriggerReason, state: ChargingState) -> None:
        token = self.session.grant.token if self.session.grant is not None else None
        self.session = replace(self.session, running=Running(token=token, charging_state=state))
        self.actions.append(Begin(trigger=trigger, charging_state=state, token=token, reservation=self._reservation()))

    def _reservation(self) -> int | None:
        """The reservation that is used up by who is authorised (H03.FR.09)."""
        grant = self.session.grant
        if grant is None or grant.reservation is not None:
            return None if grant is None else grant.reservation
        return self.policy.reservation_of(grant.token, grant.group)

    def end(self, cause: StopCause, token: Token | None = None) -> None:
        """End the transaction, and the authorization with it."""
        plugged = self.session.seen.plugged
        if self.session.released is not False:
            self.actions.append(Release(on=False))
        running = self.session.running
        if self.session.grant is not None or running is None or running.stopping is None:
            self.let_go_of_cable(cause)
        self.session = replace(
            self.session, running=None, grant=None, released=False, released_at=None, spent=plugged,
            stays=self.session.bay is not False,
        )  # fmt: skip
        state = ChargingState.EV_CONNECTED if plugged else ChargingState.IDLE
        self.actions.append(End(cause=cause, charging_state=state, token=token))

    def revoke(self, cause: StopCause, token: Token | None = None) -> None:
        """End the authorization, and the transaction where the stop points or the cause say so."""
        running = self.session.running
        if running is not None and self.ends(cause):
            self.end(cause, token)
            return
        told = running is not None and running.stopping is None
        ends_now = self.session.grant is not None
        if running is not None:
            running = replace(running, stopping=running.stopping or cause)
        spent = self.session.spent or (
            self.session.seen.plugged and (running is not None or self.session.grant is not None)
        )
        self.session = replace(self.session, grant=None, running=running, spent=spent)
        self.settle(cause.trigger if told else None, token if told else None)
        if ends_now and not self.session.released:  # where nobody has to be authorised, the next one is at once
            self.unlock()

    def let_go_of_cable(self, cause: StopCause) -> None:
        """Open the lock at the end of the authorization, as far as the policy lets it (E06.FR.10, E09).

        The cable of who was refused in the end waits for its owner (C15.FR.05, E05.FR.11).
        """
        running = self.session.running
        unplugged = cause.trigger is TriggerReason.EV_COMMUNICATION_LOST
        waits = unplugged and not self.policy.unlock_on_ev_side_disconnect
        if (waits or cause.reason is StoppedReason.DEAUTHORIZED) and running is not None and running.token:
            self.session = replace(self.session, cable_of=running.token if self.policy.unlocks else None)
        elif cause.trigger not in _LOCKED_IN:
            self.unlock()

    def unlock(self) -> None:
        """Have the cable unlocked, where the station has it locked."""
        if self.policy.unlocks:
            self.actions.append(Unlock())
        self.session = replace(self.session, cable_of=None)

    @property
    def in_bay(self) -> bool:
        """True where a transaction lasts until the car leaves its bay, and it is there."""
        return TxPoint.PARKING_BAY_OCCUPANCY in self.policy.stops and self.session.bay is True

    def ends(self, cause: StopCause) -> bool:
        """Tell whether the transaction ends with its authorization."""
        if self.policy.ends_with_authorization:
            return True
        if cause.reason not in _ENDS_AUTHORIZATION_ONLY:
            # E03.FR.15, E09.FR.01
            return not (self.in_bay and cause.reason in {StoppedReason.TIMEOUT, StoppedReason.EV_DISCONNECTED})
        if not self.session.seen.plugged:
            return not self.in_bay  # there is nothing left whose end would end it
        # E05.FR.10 ends it at once. Otherwise the energy first stops to flow; where none flows, it has.
        deauthorized = cause.reason is StoppedReason.DEAUTHORIZED
        return TxPoint.ENERGY_TRANSFER in self.policy.stops and (deauthorized or not self.session.seen.flowing)

    def admit(self, grant: Grant) -> None:
        """Give an authorization; the reservation that lets it be is used up, whenever the transaction begins."""
        grant = replace(grant, reservation=self.policy.reservation_of(grant.token, grant.group))
        trigger = TriggerReason.REMOTE_START if grant.remote else TriggerReason.AUTHORIZED
        running = self.session.running
        if running is not None:
            running = replace(running, token=grant.token, stopping=None)
        self.session = replace(self.session, grant=grant, running=running, spent=False, stays=False)
        self.settle(trigger, grant.token)
        if grant.reservation is not None and self.session.running is None:
            self.actions.append(Claim(reservation=grant.reservation))
