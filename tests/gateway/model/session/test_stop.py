"""How a session ends: by token, by the backend, by unplugging, by faults; and at which point its transaction stops."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.model.session import (
    EMERGENCY_STOP,
    STOPPED_BY_EMERGENCY_STOP,
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
from gateway.model.tokens import Authorization, AuthorizationStatus, Token, TokenType
from gateway.model.transactions import (
    STOPPED_BY_BACKEND,
    STOPPED_BY_DRIVER,
    STOPPED_BY_RESET,
    STOPPED_BY_TIMEOUT,
    STOPPED_BY_UNPLUGGING,
    STOPPED_DEAUTHORIZED,
    ChargingState,
    StopCause,
    StoppedReason,
    TriggerReason,
)
from tests.fakes.clock import START
from tests.gateway.model.session.evse import (
    ACCEPTED,
    AUTHORIZED,
    BROKEN,
    CARD,
    CHARGING,
    CLOSED,
    CONNECTED,
    ENERGY,
    FRIEND,
    IN_FAMILY,
    INVALID,
    NOBODY,
    OFFERED,
    READY,
    STRANGER,
    WAITING,
    Evse,
    told,
)

CABLE = TriggerReason.EV_COMMUNICATION_LOST
PLUGGED, AWAY = ChargingState.EV_CONNECTED, ChargingState.IDLE
SUSPENDS = Policy(stop_points=AUTHORIZED, stop_on_ev_side_disconnect=False)


class TestToken:
    """A token at the reader (C01, C09, E07)."""

    @pytest.mark.ocpp("C01.FR.03", "E07.FR.01", "E07.FR.02", "E07.FR.05")
    @pytest.mark.parametrize(
        "stops",
        [
            pytest.param(AUTHORIZED, marks=pytest.mark.ocpp("E06.FR.03")),
            pytest.param(CLOSED, marks=pytest.mark.ocpp("E06.FR.06")),
        ],
    )
    def test_the_same_token_stops_unasked(self, stops: frozenset[TxPoint]) -> None:
        evse = Evse(Policy(stop_points=stops)).charging()
        stopped = evse.feed(Presented(token=Token(value=CARD.value.lower())))
        assert stopped == [
            Release(on=False),
            End(cause=STOPPED_BY_DRIVER, charging_state=PLUGGED, token=Token(value=CARD.value.lower())),
        ]

    @pytest.mark.ocpp("E07.FR.01", "E07.FR.02")
    def test_ends_the_authorization_alone_where_the_transaction_lasts_until_the_car_leaves(self) -> None:
        evse = Evse(Policy(stop_points=CONNECTED)).charging()
        assert evse.feed(Presented(token=CARD)) == [
            Release(on=False),
            Update(trigger=TriggerReason.STOP_AUTHORIZED, token=CARD),
        ]
        assert evse.feed(CHARGING, WAITING, READY) == [
            Update(trigger=TriggerReason.CHARGING_STATE_CHANGED, charging_state=PLUGGED)
        ]
        local = StopCause(trigger=CABLE, reason=StoppedReason.LOCAL)
        assert evse.feed(NOBODY) == [End(cause=local, charging_state=AWAY)]

    def test_ends_with_the_energy_where_that_is_the_stop_point(self) -> None:
        evse = Evse(Policy(stop_points=ENERGY)).charging()
        assert [type(a) for a in evse.feed(Presented(token=CARD))] == [Release, Update]
        local = StopCause(trigger=TriggerReason.CHARGING_STATE_CHANGED, reason=StoppedReason.LOCAL)
        assert evse.feed(WAITING) == [End(cause=local, charging_state=PLUGGED)]

    @pytest.mark.ocpp("C09.FR.03", "C09.FR.05")
    def test_one_of_the_same_group_stops(self) -> None:
        evse = Evse().charging(IN_FAMILY)
        assert evse.card(FRIEND, IN_FAMILY) == [
            AskAuthorization(token=FRIEND),
            Release(on=False),
            End(cause=STOPPED_BY_DRIVER, charging_state=PLUGGED, token=FRIEND),
        ]

    @pytest.mark.ocpp("C09.FR.11")
    def test_one_of_the_same_group_that_is_not_accepted_does_not(self) -> None:
        evse = Evse().charging(IN_FAMILY)
        blocked = IN_FAMILY.__class__(status=AuthorizationStatus.BLOCKED, group=IN_FAMILY.group)
        assert [type(a) for a in evse.card(FRIEND, blocked)] == [AskAuthorization, Reject]

    @pytest.mark.ocpp("C01.FR.02")
    @pytest.mark.parametrize("own", [IN_FAMILY, ACCEPTED])
    def test_a_strange_one_is_asked_about_and_refused(self, own: Authorization) -> None:
        evse = Evse().charging(own)
        assert [type(a) for a in evse.card(STRANGER)] == [AskAuthorization, Reject]
        assert evse.released

    @pytest.mark.parametrize("mode", AuthorizationMode)
    def test_any_may_be_a_master_pass_where_there_is_one(self, mode: AuthorizationMode) -> None:
        """What it stops is stopped by those who know its group; here it is asked about whoever charges and however."""
        for masters in (False, True):
            evse = Evse(Policy(mode=mode, masters=masters))
            evse.feed(WAITING)
            if mode is AuthorizationMode.CENTRAL:
                evse.feed(RemoteStart(token=CARD, expires_at=START + timedelta(minutes=5)))
            asked = AskAuthorization(token=STRANGER) in evse.feed(Presented(token=STRANGER))
            assert asked is (masters or mode is not AuthorizationMode.FREE_VEND)

    @pytest.mark.ocpp("C01.FR.02", "C01.FR.25")
    def test_the_same_value_of_another_type_is_another_token(self) -> None:
        evse, other = Evse().charging(), Token(value=CARD.value, type=TokenType.KEY_CODE)
        assert [type(a) for a in evse.card(other)] == [AskAuthorization, Reject]
        assert evse.released

    @pytest.mark.ocpp("C01.FR.23")
    def test_a_strange_one_is_refused_even_when_the_authorization_has_ended(self) -> None:
        evse = Evse(Policy(stop_points=CONNECTED)).charging()
        evse.feed(Presented(token=CARD), WAITING)
        assert [type(a) for a in evse.card(STRANGER)] == [Reject]

    def test_the_same_one_goes_on_after_it_has_stopped(self) -> None:
        evse = Evse(Policy(stop_points=CONNECTED)).charging()
        evse.feed(Presented(token=CARD), WAITING)
        assert evse.card() == [
            AskAuthorization(token=CARD),
            Update(trigger=TriggerReason.AUTHORIZED, token=CARD),
            Release(on=True),
        ]
        assert evse.feed(CHARGING, NOBODY)[-1] == End(cause=STOPPED_BY_UNPLUGGING, charging_state=AWAY)

    def test_takes_back_what_no_transaction_has_come_of(self) -> None:
        evse = Evse().free()
        evse.card()
        assert evse.feed(Presented(token=CARD), WAITING) == []

    @pytest.mark.parametrize("starts", [CONNECTED, AUTHORIZED, CLOSED, ENERGY, CONNECTED | ENERGY])
    def test_nothing_begins_again_until_unplugged_or_a_new_token_comes(self, starts: frozenset[TxPoint]) -> None:
        evse = Evse(Policy(start_points=starts)).charging()
        evse.feed(Presented(token=CARD))
        assert evse.feed(CHARGING, WAITING, READY, OFFERED) == []
        evse.card(FRIEND)
        assert told(evse.feed(CHARGING, NOBODY))[-1] == End(cause=STOPPED_BY_UNPLUGGING, charging_state=AWAY)
        evse.card()
        evse.feed(WAITING, CHARGING)
        assert evse.running


class TestBackend:
    """The backend stops, or does not accept the token."""

    @pytest.mark.ocpp("F03.FR.03")
    @pytest.mark.parametrize("stops", [AUTHORIZED, CLOSED, Policy().stop_points])
    def test_stops(self, stops: frozenset[TxPoint]) -> None:
        evse = Evse(Policy(stop_points=stops)).charging()
        end = End(cause=STOPPED_BY_BACKEND, charging_state=PLUGGED)
        assert evse.feed(Stop(cause=STOPPED_BY_BACKEND)) == [Release(on=False), end]
        assert evse.feed(Stop(cause=STOPPED_BY_BACKEND)) == []

    @pytest.mark.ocpp("F03.FR.02")
    def test_stops_the_energy_only_where_the_transaction_lasts_until_the_car_leaves(self) -> None:
        evse = Evse(Policy(stop_points=CONNECTED)).charging()
        stopped = [Release(on=False), Update(trigger=TriggerReason.REMOTE_STOP)]
        assert evse.feed(*[Stop(cause=STOPPED_BY_BACKEND)] * 2) == stopped
        evse.feed(WAITING)
        remote = StopCause(trigger=CABLE, reason=StoppedReason.REMOTE)
        assert evse.feed(NOBODY) == [End(cause=remote, charging_state=AWAY)]

    @pytest.mark.parametrize("stops", [CONNECTED, AUTHORIZED, ENERGY])
    def test_a_reset_ends_it_whatever_the_stop_points(self, stops: frozenset[TxPoint]) -> None:
        evse = Evse(Policy(stop_points=stops)).charging()
        end = End(cause=STOPPED_BY_RESET, charging_state=PLUGGED)
        assert evse.feed(Stop(cause=STOPPED_BY_RESET)) == [Release(on=False), end]

    def test_stops_a_transaction_that_nobody_has_been_authorized_for(self) -> None:
        evse = Evse(Policy(start_points=CONNECTED)).free()
        evse.feed(WAITING)
        assert evse.feed(Stop(cause=STOPPED_BY_BACKEND), READY) == [
            End(cause=STOPPED_BY_BACKEND, charging_state=PLUGGED)
        ]

    @pytest.mark.parametrize("by_stop", [True, False])
    @pytest.mark.parametrize(
        "stops",
        [
            pytest.param(AUTHORIZED, marks=pytest.mark.ocpp("E06.FR.04", "E05.FR.10")),
            pytest.param(CLOSED, marks=pytest.mark.ocpp("E06.FR.06", "E05.FR.10")),
            pytest.param(ENERGY, marks=pytest.mark.ocpp("E05.FR.10")),
        ],
    )
    def test_a_token_that_is_not_accepted_ends_it(self, stops: frozenset[TxPoint], *, by_stop: bool) -> None:
        evse = Evse(Policy(stop_points=stops)).charging()
        word = Stop(cause=STOPPED_DEAUTHORIZED) if by_stop else Authorized(token=CARD, authorization=INVALID)
        end = End(cause=STOPPED_DEAUTHORIZED, charging_state=PLUGGED)
        assert evse.feed(word) == [Release(on=False), end]

    @pytest.mark.ocpp("E05.FR.09")
    def test_a_token_that_is_not_accepted_in_a_transaction_that_lasts_until_the_car_leaves(self) -> None:
        evse = Evse(Policy(stop_points=CONNECTED)).charging()
        assert evse.feed(Stop(cause=STOPPED_DEAUTHORIZED), READY) == [
            Release(on=False),
            Update(trigger=TriggerReason.DEAUTHORIZED),
            Update(trigger=TriggerReason.CHARGING_STATE_CHANGED, charging_state=PLUGGED),
        ]

    @pytest.mark.ocpp("E05.FR.02")
    @pytest.mark.parametrize("stops", [CONNECTED, AUTHORIZED, CLOSED])
    def test_a_token_that_is_not_accepted_and_does_not_stop(self, stops: frozenset[TxPoint]) -> None:
        evse = Evse(Policy(stop_points=stops, stop_on_invalid_id=False)).charging()
        assert evse.feed(Stop(cause=STOPPED_DEAUTHORIZED), READY, OFFERED) == [
            Release(on=False),
            Update(trigger=TriggerReason.CHARGING_STATE_CHANGED, charging_state=ChargingState.SUSPENDED_EVSE),
        ]
        assert evse.feed(NOBODY) == [End(cause=STOPPED_BY_UNPLUGGING, charging_state=AWAY)]

    @pytest.mark.ocpp("E05.FR.03")
    def test_a_token_that_is_not_accepted_may_have_some_energy_more(self) -> None:
        evse = Evse(Policy(stop_on_invalid_id=False, energy_on_invalid_id=500.0)).charging()
        assert evse.feed(Tick(register=1200.0), Stop(cause=STOPPED_DEAUTHORIZED), Tick(register=1699.0)) == []
        assert evse.feed(Authorized(token=CARD, authorization=INVALID), Tick(register=1699.9)) == [], "said again"
        assert evse.feed(Tick(register=1700.0)) == [Release(on=False)]
        assert evse.feed(OFFERED) == [
            Update(trigger=TriggerReason.CHARGING_STATE_CHANGED, charging_state=ChargingState.SUSPENDED_EVSE)
        ]

    def test_no_energy_more_where_nothing_measures_it(self) -> None:
        evse = Evse(Policy(stop_on_invalid_id=False, energy_on_invalid_id=500.0)).charging()
        assert evse.feed(Stop(cause=STOPPED_DEAUTHORIZED)) == [Release(on=False)]

    @pytest.mark.ocpp("E05.FR.10")
    def test_no_energy_more_where_an_invalid_token_stops(self) -> None:
        evse = Evse(Policy(energy_on_invalid_id=500.0)).charging()
        evse.feed(Tick(register=1200.0))
        assert [type(a) for a in evse.feed(Stop(cause=STOPPED_DEAUTHORIZED))] == [Release, End]

    def test_a_good_word_changes_nothing(self) -> None:
        assert Evse().charging().feed(Authorized(token=CARD, authorization=ACCEPTED)) == []


class TestUnplugging:
    """The car leaves (E06, E09, E10)."""

    @pytest.mark.parametrize(
        "stops",
        [
            pytest.param(CONNECTED, marks=pytest.mark.ocpp("E06.FR.02")),
            pytest.param(CLOSED, marks=pytest.mark.ocpp("E06.FR.06")),
            pytest.param(AUTHORIZED, marks=pytest.mark.ocpp("E09.FR.01")),
            ENERGY,
        ],
    )
    def test_ends_the_transaction(self, stops: frozenset[TxPoint]) -> None:
        evse = Evse(Policy(stop_points=stops)).charging()
        end = End(cause=STOPPED_BY_UNPLUGGING, charging_state=AWAY)
        assert evse.feed(NOBODY) == [Release(on=False), end]
        assert evse.feed(CHARGING) == []  # it has to be authorised again

    @pytest.mark.parametrize("stops", [CONNECTED, CLOSED, ENERGY, AUTHORIZED | CONNECTED])
    def test_ends_it_at_those_stop_points_whatever_else_is_set(self, stops: frozenset[TxPoint]) -> None:
        evse = Evse(Policy(stop_points=stops, stop_on_ev_side_disconnect=False)).charging()
        assert isinstance(evse.feed(NOBODY)[-1], End)

    def test_suspends_it_and_the_cable_resumes_it(self) -> None:
        evse = Evse(SUSPENDS).charging()
        assert evse.feed(NOBODY) == [Release(on=False), Update(trigger=CABLE, charging_state=AWAY)]
        assert evse.wait(3600) == []
        assert evse.feed(WAITING) == [
            Update(trigger=TriggerReason.CABLE_PLUGGED_IN, charging_state=PLUGGED),
            Release(on=True),
        ]
        assert evse.feed(CHARGING) == [
            Update(trigger=TriggerReason.CHARGING_STATE_CHANGED, charging_state=ChargingState.CHARGING)
        ]

    @pytest.mark.parametrize(
        ("stop", "cause", "token"),
        [(Presented(token=CARD), STOPPED_BY_DRIVER, CARD), (Stop(cause=STOPPED_BY_BACKEND), STOPPED_BY_BACKEND, None)],
    )
    def test_suspended_it_is_stopped_by_token_or_backend(
        self, stop: Presented | Stop, cause: StopCause, token: Token | None
    ) -> None:
        evse = Evse(SUSPENDS).charging()
        evse.feed(NOBODY)
        assert evse.feed(stop) == [End(cause=cause, charging_state=AWAY, token=token)]

    @pytest.mark.ocpp("E10.FR.02")
    def test_of_an_attached_cable_suspends_it_for_a_time(self) -> None:
        policy = Policy(stop_points=AUTHORIZED, stop_on_ev_side_disconnect=False, attached_cable=True)
        evse = Evse(policy).charging()
        evse.feed(NOBODY)
        assert evse.wait(59) == []
        assert evse.wait(1) == [End(cause=STOPPED_BY_TIMEOUT, charging_state=AWAY)]

    @pytest.mark.parametrize("policy", [SUSPENDS, Policy()])
    def test_ends_a_transaction_that_nobody_has_been_authorized_for(self, policy: Policy) -> None:
        evse = Evse(Policy(start_points=CONNECTED, stop_points=policy.stop_points)).free()
        evse.feed(WAITING)
        assert evse.feed(NOBODY) == [End(cause=STOPPED_BY_UNPLUGGING, charging_state=AWAY)]

    def test_takes_an_authorization_away_that_no_transaction_has_come_of(self) -> None:
        evse = Evse(Policy(start_points=ENERGY)).free()
        evse.feed(WAITING)
        evse.card()
        assert evse.feed(NOBODY, WAITING) == [Release(on=False)]


@pytest.mark.ocpp("E06.FR.07")
@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        (OFFERED, StopCause(trigger=TriggerReason.CHARGING_STATE_CHANGED, reason=StoppedReason.STOPPED_BY_EV)),
        (READY, StopCause(trigger=TriggerReason.CHARGING_STATE_CHANGED, reason=StoppedReason.OTHER)),
        pytest.param(
            BROKEN,
            StopCause(trigger=TriggerReason.ABNORMAL_CONDITION, reason=StoppedReason.GROUND_FAULT),
            marks=pytest.mark.ocpp("E06.FR.16"),
        ),
    ],
)
def test_energy_that_stops_ends_a_transaction_of_energy(seen: Seen, cause: StopCause) -> None:
    evse = Evse(Policy(stop_points=ENERGY)).charging()
    assert evse.feed(seen)[-1] == End(cause=cause, charging_state=PLUGGED)
    assert evse.feed(CHARGING) == []


class TestFaults:
    """A fault holds energy back, and the transaction goes on."""

    def test_holds_back_and_goes_on(self) -> None:
        evse = Evse().charging()
        assert evse.feed(BROKEN, BROKEN) == [
            Release(on=False),
            Update(trigger=TriggerReason.ABNORMAL_CONDITION, charging_state=ChargingState.SUSPENDED_EVSE),
        ]
        assert evse.feed(WAITING) == [Release(on=True)]
        assert evse.feed(CHARGING) == [
            Update(trigger=TriggerReason.CHARGING_STATE_CHANGED, charging_state=ChargingState.CHARGING)
        ]

    def test_who_unplugs_in_a_fault_ends(self) -> None:
        evse = Evse().charging()
        evse.feed(BROKEN)
        end = End(cause=STOPPED_BY_UNPLUGGING, charging_state=AWAY)
        assert evse.feed(Seen(faulted=True, codes=BROKEN.codes)) == [end]

    @pytest.mark.ocpp("E06.FR.16")
    @pytest.mark.parametrize("stops", [CONNECTED, AUTHORIZED])
    def test_an_emergency_stop_ends(self, stops: frozenset[TxPoint]) -> None:
        evse = Evse(Policy(stop_points=stops)).charging()
        pressed = Seen(plugged=True, faulted=True, codes=(EMERGENCY_STOP,))
        end = End(cause=STOPPED_BY_EMERGENCY_STOP, charging_state=PLUGGED)
        assert evse.feed(pressed, pressed) == [Release(on=False), end]
        assert [type(a) for a in evse.feed(Presented(token=CARD))] == [Reject]
        assert evse.feed(WAITING, READY) == []
        assert [type(a) for a in evse.card()] == [AskAuthorization, Begin, Release]


def test_an_inoperative_evse_charges_on_until_the_end() -> None:
    evse = Evse().charging()
    assert evse.feed(Operative(operative=False), CHARGING) == []
    assert isinstance(evse.feed(Presented(token=CARD))[-1], End)
    assert [type(a) for a in evse.feed(Presented(token=CARD))] == [Reject]
    start = RemoteStart(token=CARD, expires_at=evse.now + timedelta(hours=1))
    assert [type(a) for a in evse.feed(start)] == [Reject]
