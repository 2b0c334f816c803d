"""Whatever happens at an EVSE, in whatever order: transactions alternate, and nothing flows that nobody has allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import hypothesis.strategies as st
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.model.session import (
    ANYBODY,
    EMERGENCY_STOP,
    Action,
    AskAuthorization,
    AuthorizationMode,
    Authorized,
    Begin,
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
from gateway.model.transactions import (
    STOPPED_BY_BACKEND,
    STOPPED_BY_DRIVER,
    STOPPED_BY_RESET,
    STOPPED_DEAUTHORIZED,
    StopCause,
    Transaction,
    TriggerReason,
)
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
    transaction,
)

if TYPE_CHECKING:
    from gateway.model.tokens import Authorization, Token

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
        self.kept: Transaction | None = None
        self.over = False  # a session has ended and its cable is still in

    @initialize(policy=POLICIES)
    def begin(self, policy: Policy) -> None:
        self.evse = Evse(policy)

    def feed(self, told: Input, after: float = 1.0) -> list[Action]:
        before = self.kept
        done = self.evse.feed(told, after=after)
        for action in done:
            self.note(action)
        if isinstance(told, Stop) and before is not None and self.kept is not None:
            self.kept = replace(self.kept, stop_cause=told.cause)
        if before is not None and self.kept is None:
            self.over = True
        self.over = self.over and self.evse.session.seen.plugged
        return done

    def note(self, action: Action) -> None:
        """What the store has of the transaction."""
        match action:
            case Begin():
                assert not self.over or action.token not in {None, ANYBODY}, (
                    "only a token begins again with the cable in"
                )
                self.over = False
                self.kept = transaction(action.token, action.charging_state)
            case Update() if self.kept is not None:
                self.kept = replace(self.kept, charging_state=action.charging_state or self.kept.charging_state)
                if action.trigger in {TriggerReason.AUTHORIZED, TriggerReason.REMOTE_START}:
                    self.kept = replace(self.kept, token=action.token, stop_cause=None)
                if action.trigger is TriggerReason.STOP_AUTHORIZED:
                    self.kept = replace(self.kept, stop_cause=STOPPED_BY_DRIVER)
            case _:
                self.kept = self.kept if self.evse.running else None

    @rule(seen=SEEN, after=DELAYS)
    def sees(self, seen: Seen, after: float) -> None:
        self.feed(seen, after)

    @rule(token=TOKENS, word=WORDS)
    def card(self, token: Token, word: Authorization) -> None:
        presented = self.feed(Presented(token=token))
        for action in presented:
            if isinstance(action, AskAuthorization):
                self.feed(Authorized(token=action.token, authorization=word))

    @rule(token=TOKENS, word=WORDS)
    def word(self, token: Token, word: Authorization) -> None:
        self.feed(Authorized(token=token, authorization=word))

    @rule(token=TOKENS, group=st.sampled_from([None, FAMILY]))
    def remote_start(self, token: Token, group: Token | None) -> None:
        self.feed(RemoteStart(token=token, expires_at=self.evse.now + timedelta(seconds=90), group=group))

    @rule(cause=CAUSES)
    def stops(self, cause: StopCause) -> None:
        self.feed(Stop(cause=cause))

    @rule(operative=st.booleans())
    def availability(self, *, operative: bool) -> None:
        self.feed(Operative(operative=operative))

    @rule(after=DELAYS)
    def time_passes(self, after: float) -> None:
        self.feed(Tick(), after)

    @rule(policy=POLICIES)
    def settings_change(self, policy: Policy) -> None:
        self.evse.policy = replace(policy, mode=self.evse.policy.mode)

    @rule(seen=SEEN)
    def killed(self, seen: Seen) -> None:
        allowed = self.evse.session.grant if self.kept is not None else None
        self.evse.kill(self.kept)
        self.over = False
        grant = self.evse.session.grant
        assert grant is None or grant.withheld or allowed is not None, "a restart authorises nobody"
        done = self.feed(seen)
        assert self.kept is None or transaction_kept(done), "it is the same transaction"

    @invariant()
    def nobody_is_charged_after_leaving(self) -> None:
        """A transaction without a car waits for one, or outlasts its absence by the operator's will."""
        session = self.evse.session
        if session.running is not None and session.fresh and not session.seen.plugged:
            assert session.grant is not None


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
