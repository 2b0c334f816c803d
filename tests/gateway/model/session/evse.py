"""An EVSE whose session the box runs: feeds inputs, keeps what was done, and checks what must always hold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from gateway.model.session import (
    Action,
    AuthorizationMode,
    Authorized,
    Begin,
    End,
    Input,
    Policy,
    Presented,
    Recovered,
    Release,
    Seen,
    Session,
    Tick,
    TxPoint,
    Unlock,
    Update,
    step,
)
from gateway.model.tokens import Authorization, AuthorizationStatus, Token
from gateway.model.transactions import ChargingState, Transaction, TriggerReason
from tests.fakes.clock import START

CARD = Token(value="04A1B2C3")
FRIEND = Token(value="04FFEE11")
STRANGER = Token(value="DEADBEEF")
FAMILY = Token(value="FAMILY")
NOBODY = Seen()
WAITING = Seen(plugged=True)
READY = Seen(plugged=True, ready=True)
OFFERED = Seen(plugged=True, offering=True)
CHARGING = Seen(plugged=True, ready=True, offering=True, flowing=True)
BROKEN = Seen(plugged=True, faulted=True, codes=("GroundFailure",))
ACCEPTED = Authorization(status=AuthorizationStatus.ACCEPTED)
IN_FAMILY = Authorization(status=AuthorizationStatus.ACCEPTED, group=FAMILY)
INVALID = Authorization(status=AuthorizationStatus.INVALID)
CONNECTED = frozenset({TxPoint.EV_CONNECTED})
AUTHORIZED = frozenset({TxPoint.AUTHORIZED})
CLOSED = frozenset({TxPoint.POWER_PATH_CLOSED})
ENERGY = frozenset({TxPoint.ENERGY_TRANSFER})
FREE = Policy(mode=AuthorizationMode.FREE_VEND)


def transaction(token: Token | None = CARD, state: ChargingState = ChargingState.CHARGING, **more: Any) -> Transaction:
    """An open transaction as the store has it."""
    kept = Transaction(
        id="T-1", number=1, evse=1, connector=1, started_at=START, last_at=START, token=token, charging_state=state
    )
    return replace(kept, **more)


@dataclass
class Evse:
    """One EVSE; ``charging_state`` is what the backend believes."""

    policy: Policy = field(default_factory=Policy)
    kept: Transaction | None = None
    session: Session = field(default_factory=Session)
    now: datetime = START
    released: bool | None = None
    running: bool = False
    charging_state: ChargingState | None = None
    bay: bool | None = None

    def __post_init__(self) -> None:
        self.running = self.kept is not None
        self.charging_state = self.kept.charging_state if self.kept else None
        assert self.feed(Recovered(running=self.kept, bay=self.bay)) == []

    def feed(self, *told: Input, after: float = 1.0) -> list[Action]:
        """Feed inputs, ``after`` seconds apart; give what is to be done, in order."""
        done: list[Action] = []
        for each in told:
            self.now += timedelta(seconds=after)
            self.session, actions = step(self.session, self.policy, each, self.now)
            for action in actions:
                self._take(action)
            self._check()
            done += actions
        return done

    def card(self, token: Token = CARD, known: Authorization = ACCEPTED) -> list[Action]:
        """A token is presented, and asked about where the session wants that."""
        return self.feed(Presented(token=token), Authorized(token=token, authorization=known))

    def free(self) -> Evse:
        """The station is there, and nobody is at it."""
        self.feed(NOBODY)
        return self

    def kill(self, kept: Transaction | None) -> None:
        """The box is killed and starts again, with the transaction that its store has."""
        self.bay = self.session.bay
        self.session, self.released, self.kept = Session(), None, kept
        self.__post_init__()

    def charging(self, known: Authorization = ACCEPTED) -> Evse:
        """A car charges after its driver has presented a card."""
        self.free().feed(WAITING)
        self.card(known=known)
        self.feed(CHARGING)
        return self

    def wait(self, seconds: float) -> list[Action]:
        """Let time pass, second by second."""
        return [action for _ in range(int(seconds)) for action in self.feed(Tick())]

    def _take(self, action: Action) -> None:
        match action:
            case Release(on=on):
                assert on is not self.released, "a release is told on change"
                self.released = on
            case Begin():
                assert not self.running, "one transaction at a time"
                self.running, self.charging_state = True, action.charging_state
            case Update():
                assert self.running
                assert action.charging_state is not self.charging_state, "a state is told on change"
                assert action.charging_state or action.trigger is not TriggerReason.CHARGING_STATE_CHANGED
                self.charging_state = action.charging_state or self.charging_state
            case End():
                assert self.running
                assert self.released is False, "nothing flows after the end"
                self.running, self.charging_state = False, None
            case Unlock():
                assert self.policy.unlocks
                assert not self.released, "no cable is let go of that current flows in"
            case _:
                pass

    def _check(self) -> None:
        session = self.session
        assert self.running is (session.running is not None)
        assert self.released is session.released
        if session.running is not None and session.fresh:
            assert self.charging_state is session.running.charging_state
        if self.released:
            assert session.grant is not None
            assert not session.grant.withheld
            assert session.seen.plugged
            assert not session.seen.down


def told(actions: list[Action]) -> list[Action]:
    """What the backend hears of."""
    return [action for action in actions if isinstance(action, Begin | Update | End)]


def releases(actions: list[Action]) -> list[bool]:
    """Whether current was let go or held back, in order."""
    return [action.on for action in actions if isinstance(action, Release)]
