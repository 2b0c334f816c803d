"""Transactions that the box runs itself: what their steps leave in the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model import events as ev
from gateway.model.changes import Change, ConnectorStatusChanged, TransactionChanged
from gateway.model.evse import ConnectorStatus
from gateway.model.transactions import STOPPED_BY_DRIVER, STOPPED_DEAUTHORIZED, ChargingState, StopCause, TriggerReason
from tests.fakes.clock import START
from tests.gateway.model.stations import OTHER, RFID, Station, place

if TYPE_CHECKING:
    from gateway.model.tokens import Token


def begin(station: Station, state: ChargingState, token: Token | None = RFID) -> tuple[Change, ...]:
    event = ev.TransactionBegan(
        place=place(), at=START, token=token, meter_start=0.0, key="k", trigger=TriggerReason.AUTHORIZED,
        charging_state=state,
    )  # fmt: skip
    return station.report(event)


def update(station: Station, trigger: TriggerReason, token: Token | None = None) -> TransactionChanged:
    (running,) = station.state.transactions
    event = ev.TransactionUpdated(place=place(), at=START, number=running.number, trigger=trigger, token=token)
    (change,) = station.report(event)
    assert isinstance(change, TransactionChanged)
    return change


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (ChargingState.IDLE, ConnectorStatus.AVAILABLE),
        (ChargingState.EV_CONNECTED, ConnectorStatus.OCCUPIED),
    ],
)
def test_a_transaction_occupies_the_connector_once_a_car_is_there(
    state: ChargingState, status: ConnectorStatus
) -> None:
    station = Station()
    told = [change for change in begin(station, state) if isinstance(change, ConnectorStatusChanged)]
    connector = station.state.connector(1)
    assert connector is not None
    assert connector.status is status
    assert bool(told) is (status is ConnectorStatus.OCCUPIED)


@pytest.mark.ocpp("E07.FR.02")
def test_the_token_that_stops_is_told_and_that_of_the_transaction_stays() -> None:
    station = Station()
    begin(station, ChargingState.CHARGING)
    assert update(station, TriggerReason.STOP_AUTHORIZED, OTHER).token == OTHER
    assert station.state.transactions[0].token == RFID


@pytest.mark.parametrize(
    ("trigger", "cause"),
    [
        (TriggerReason.STOP_AUTHORIZED, STOPPED_BY_DRIVER),
        (TriggerReason.DEAUTHORIZED, STOPPED_DEAUTHORIZED),
    ],
)
def test_an_authorization_that_has_ended_is_kept_until_there_is_another(
    trigger: TriggerReason, cause: StopCause
) -> None:
    station = Station()
    begin(station, ChargingState.CHARGING)
    update(station, trigger)
    update(station, TriggerReason.CHARGING_STATE_CHANGED)
    assert station.state.transactions[0].stop_cause == cause
    update(station, TriggerReason.AUTHORIZED, RFID)
    assert station.state.transactions[0].stop_cause is None


@pytest.mark.ocpp("E01.FR.16")
def test_the_connector_is_named_once_the_cable_is_in() -> None:
    station = Station()
    begin(station, ChargingState.IDLE)
    named = []
    for state in (ChargingState.EV_CONNECTED, ChargingState.CHARGING):
        (running,) = station.state.transactions
        event = ev.TransactionUpdated(
            place=place(), at=START, number=running.number, trigger=TriggerReason.CHARGING_STATE_CHANGED,
            charging_state=state, phases=3,
        )  # fmt: skip
        named += [c for c in station.report(event) if isinstance(c, TransactionChanged)]
    assert [change.with_evse for change in named] == [True, False]
    assert [change.phases for change in named] == [None, 3]
