"""The box is killed, or the station loses power: the session goes on, or ends; it never begins a second time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.model.session import (
    AskAuthorization,
    AuthorizationMode,
    Authorized,
    Begin,
    End,
    Policy,
    Presented,
    Recovered,
    Reject,
    Release,
    Seen,
    Session,
    Stop,
    TxPoint,
    Update,
    step,
)
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
    CONNECTED,
    FREE,
    FRIEND,
    IN_FAMILY,
    INVALID,
    NOBODY,
    OFFERED,
    READY,
    STRANGER,
    WAITING,
    Evse,
    releases,
    told,
    transaction,
)

SUSPENDS = Policy(stop_points=AUTHORIZED, stop_on_ev_side_disconnect=False)


def test_a_charging_car_charges_on() -> None:
    evse = Evse(kept=transaction())
    assert evse.feed(CHARGING) == [Release(on=True)]
    assert isinstance(evse.feed(Presented(token=CARD))[-1], End)


def test_what_has_changed_meanwhile_is_told() -> None:
    evse = Evse(kept=transaction())
    update = Update(trigger=TriggerReason.CHARGING_STATE_CHANGED, charging_state=ChargingState.SUSPENDED_EV)
    assert evse.feed(OFFERED) == [update, Release(on=True)]


def test_a_car_that_has_left_meanwhile_has_ended_it() -> None:
    end = End(cause=STOPPED_BY_UNPLUGGING, charging_state=ChargingState.IDLE)
    assert Evse(kept=transaction()).feed(NOBODY) == [Release(on=False), end]


def test_a_station_in_a_fault_is_not_let_go() -> None:
    evse = Evse(kept=transaction())
    assert releases(evse.feed(BROKEN)) == [False]
    assert releases(evse.feed(WAITING)) == [True]


@pytest.mark.parametrize("mode", list(AuthorizationMode))
@pytest.mark.parametrize("starts", [CONNECTED, AUTHORIZED])
def test_without_a_transaction_the_station_is_held_back_first(
    mode: AuthorizationMode, starts: frozenset[TxPoint]
) -> None:
    evse = Evse(Policy(mode=mode, start_points=starts))
    assert evse.feed(NOBODY) == [Release(on=False)]


def test_a_driver_who_was_authorized_still_has_to_plug_in_in_time() -> None:
    kept = transaction(state=ChargingState.IDLE)
    evse = Evse(Policy(start_points=AUTHORIZED), kept=kept)
    evse.feed(NOBODY)
    assert evse.wait(58) == []
    assert evse.wait(2) == [End(cause=STOPPED_BY_TIMEOUT, charging_state=ChargingState.IDLE)]
    evse = Evse(Policy(start_points=AUTHORIZED), kept=kept)
    evse.feed(NOBODY)
    assert evse.feed(WAITING)[-1] == Release(on=True)


def test_a_car_that_was_away_may_stay_away_where_the_transaction_outlasts_that() -> None:
    kept = transaction(state=ChargingState.IDLE, meter_start=0.0, meter_last=1200.0)
    evse = Evse(SUSPENDS, kept=kept)
    evse.feed(NOBODY)
    assert evse.wait(600) == []
    assert evse.feed(WAITING)[-1] == Release(on=True)


@pytest.mark.parametrize(
    "cause", [STOPPED_BY_BACKEND, STOPPED_BY_DRIVER, STOPPED_DEAUTHORIZED], ids=lambda cause: cause.reason.value
)
def test_a_stop_holds_over_a_restart(cause: StopCause) -> None:
    kept = transaction(state=ChargingState.EV_CONNECTED, stop_cause=cause)
    evse = Evse(Policy(stop_points=CONNECTED), kept=kept)
    assert evse.feed(WAITING, READY) == [Release(on=False)]
    late = StopCause(trigger=TriggerReason.EV_COMMUNICATION_LOST, reason=cause.reason)
    assert evse.feed(NOBODY) == [End(cause=late, charging_state=ChargingState.IDLE)]


@pytest.mark.parametrize("state", [ChargingState.CHARGING, ChargingState.IDLE])
@pytest.mark.parametrize("cause", [STOPPED_BY_BACKEND, STOPPED_BY_RESET], ids=lambda cause: cause.reason.value)
def test_a_stop_that_was_asked_for_is_made_up_for(cause: StopCause, state: ChargingState) -> None:
    evse = Evse(kept=transaction(state=state, stop_cause=cause))
    plugged = state is not ChargingState.IDLE
    end = End(cause=cause, charging_state=ChargingState.EV_CONNECTED if plugged else ChargingState.IDLE)
    assert evse.feed(CHARGING if plugged else NOBODY) == [Release(on=False), end]


def test_a_token_that_is_not_accepted_stays_without_energy() -> None:
    kept = transaction(state=ChargingState.SUSPENDED_EVSE, stop_cause=STOPPED_DEAUTHORIZED)
    evse = Evse(Policy(stop_on_invalid_id=False), kept=kept)
    assert evse.feed(WAITING, OFFERED) == [Release(on=False)]
    assert evse.feed(NOBODY) == [End(cause=STOPPED_BY_UNPLUGGING, charging_state=ChargingState.IDLE)]


def test_a_stop_need_not_wait_for_the_station() -> None:
    evse = Evse(kept=transaction())
    end = End(cause=STOPPED_BY_BACKEND, charging_state=ChargingState.EV_CONNECTED)
    assert evse.feed(Stop(cause=STOPPED_BY_BACKEND)) == [Release(on=False), end]
    assert evse.feed(CHARGING, WAITING) == []


def test_a_transaction_that_nobody_has_been_authorized_for_waits_on() -> None:
    evse = Evse(Policy(start_points=CONNECTED), kept=transaction(None, ChargingState.EV_CONNECTED))
    assert evse.feed(WAITING) == [Release(on=False)]
    assert [type(a) for a in evse.card()] == [AskAuthorization, Update, Release]


def test_one_of_the_same_group_stops_it_though_its_group_has_to_be_asked_for_first() -> None:
    evse = Evse(kept=transaction())
    evse.feed(CHARGING)
    assert evse.feed(Presented(token=FRIEND)) == [AskAuthorization(token=CARD), AskAuthorization(token=FRIEND)]
    answers = [Authorized(token=token, authorization=IN_FAMILY) for token in (CARD, FRIEND)]
    assert isinstance(evse.feed(*answers)[-1], End)


def test_a_strange_token_does_not_stop_it_whatever_is_said_of_its_own() -> None:
    evse = Evse(kept=transaction())
    evse.feed(CHARGING, Presented(token=STRANGER), Authorized(token=CARD, authorization=INVALID))
    assert [type(a) for a in evse.feed(Authorized(token=STRANGER, authorization=ACCEPTED))] == [Reject]
    assert evse.released


def test_an_answer_about_a_group_starts_nothing_once_the_session_has_ended() -> None:
    evse = Evse(kept=transaction())
    evse.feed(CHARGING, Presented(token=STRANGER), Stop(cause=STOPPED_BY_BACKEND))
    assert evse.feed(Authorized(token=CARD, authorization=ACCEPTED)) == []


def test_a_cable_that_was_left_plugged_in_is_known_if_it_was_noted() -> None:
    session, _ = step(Session(), FREE, Recovered(spent=True), START)
    session, actions = step(session, FREE, WAITING, START)
    assert actions == (Release(on=False),)
    for seen in (NOBODY, WAITING):
        session, actions = step(session, FREE, seen, START + timedelta(seconds=1))
    assert [type(a) for a in actions] == [Begin, Release]


@pytest.mark.parametrize("back", [CHARGING, WAITING, NOBODY])
def test_power_loss_of_the_station(back: Seen) -> None:
    evse = Evse().charging()
    done = told(evse.feed(back, after=7200))
    assert not any(isinstance(action, Begin) for action in done)
    assert evse.running is back.plugged
    if not back.plugged:
        assert isinstance(done[-1], End)
        assert done[-1].cause.reason is StoppedReason.EV_DISCONNECTED
