"""Whatever happens at an EVSE, in whatever order: transactions alternate, and nothing flows that nobody has allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import hypothesis.strategies as st
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.rules.commands import intend
from gateway.model.session import (
    ANYBODY,
    EMERGENCY_STOP,
    Action,
    AskAuthorization,
    AuthorizationMode,
    Authorized,
    Bay,
    Begin,
    End,
    Input,
    Operative,
    Policy,
    Presented,
    RemoteStart,
    Seen,
    Stop,
    Tick,
    TxPoint,
    Update,
)
from gateway.model.station import Reservation
from gateway.model.transactions import (
    STOPPED_BY_BACKEND,
    STOPPED_BY_RESET,
    STOPPED_DEAUTHORIZED,
    ChargingState,
    StopCause,
    Transaction,
)
from tests.fakes.clock import START
from tests.gateway.model.session.evse import (
    ACCEPTED,
    CARD,
    FAMILY,
    FRIEND,
    IN_FAMILY,
    INVALID,
    NOBODY,
    STRANGER,
    Evse,
)
from tests.gateway.model.stations import ID, Station, place

if TYPE_CHECKING:
    from gateway.model.tokens import Authorization, Token

HELD = Reservation(id=7, evse=1, token=CARD, group=FAMILY, expires_at=START + timedelta(days=1))
POINTS = st.frozensets(st.sampled_from(TxPoint))
POLICIES = st.builds(
    Policy,
    mode=st.sampled_from(AuthorizationMode),
    start_points=POINTS,
    stop_points=POINTS,
    ev_connection_timeout=st.sampled_from([timedelta(seconds=1), timedelta(seconds=60)]),
    stop_on_ev_side_disconnect=st.booleans(),
    stop_on_invalid_id=st.booleans(),
    attached_cable=st.booleans(),
    authorizes=st.sampled_from([True, True, False]),
    energy_on_invalid_id=st.sampled_from([0.0, 0.0, 100.0]),
    masters=st.booleans(),
    kept=st.sampled_from([False, False, True]),
    reservations=st.sampled_from([(), (HELD,)]),
    unlocks=st.booleans(),
    unlock_on_ev_side_disconnect=st.booleans(),
)
CODES = st.sampled_from([(), (), (), ("GroundFailure",), (EMERGENCY_STOP,)])
ANYTHING = st.builds(
    Seen, plugged=st.booleans(), ready=st.booleans(), offering=st.booleans(), flowing=st.booleans(),
    faulted=st.booleans(), codes=CODES,
)  # fmt: skip
LIKELY = st.builds(Seen, plugged=st.just(value=True), offering=st.booleans(), flowing=st.booleans())
SEEN = st.one_of(ANYTHING, LIKELY, LIKELY, st.just(NOBODY))
TOKENS = st.sampled_from([CARD, FRIEND, STRANGER])
WORDS = st.sampled_from([ACCEPTED, IN_FAMILY, IN_FAMILY, INVALID])
CAUSES = st.sampled_from([STOPPED_BY_BACKEND, STOPPED_BY_RESET, STOPPED_DEAUTHORIZED])
DELAYS = st.sampled_from([0.0, 1.0, 1.0, 11.0, 61.0])


class AnyEvse(RuleBasedStateMachine):
    """An EVSE at which anything happens. What must always hold is asserted by ``Evse``."""

    def __init__(self) -> None:
        super().__init__()
        self.evse = Evse()
        self.station = Station()
        self.keys = 0
        self.over = False  # a session has ended and its cable is still in
        self.unkept = False  # a token has been refused in a way that the store does not know of

    @property
    def kept(self) -> Transaction | None:
        """The open transaction that the store has."""
        return self.station.state.transaction_at(1)

    @initialize(policy=POLICIES)
    def begin(self, policy: Policy) -> None:
        self.evse = Evse(policy)

    def feed(self, told: Input, after: float = 1.0) -> list[Action]:
        before = self.kept
        if isinstance(told, Stop) and before is not None:
            command = cmd.StopCharging(station=ID, transaction=before.id, number=before.number, cause=told.cause)
            self.station.take(intend(self.station.state, command, self.evse.now))
        if isinstance(told, Stop):
            self.unkept = False
        done = self.evse.feed(told, after=after)
        self.station.now = self.evse.now
        for action in done:
            self.carry_out(action)
        assert self.evse.charging_state is (self.kept.charging_state if self.kept else None), "as the store has it"
        self.over = self.over and self.evse.session.seen.plugged
        return done

    def carry_out(self, action: Action) -> None:
        """Do as the driver of the EVSE does."""
        running, at = self.kept, self.evse.now
        match action:
            case Begin():
                in_still = self.over and self.evse.session.seen.plugged
                assert not in_still or action.token not in {None, ANYBODY}, (
                    "only a token begins again with the cable in"
                )
                self.over = False
                self.keys += 1
                event = ev.TransactionBegan(
                    place=place(), at=at, token=action.token, meter_start=0.0, key=str(self.keys),
                    trigger=action.trigger, charging_state=action.charging_state,
                )  # fmt: skip
                self.station.report(event)
            case Update() if running is not None:
                update = ev.TransactionUpdated(
                    place=place(), at=at, number=running.number, trigger=action.trigger,
                    charging_state=action.charging_state, token=action.token, cause=action.cause,
                )  # fmt: skip
                self.station.report(update)
            case End() if running is not None:
                self.over = action.charging_state is not ChargingState.IDLE
                end = ev.TransactionEnded(
                    station=ID, at=at, number=running.number, meter_stop=1.0, key=f"e{self.keys}", token=action.token,
                    cause=action.cause, charging_state=action.charging_state,
                )  # fmt: skip
                self.station.report(end)
            case _:
                pass

    @rule(seen=SEEN, after=DELAYS)
    def sees(self, seen: Seen, after: float) -> None:
        self.feed(seen, after)

    @rule(occupied=st.booleans())
    def bay(self, *, occupied: bool) -> None:
        self.feed(Bay(occupied))

    @rule(token=TOKENS, word=WORDS)
    def card(self, token: Token, word: Authorization) -> None:
        presented = self.feed(Presented(token=token))
        for action in presented:
            if isinstance(action, AskAuthorization):
                self.feed(Authorized(token=action.token, authorization=word))

    @rule(token=TOKENS, word=WORDS)
    def word(self, token: Token, word: Authorization) -> None:
        self.feed(Authorized(token=token, authorization=word))
        grant = self.evse.session.grant
        self.unkept = grant is not None and grant.withheld

    @rule(token=TOKENS, group=st.sampled_from([None, FAMILY]))
    def remote_start(self, token: Token, group: Token | None) -> None:
        self.feed(RemoteStart(token=token, expires_at=self.evse.now + timedelta(seconds=90), group=group))

    @rule(cause=CAUSES)
    def stops(self, cause: StopCause) -> None:
        self.feed(Stop(cause=cause))

    @rule(operative=st.booleans())
    def availability(self, *, operative: bool) -> None:
        self.feed(Operative(operative=operative))

    @rule(after=DELAYS, register=st.sampled_from([None, 0.0, 50.0, 100.0, 150.0]))
    def time_passes(self, after: float, register: float | None) -> None:
        self.feed(Tick(register=register), after)

    @rule(policy=POLICIES)
    def settings_change(self, policy: Policy) -> None:
        before = self.evse.policy
        # What lets a waiting car charge does so at the next look, which is then no longer unnoticed.
        self.evse.policy = replace(policy, mode=before.mode, authorizes=before.authorizes, kept=before.kept)

    @rule(seen=SEEN)
    def killed(self, seen: Seen) -> None:
        allowed = self.evse.session.grant if self.kept is not None else None
        self.evse.kill(self.kept)
        self.over = False
        grant = self.evse.session.grant
        assert grant is None or grant.withheld or allowed is not None, "a restart authorises nobody"
        done = self.feed(seen)
        assert self.kept is None or transaction_kept(done), "it is the same transaction"

    @precondition(lambda self: self.kept is not None and self.evse.session.fresh and not self.unkept)
    @precondition(lambda self: self.evse.session.grant is None or self.evse.session.grant.until is None)
    @rule()
    def killed_unnoticed(self) -> None:
        """The box is away for a moment in which nothing happens at the station."""
        seen, released, kept = self.evse.session.seen, self.evse.released, self.kept
        self.evse.kill(kept)
        done = self.feed(seen)
        if kept is not None and kept.stop_cause is not None:
            assert not self.evse.released, "a stop holds"
        elif not seen.emergency:
            assert self.kept is not None
            assert self.evse.released is released
            assert not any(isinstance(action, Begin | End) for action in done)

    @invariant()
    def nobody_is_charged_after_leaving(self) -> None:
        """A transaction without a car at the plug waits for one, or outlasts its absence by the operator's will."""
        session = self.evse.session
        if session.running is not None and session.fresh and not session.seen.plugged:
            assert session.grant is not None or session.bay


def transaction_kept(done: list[Action]) -> bool:
    """A transaction is open: either none has begun, or the one before has ended or there was none."""
    kinds = [type(action).__name__ for action in done if type(action).__name__ in {"Begin", "End"}]
    return kinds in ([], ["Begin"], ["End", "Begin"])


TestAnyEvse = AnyEvse.TestCase
TestAnyEvse.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)

INPUTS = st.one_of(
    SEEN,
    st.builds(Presented, token=TOKENS),
    st.builds(Authorized, token=TOKENS, authorization=WORDS),
    st.builds(Stop, cause=CAUSES),
    st.builds(Operative, st.booleans()),
)


@given(inputs=st.lists(INPUTS, max_size=30), mode=st.sampled_from(AuthorizationMode), starts=POINTS)
def test_who_leaves_ends_with_the_default_stop_points(
    inputs: list[Input], mode: AuthorizationMode, starts: frozenset[TxPoint]
) -> None:
    evse = Evse(Policy(mode=mode, start_points=starts))
    evse.feed(*inputs, Seen(plugged=True), NOBODY, Tick())
    assert not evse.running
    assert evse.released is False
    assert evse.session.grant is None
