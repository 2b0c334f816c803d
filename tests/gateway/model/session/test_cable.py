"""The lock that holds a driver's cable in the station: opened at the end, and when its driver comes for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.model.session import (
    EMERGENCY_STOP,
    AskAuthorization,
    AuthorizationMode,
    Begin,
    End,
    Policy,
    Presented,
    Release,
    Seen,
    Stop,
    TxPoint,
    Unlock,
    Update,
)
from gateway.model.transactions import (
    STOPPED_BY_BACKEND,
    STOPPED_BY_DRIVER,
    STOPPED_BY_RESET,
    STOPPED_BY_UNPLUGGING,
    STOPPED_DEAUTHORIZED,
    ChargingState,
    StopCause,
    StoppedReason,
    TriggerReason,
)
from tests.gateway.model.session.evse import (
    CARD,
    CHARGING,
    FRIEND,
    IN_FAMILY,
    NOBODY,
    OFFERED,
    WAITING,
    Evse,
)

CONNECTED = frozenset({TxPoint.EV_CONNECTED})
AUTHORIZED = frozenset({TxPoint.AUTHORIZED})
LOCKS = Policy(unlocks=True)
KEEPS = replace(LOCKS, unlock_on_ev_side_disconnect=False)
PLUGGED, AWAY = ChargingState.EV_CONNECTED, ChargingState.IDLE


@pytest.mark.ocpp("E06.FR.10")
@pytest.mark.parametrize(
    ("stop", "cause", "token"),
    [
        pytest.param(Presented(token=CARD), STOPPED_BY_DRIVER, CARD, marks=pytest.mark.ocpp("E07.FR.07", "E08.FR.03")),
        (Stop(cause=STOPPED_BY_BACKEND), STOPPED_BY_BACKEND, None),
    ],
    ids=["card", "backend"],
)
def test_is_opened_with_the_end(stop: Presented | Stop, cause: StopCause, token: object) -> None:
    evse = Evse(LOCKS).charging()
    end = End(cause=cause, charging_state=PLUGGED, token=token)  # type: ignore[arg-type]
    assert evse.feed(stop) == [Release(on=False), Unlock(), end]
    assert evse.feed(WAITING, NOBODY) == [], "once"


@pytest.mark.ocpp("C15.FR.05", "E05.FR.11")
def test_is_kept_for_its_owner_where_the_token_is_refused_in_the_end() -> None:
    evse = Evse(LOCKS).charging()
    end = End(cause=STOPPED_DEAUTHORIZED, charging_state=PLUGGED)
    assert evse.feed(Stop(cause=STOPPED_DEAUTHORIZED)) == [Release(on=False), end]
    assert [type(a) for a in evse.feed(Presented(token=FRIEND))] == [AskAuthorization]
    assert evse.feed(Presented(token=CARD)) == [Unlock()]


@pytest.mark.ocpp("E08.FR.03")
def test_is_opened_for_another_of_the_group() -> None:
    evse = Evse(LOCKS).charging(IN_FAMILY)
    assert evse.card(FRIEND, IN_FAMILY)[1:3] == [Release(on=False), Unlock()]


@pytest.mark.parametrize(
    ("stop", "trigger"),
    [
        pytest.param(
            Stop(cause=STOPPED_BY_BACKEND),
            TriggerReason.REMOTE_STOP,
            marks=pytest.mark.ocpp("F04.FR.02", "F04.FR.03"),
        ),
        pytest.param(
            Presented(token=CARD), TriggerReason.STOP_AUTHORIZED, marks=pytest.mark.ocpp("E07.FR.02", "E07.FR.07")
        ),
    ],
    ids=["backend", "card"],
)
def test_is_opened_when_the_authorization_ends_and_the_transaction_goes_on(
    stop: Presented | Stop, trigger: TriggerReason
) -> None:
    evse = Evse(replace(LOCKS, stop_points=CONNECTED)).charging()
    released, told, unlocked = evse.feed(stop)
    assert (released, unlocked) == (Release(on=False), Unlock())
    assert isinstance(told, Update)
    assert told.trigger is trigger
    assert [type(a) for a in evse.feed(WAITING, stop)] == (
        [Update] if isinstance(stop, Stop) else [Update, AskAuthorization]
    )
    (end,) = evse.feed(NOBODY)
    assert isinstance(end, End)
    reason = StoppedReason.REMOTE if isinstance(stop, Stop) else StoppedReason.LOCAL
    assert end.cause == StopCause(trigger=TriggerReason.EV_COMMUNICATION_LOST, reason=reason)


@pytest.mark.ocpp("E09.FR.01", "E09.FR.02")
def test_is_opened_when_the_car_is_unplugged() -> None:
    evse = Evse(replace(LOCKS, stop_points=AUTHORIZED)).charging()
    end = End(cause=STOPPED_BY_UNPLUGGING, charging_state=AWAY)
    assert evse.feed(NOBODY) == [Release(on=False), Unlock(), end]


@pytest.mark.ocpp("E09.FR.01", "E09.FR.03")
def test_is_kept_for_its_driver_when_the_car_is_unplugged_where_that_is_set() -> None:
    evse = Evse(replace(KEEPS, stop_points=AUTHORIZED)).charging()
    end = End(cause=STOPPED_BY_UNPLUGGING, charging_state=AWAY)
    assert evse.feed(NOBODY) == [Release(on=False), end]
    assert [type(a) for a in evse.feed(Presented(token=FRIEND))] == [AskAuthorization], "of no use to somebody else"
    assert evse.feed(Presented(token=CARD)) == [Unlock()]
    assert [type(a) for a in evse.feed(Presented(token=CARD))] == [AskAuthorization], "and then he may charge again"


def test_a_cable_that_is_plugged_in_again_is_not_waiting_for_its_driver() -> None:
    evse = Evse(KEEPS).charging()
    evse.feed(NOBODY, WAITING)
    assert [type(a) for a in evse.card()] == [AskAuthorization, Begin, Release]


@pytest.mark.ocpp("E10.FR.01")
def test_stays_shut_while_the_transaction_waits_for_the_cable() -> None:
    policy = replace(LOCKS, stop_points=AUTHORIZED, stop_on_ev_side_disconnect=False)
    evse = Evse(policy).charging()
    assert Unlock() not in evse.feed(NOBODY) + evse.wait(3600)
    assert Unlock() in evse.feed(Presented(token=CARD))


@pytest.mark.parametrize(
    "stop",
    [Seen(plugged=True, faulted=True, codes=(EMERGENCY_STOP,)), Stop(cause=STOPPED_BY_RESET)],
    ids=["emergency", "reset"],
)
def test_is_left_to_the_station_where_the_end_is_none_of_the_usual_ones(stop: Seen | Stop) -> None:
    assert Unlock() not in Evse(LOCKS).charging().feed(stop)


@pytest.mark.parametrize("policy", [Policy(), Policy(unlocks=False, unlock_on_ev_side_disconnect=False)])
def test_there_is_none(policy: Policy) -> None:
    evse = Evse(policy).charging()
    assert Unlock() not in evse.feed(OFFERED, NOBODY, Presented(token=CARD))
    assert evse.session.cable_of is None


def test_the_policy_knows_of_it() -> None:
    def setting(_component: str, variable: str) -> str:
        return "false" if variable == "UnlockOnEVSideDisconnect" else ""

    policy = Policy.of(setting, mode=AuthorizationMode.TOKEN_READER, unlocks=True)
    assert (policy.unlocks, policy.unlock_on_ev_side_disconnect) == (True, False)
    attached = Policy.of(setting, mode=AuthorizationMode.TOKEN_READER, unlocks=True, attached_cable=True)
    assert not attached.unlocks


def test_a_card_belongs_to_who_charges_or_whose_cable_is_locked_in() -> None:
    evse = Evse(KEEPS).charging()
    assert evse.session.belongs_to(CARD)
    evse.feed(CHARGING, NOBODY)
    assert evse.session.belongs_to(CARD)
    assert not evse.session.belongs_to(FRIEND)
