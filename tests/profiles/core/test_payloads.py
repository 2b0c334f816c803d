"""Whatever changes in the model: the payload meets its schema and says the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.changes import ConnectorStatusChanged, FaultChanged, Phase, SamplesTaken, TransactionChanged
from gateway.model.evse import ConnectorStatus, Fault
from gateway.model.ids import Place
from gateway.model.problems import fault_of
from gateway.model.readings import MEASURANDS, PHASES, Context, Location, Reading, Sample, default_unit
from gateway.model.tokens import Token, TokenType
from gateway.model.transactions import ChargingState, StoppedReason, Transaction, TriggerReason
from profiles.core import payloads
from tests.fakes.box import ID, valid
from tests.fakes.clock import START

TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 Hypothesis wants them naive
PLACES = st.builds(Place, station=st.just(ID), evse=st.integers(1, 99), connector=st.integers(1, 9))
TOKENS = st.builds(Token, value=st.text(max_size=60), type=st.sampled_from(TokenType))
READINGS = st.builds(
    lambda measurand, value, context, location, phase: Reading(
        value=value, measurand=measurand, unit=default_unit(measurand), context=context, location=location, phase=phase
    ),
    st.sampled_from(sorted(MEASURANDS)),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(Context),
    st.sampled_from(Location),
    st.one_of(st.none(), st.sampled_from(sorted(PHASES))),
)
SAMPLES = st.lists(st.builds(Sample, at=TIMES, readings=st.lists(READINGS, max_size=3).map(tuple)), max_size=4).map(
    tuple
)
TRANSACTIONS = st.builds(
    Transaction,
    id=st.uuids().map(str), number=st.integers(), evse=st.integers(1, 99), connector=st.integers(1, 9),
    started_at=TIMES, last_at=TIMES, token=st.one_of(st.none(), TOKENS),
    remote_start_id=st.one_of(st.none(), st.integers(0, 2**31 - 1)),
    reservation=st.one_of(st.none(), st.integers(0, 2**31 - 1)),
)  # fmt: skip
CHANGES = st.builds(
    TransactionChanged,
    station=st.just(ID), phase=st.sampled_from(Phase), transaction=TRANSACTIONS, seq_no=st.integers(0, 9), at=TIMES,
    trigger=st.sampled_from(TriggerReason), offline=st.booleans(), samples=SAMPLES,
    token=st.one_of(st.none(), TOKENS), with_evse=st.booleans(),
    charging_state=st.one_of(st.none(), st.sampled_from(ChargingState)), phases=st.one_of(st.none(), st.integers(1, 3)),
    reason=st.one_of(st.none(), st.sampled_from(StoppedReason)), requested=st.booleans(),
)  # fmt: skip


@given(CHANGES)
def test_a_transaction_event(change: TransactionChanged) -> None:
    payload = valid("TransactionEvent", payloads.transaction_event(change))
    assert payload["offline"] is change.offline
    assert ("evse" in payload) is change.with_evse
    assert ("idToken" in payload) is (change.token is not None)
    assert payload.get("numberOfPhasesUsed") == change.phases
    first = change.seq_no == 0
    assert ("remoteStartId" in payload["transactionInfo"]) is (first and change.transaction.remote_start_id is not None)
    assert ("reservationId" in payload) is (first and change.transaction.reservation is not None)
    with_readings = [sample for sample in change.samples if sample.readings]
    assert len(payload.get("meterValue", [])) == len(with_readings)


@pytest.mark.ocpp("J01.FR.02", "J01.FR.03")
@given(
    st.builds(
        SamplesTaken,
        place=st.one_of(PLACES, st.just(Place(station=ID))),
        samples=SAMPLES.filter(lambda s: any(each.readings for each in s)),
    )
)
def test_meter_values(change: SamplesTaken) -> None:
    payload = valid("MeterValues", payloads.meter_values(change))
    assert payload["evseId"] == change.place.evse


@given(st.builds(ConnectorStatusChanged, place=PLACES, at=TIMES, status=st.sampled_from(ConnectorStatus)))
def test_a_status_notification(change: ConnectorStatusChanged) -> None:
    payload = valid("StatusNotification", payloads.status_notification(change))
    assert (payload["evseId"], payload["connectorId"]) == (change.place.evse, change.place.connector)


@given(
    st.one_of(PLACES, st.just(Place(station=ID)), st.just(Place(station=ID, evse=1))),
    st.text(max_size=300),
    st.text(max_size=300),
    st.text(max_size=2000),
    st.booleans(),
)
def test_a_fault(place: Place, code: str, vendor_code: str, info: str, active: bool) -> None:  # noqa: FBT001 drawn
    fault = fault_of(code, vendor_code=vendor_code, info=info) or Fault(component="Controller")
    change = FaultChanged(place=place, at=START, fault=fault, active=active)
    (event,) = valid("NotifyEvent", payloads.notify_event(change, 7))["eventData"]
    assert event["actualValue"] == ("true" if active else "false")
    assert event.get("cleared", False) is not active
    assert ("evse" in event["component"]) is bool(place.evse)


@pytest.mark.ocpp("G05.FR.02")
def test_a_lock_that_fails() -> None:
    fault = fault_of("ConnectorLockFailure")
    assert fault is not None
    place = Place(station=ID, evse=1, connector=1)
    change = FaultChanged(place=place, at=START, fault=fault, active=True)
    (event,) = valid("NotifyEvent", payloads.notify_event(change, 7))["eventData"]
    assert (event["component"]["name"], event["variable"]["name"]) == ("ConnectorPlugRetentionLock", "Problem")
    assert event["actualValue"] == "true"


@pytest.mark.ocpp("J02.FR.17")
def test_a_register_is_told_as_it_was_read() -> None:
    sample = Sample(at=START, readings=(Reading(value=1234.5, unit="kWh"),))
    payload = payloads.meter_values(SamplesTaken(place=Place(station=ID, evse=1), samples=(sample,)))
    (value,) = payload["meterValue"][0]["sampledValue"]
    assert (value["value"], value["unitOfMeasure"]) == (1234.5, {"unit": "kWh"})
