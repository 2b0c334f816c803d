"""How a session begins: by whom, in which order, and at which point its transaction starts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.model.session import (
    ANYBODY,
    AskAuthorization,
    AuthorizationMode,
    Authorized,
    Begin,
    End,
    Operative,
    Policy,
    Presented,
    Reject,
    Release,
    RemoteStart,
    Seen,
    Stop,
    Tick,
    TxPoint,
    Update,
)
from gateway.model.tokens import AdditionalInfo, Authorization, AuthorizationStatus, Token, TokenType
from gateway.model.transactions import (
    STOPPED_BY_BACKEND,
    STOPPED_BY_TIMEOUT,
    ChargingState,
    TriggerReason,
)
from tests.gateway.model.session.evse import (
    ACCEPTED,
    AUTHORIZED,
    BROKEN,
    CARD,
    CHARGING,
    CLOSED,
    CONNECTED,
    ENERGY,
    FAMILY,
    FREE,
    INVALID,
    NOBODY,
    OFFERED,
    READY,
    STRANGER,
    WAITING,
    Evse,
    releases,
    told,
)


def remote(evse: Evse, seconds: float = 90) -> RemoteStart:
    return RemoteStart(token=CARD, expires_at=evse.now + timedelta(seconds=seconds))


def first(points: frozenset[TxPoint], order: str) -> tuple[int, Begin]:
    """At which of the three steps of a start the transaction begins, and how."""
    evse = Evse(Policy(start_points=points)).free()
    steps = [evse.feed(WAITING), evse.card()] if order == "plug" else [evse.card(), evse.feed(WAITING)]
    steps.append(evse.feed(CHARGING))
    begins = [(n, a) for n, actions in enumerate(steps) for a in actions if isinstance(a, Begin)]
    assert evse.released
    assert evse.charging_state is ChargingState.CHARGING
    return begins[0]


STATE = ChargingState
TRIGGER = TriggerReason
PLUG_FIRST = [
    (CONNECTED, 0, TRIGGER.CABLE_PLUGGED_IN, STATE.EV_CONNECTED, False),
    (AUTHORIZED, 1, TRIGGER.AUTHORIZED, STATE.EV_CONNECTED, True),
    (CLOSED, 1, TRIGGER.AUTHORIZED, STATE.EV_CONNECTED, True),
    (ENERGY, 2, TRIGGER.CHARGING_STATE_CHANGED, STATE.CHARGING, True),
    (CONNECTED | AUTHORIZED, 0, TRIGGER.CABLE_PLUGGED_IN, STATE.EV_CONNECTED, False),
    (CLOSED | ENERGY, 1, TRIGGER.AUTHORIZED, STATE.EV_CONNECTED, True),
    (frozenset(), 1, TRIGGER.AUTHORIZED, STATE.EV_CONNECTED, True),
]
CARD_FIRST = [
    (CONNECTED, 1, TRIGGER.CABLE_PLUGGED_IN, STATE.EV_CONNECTED, True),
    (AUTHORIZED, 0, TRIGGER.AUTHORIZED, STATE.IDLE, True),
    (CLOSED, 1, TRIGGER.CABLE_PLUGGED_IN, STATE.EV_CONNECTED, True),
    (ENERGY, 2, TRIGGER.CHARGING_STATE_CHANGED, STATE.CHARGING, True),
    (CONNECTED | AUTHORIZED, 0, TRIGGER.AUTHORIZED, STATE.IDLE, True),
]


@pytest.mark.ocpp("E01.FR.02", "E01.FR.03", "E01.FR.05", "E01.FR.06", "E02.FR.06")
@pytest.mark.parametrize(("points", "at", "trigger", "state", "token"), PLUG_FIRST)
def test_plugged_in_first(
    points: frozenset[TxPoint], at: int, trigger: TriggerReason, state: ChargingState, *, token: bool
) -> None:
    begin = Begin(trigger=trigger, charging_state=state, token=CARD if token else None)
    assert first(points, "plug") == (at, begin)


@pytest.mark.ocpp("E03.FR.01")
@pytest.mark.parametrize(("points", "at", "trigger", "state", "token"), CARD_FIRST)
def test_card_first(
    points: frozenset[TxPoint], at: int, trigger: TriggerReason, state: ChargingState, *, token: bool
) -> None:
    begin = Begin(trigger=trigger, charging_state=state, token=CARD if token else None)
    assert first(points, "card") == (at, begin)


@pytest.mark.ocpp("E02.FR.01", "E02.FR.20", "E01.FR.10")
def test_a_card_is_told_in_the_transaction_that_waits_for_it() -> None:
    evse = Evse(Policy(start_points=CONNECTED)).free()
    evse.feed(WAITING)
    assert evse.card() == [
        AskAuthorization(token=CARD),
        Update(trigger=TriggerReason.AUTHORIZED, token=CARD),
        Release(on=True),
    ]


@pytest.mark.ocpp("C01.FR.01", "C06.FR.01")
@pytest.mark.parametrize("type_", [TokenType.ISO14443, TokenType.LOCAL])
def test_nothing_flows_before_the_answer(type_: TokenType) -> None:
    evse, token = Evse().free(), Token(value="04A1B2C3", type=type_)
    assert releases(evse.feed(WAITING, READY, Presented(token=token), READY)) == []
    assert releases(evse.feed(Authorized(token=token, authorization=ACCEPTED))) == [True]


def test_the_transaction_has_the_token_as_it_is_known() -> None:
    evse, more = Evse().free(), (AdditionalInfo(value="7", type="pin"),)
    evse.feed(WAITING)
    known = replace(ACCEPTED, token=replace(CARD, additional=more))
    (begin,) = [action for action in evse.card(CARD, known) if isinstance(action, Begin)]
    assert begin.token is not None
    assert begin.token.additional == more


def test_the_transaction_begins_before_the_current_and_its_end_comes_after() -> None:
    evse = Evse().free()
    evse.feed(WAITING)
    assert [type(a) for a in evse.card()] == [AskAuthorization, Begin, Release]
    evse.feed(CHARGING)
    assert [type(a) for a in evse.feed(Presented(token=CARD))] == [Release, End]


@pytest.mark.parametrize(
    ("known", "status"),
    [
        (INVALID, AuthorizationStatus.INVALID),
        pytest.param(
            Authorization(status=AuthorizationStatus.ACCEPTED, evses=(2, 3)),
            AuthorizationStatus.NOT_AT_THIS_LOCATION,
            marks=pytest.mark.ocpp("C01.FR.21"),
        ),
    ],
)
def test_a_token_that_may_not_charge_here(known: Authorization, status: AuthorizationStatus) -> None:
    evse = Evse(Policy(evse=1)).free()
    evse.feed(WAITING)
    assert evse.card(known=known) == [AskAuthorization(token=CARD), Reject(token=CARD, status=status)]
    assert evse.feed(READY) == []


class TestTimeOut:
    """Who is authorised and does not plug in."""

    @pytest.mark.ocpp("E03.FR.05")
    @pytest.mark.parametrize("stops", [CONNECTED, AUTHORIZED, CLOSED, ENERGY])
    def test_ends_the_transaction(self, stops: frozenset[TxPoint]) -> None:
        evse = Evse(Policy(start_points=AUTHORIZED, stop_points=stops)).free()
        evse.card()
        assert evse.wait(59) == []
        assert evse.wait(1) == [End(cause=STOPPED_BY_TIMEOUT, charging_state=ChargingState.IDLE)]
        assert evse.feed(WAITING, READY) == []

    @pytest.mark.ocpp("F02.FR.07")
    def test_ends_a_remote_start_too(self) -> None:
        evse = Evse(Policy(start_points=AUTHORIZED)).free()
        evse.feed(remote(evse))
        assert evse.wait(60) == [End(cause=STOPPED_BY_TIMEOUT, charging_state=ChargingState.IDLE)]

    @pytest.mark.ocpp("C01.FR.26")
    def test_ends_the_authorization_where_no_transaction_has_begun(self) -> None:
        evse = Evse().free()
        evse.card()
        assert evse.wait(61) == []
        assert evse.feed(WAITING, READY) == []

    def test_counts_even_if_nobody_said_so_in_between(self) -> None:
        evse = Evse().free()
        evse.card()
        assert evse.feed(WAITING, after=60) == []

    def test_follows_the_setting_at_once(self) -> None:
        evse = Evse().free()
        evse.card()
        evse.policy = replace(evse.policy, ev_connection_timeout=timedelta(seconds=600))
        evse.wait(120)
        assert releases(evse.feed(WAITING)) == [True]

    def test_is_over_once_plugged_in(self) -> None:
        evse = Evse().free()
        evse.card()
        evse.feed(WAITING)
        assert evse.wait(120) == []
        assert evse.released


class TestRemoteStart:
    """The backend starts (F01, F02)."""

    @pytest.mark.parametrize("mode", list(AuthorizationMode))
    def test_before_the_car(self, mode: AuthorizationMode) -> None:
        evse = Evse(Policy(mode=mode)).free()
        assert evse.feed(remote(evse)) == []
        begin = Begin(trigger=TriggerReason.REMOTE_START, charging_state=ChargingState.EV_CONNECTED, token=CARD)
        assert evse.feed(WAITING) == [begin, Release(on=True)]

    @pytest.mark.ocpp("F01.FR.19")
    @pytest.mark.parametrize("mode", [AuthorizationMode.CENTRAL, AuthorizationMode.TOKEN_READER])
    def test_after_the_car(self, mode: AuthorizationMode) -> None:
        evse = Evse(Policy(mode=mode)).free()
        evse.feed(WAITING)
        begin = Begin(trigger=TriggerReason.REMOTE_START, charging_state=ChargingState.EV_CONNECTED, token=CARD)
        assert evse.feed(remote(evse)) == [begin, Release(on=True)]

    def test_of_a_transaction_that_waits_for_it(self) -> None:
        evse = Evse(Policy(mode=AuthorizationMode.CENTRAL, start_points=CONNECTED)).free()
        evse.feed(WAITING)
        assert evse.feed(remote(evse)) == [Update(trigger=TriggerReason.REMOTE_START, token=CARD), Release(on=True)]

    @pytest.mark.parametrize("seen", [WAITING, CHARGING])
    def test_is_refused_while_another_is_authorized(self, seen: Seen) -> None:
        evse = Evse().charging()
        evse.feed(seen)
        assert [type(a) for a in evse.feed(remote(evse))] == [Reject]

    def test_lapses(self) -> None:
        evse = Evse(Policy(ev_connection_timeout=timedelta(hours=1))).free()
        evse.feed(remote(evse, seconds=30))
        assert evse.feed(WAITING, after=31) == []
        assert [type(a) for a in evse.feed(remote(evse, seconds=-5))] == [Reject]

    def test_only_the_backend_starts_in_central_mode(self) -> None:
        evse = Evse(Policy(mode=AuthorizationMode.CENTRAL)).free()
        evse.feed(WAITING)
        assert [type(a) for a in evse.feed(Presented(token=CARD))] == [Reject]


class TestFreeVend:
    """Whoever plugs in may charge."""

    @pytest.mark.ocpp("C02.FR.01")
    def test_plugging_in_is_enough(self) -> None:
        evse = Evse(FREE).free()
        begin = Begin(trigger=TriggerReason.CABLE_PLUGGED_IN, charging_state=ChargingState.EV_CONNECTED, token=ANYBODY)
        assert evse.feed(WAITING) == [begin, Release(on=True)]
        assert (ANYBODY.value, ANYBODY.type) == ("", TokenType.NO_AUTHORIZATION)

    def test_plugging_in_is_enough_where_nobody_is_asked_about_tokens(self) -> None:
        evse = Evse(Policy(authorizes=False)).free()
        assert [type(a) for a in evse.feed(WAITING)] == [Begin, Release]
        assert evse.session.grant is not None
        assert evse.session.grant.token == ANYBODY

    def test_a_token_that_comes_before_the_cable_is_that_of_the_transaction(self) -> None:
        evse = Evse(Policy(authorizes=False)).free()
        evse.card()
        (begin, *_) = told(evse.feed(WAITING))
        assert isinstance(begin, Begin)
        assert begin.token == CARD

    def test_waits_for_the_cable_after_a_remote_stop(self) -> None:
        evse = Evse(FREE).free()
        evse.feed(WAITING, CHARGING)
        assert [type(a) for a in evse.feed(Stop(cause=STOPPED_BY_BACKEND))] == [Release, End]
        assert evse.feed(CHARGING, WAITING, Tick(), READY) == []
        assert told(evse.feed(NOBODY, WAITING)) != []

    def test_a_car_that_waits_charges_once_the_evse_is_operative(self) -> None:
        evse = Evse(FREE).free()
        assert evse.feed(Operative(operative=False), WAITING) == []
        assert [type(a) for a in evse.feed(Operative(operative=True))] == [Begin, Release]

    def test_cards_mean_nothing(self) -> None:
        evse = Evse(FREE).free()
        evse.feed(WAITING, CHARGING)
        assert [type(a) for a in evse.feed(Presented(token=STRANGER))] == [Reject]
        assert evse.released


class TestClosed:
    """Nobody begins at an EVSE that is out of order or inoperative."""

    @pytest.mark.parametrize("points", [CONNECTED, AUTHORIZED, CLOSED, ENERGY])
    @pytest.mark.parametrize("broken", [True, False])
    def test_nothing_begins(self, points: frozenset[TxPoint], *, broken: bool) -> None:
        evse = Evse(Policy(start_points=points)).free()
        if not broken:
            evse.feed(Operative(operative=False))
        assert evse.feed(BROKEN if broken else WAITING) == []
        assert [type(a) for a in evse.feed(Presented(token=CARD))] == [Reject]
        assert [type(a) for a in evse.feed(remote(evse))] == [Reject]

    def test_an_authorization_outlasts_a_fault(self) -> None:
        evse = Evse().free()
        evse.card()
        assert evse.feed(BROKEN) == []
        assert [type(a) for a in evse.feed(WAITING)] == [Begin, Release]

    def test_an_authorization_does_not_outlast_the_operator(self) -> None:
        evse = Evse().free()
        evse.card()
        evse.feed(Operative(operative=False), Operative(operative=True))
        assert evse.feed(WAITING) == []

    def test_a_card_that_comes_too_late(self) -> None:
        evse = Evse().free()
        evse.feed(WAITING, Presented(token=CARD), Operative(operative=False))
        late = evse.feed(Authorized(token=CARD, authorization=ACCEPTED))
        assert late == [Reject(token=CARD, status=AuthorizationStatus.NOT_AT_THIS_TIME)]


def test_a_group_that_the_backend_tells_with_the_start_is_known() -> None:
    evse = Evse().free()
    evse.feed(replace(remote(evse), group=FAMILY), WAITING, CHARGING)
    assert evse.feed(Presented(token=STRANGER)) == [AskAuthorization(token=STRANGER)]


@pytest.mark.ocpp("E01.FR.18", "E01.FR.19", "E02.FR.13")
def test_the_state_of_charging_is_told_as_it_changes() -> None:
    evse = Evse().free()
    evse.feed(WAITING)
    evse.card()
    changed = [
        (READY, None),  # the station has yet to react
        (OFFERED, ChargingState.SUSPENDED_EV),
        (CHARGING, ChargingState.CHARGING),
        (CHARGING, None),
        (OFFERED, ChargingState.SUSPENDED_EV),  # E01.FR.19
        (READY, ChargingState.SUSPENDED_EVSE),
        (CHARGING, ChargingState.CHARGING),
    ]
    for seen, state in changed:
        update = Update(trigger=TriggerReason.CHARGING_STATE_CHANGED, charging_state=state) if state else None
        assert evse.feed(seen) == ([update] if update else [])


def test_a_station_that_never_offers_is_suspended_in_the_end() -> None:
    evse = Evse().free()
    evse.feed(WAITING)
    evse.card()
    assert told(evse.feed(*[READY] * 8)) == []
    assert told(evse.feed(*[READY] * 4)) == [
        Update(trigger=TriggerReason.CHARGING_STATE_CHANGED, charging_state=ChargingState.SUSPENDED_EVSE)
    ]
