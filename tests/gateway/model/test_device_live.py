"""Values that follow the state of the station."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.model.changes import Phase, SamplesTaken, TransactionChanged
from gateway.model.device import DeviceModel, Moment, VariableRef, VariableSpec, live_value, power_after
from gateway.model.evse import ConnectorState, ConnectorStatus, Fault
from gateway.model.ids import Place
from gateway.model.problems import fault_of
from gateway.model.readings import POWER_IMPORT, Reading, Sample
from gateway.model.station import StationState
from gateway.model.transactions import Transaction, TriggerReason

NOW = datetime(2024, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
FREE, BUSY, RESERVED = ConnectorStatus.AVAILABLE, ConnectorStatus.OCCUPIED, ConnectorStatus.RESERVED
OUT, BROKEN = ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED


def connector(
    evse: int, number: int, status: ConnectorStatus, *faults: Fault, operative: bool = True
) -> ConnectorState:
    """A connector as the station reports it."""
    return ConnectorState(evse=evse, connector=number, reported=status, at=NOW, faults=faults, operative=operative)


def station(*connectors: ConnectorState, operative: bool = True, reachable: bool = True) -> StationState:
    """A station with these connectors."""
    return StationState(id="S", connectors=connectors, operative=operative, reachable=reachable)


def value(state: StationState, component: str, variable: str, *place: int) -> str:
    """The live value of a variable of the station, an EVSE or a connector."""
    evse, number = (*place, None, None)[:2]
    ref = VariableRef(component=component, variable=variable, evse=evse, connector=number)
    return live_value(VariableSpec(ref=ref, live=True, default="as before"), Moment(state=state, now=NOW))


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([FREE, BUSY], FREE),
        ([BUSY, BROKEN], BUSY),
        ([RESERVED, OUT], RESERVED),
        ([OUT, BROKEN], OUT),
        ([BROKEN, BROKEN], BROKEN),
        ([], OUT),
    ],
)
def test_a_station_is_as_available_as_its_best_evse(statuses: list[ConnectorStatus], expected: ConnectorStatus) -> None:
    state = station(*(connector(number, 1, status) for number, status in enumerate(statuses, 1)))
    assert value(state, "ChargingStation", "AvailabilityState") == expected


def test_a_station_that_is_not_heard_is_unavailable() -> None:
    state = station(connector(1, 1, FREE), reachable=False)
    assert value(state, "ChargingStation", "AvailabilityState") == OUT
    assert value(state, "EVSE", "AvailabilityState", 1) == OUT


def test_an_evse_in_use_at_one_connector_is_occupied() -> None:
    state = station(connector(1, 1, FREE), connector(1, 2, BUSY), connector(2, 1, FREE))
    assert value(state, "EVSE", "AvailabilityState", 1) == BUSY
    assert value(state, "EVSE", "AvailabilityState", 2) == FREE
    assert value(state, "Connector", "AvailabilityState", 1, 1) == FREE
    assert value(state, "Connector", "AvailabilityState", 1, 2) == BUSY


def test_what_the_csms_has_taken_out_of_service_is_unavailable() -> None:
    state = station(connector(1, 1, FREE, operative=False), connector(2, 1, BUSY))
    assert value(state, "EVSE", "AvailabilityState", 1) == OUT
    busy = replace(connector(4, 1, BUSY), scheduled=True)
    out = station(connector(1, 1, FREE), connector(2, 1, BUSY), connector(3, 1, BROKEN), busy, operative=False)
    assert [value(out, "EVSE", "AvailabilityState", evse) for evse in (1, 2, 3, 4)] == [OUT, OUT, BROKEN, BUSY]


@pytest.mark.parametrize("code", ["GroundFailure", "OverCurrentFailure", "HighTemperature"])
def test_a_problem_is_true_where_the_fault_is_and_while_it_lasts(code: str) -> None:
    fault = fault_of(code)
    assert fault is not None
    state = station(connector(1, 1, BROKEN, fault), connector(2, 1, FREE))
    places = [value(state, fault.component, fault.variable, *place) for place in ((), (1,), (2,))]
    assert places == ["false", "true", "false"]
    assert value(state, "ChargingStation", "Problem") == "true"
    healed = station(connector(1, 1, FREE), connector(2, 1, FREE))
    assert value(healed, fault.component, fault.variable, 1) == "false"
    assert value(healed, "ChargingStation", "Problem") == "false"


def test_a_problem_of_the_station_itself() -> None:
    state = replace(station(connector(1, 1, FREE)), faults=(Fault(component="TokenReader"),))
    assert value(state, "TokenReader", "Problem") == "true"
    assert value(state, "TokenReader", "Problem", 1) == "false"
    assert value(state, "ChargingStation", "Problem") == "true"


def test_the_time_is_utc_with_milliseconds() -> None:
    assert value(station(), "ClockCtrlr", "DateTime") == "2024-05-01T12:00:00.123Z"


def test_what_the_state_does_not_know_stays() -> None:
    assert value(station(), "Whatever", "Temperature") == "as before"


def test_a_model_takes_on_its_live_values() -> None:
    ref = VariableRef(component="ChargingStation", variable="AvailabilityState")
    device = DeviceModel.of([VariableSpec(ref=ref, live=True)], {ref.key: "Faulted"})
    assert device.value(ref) == ""
    assert device.at(station(connector(1, 1, BUSY)), NOW).value(ref) == "Occupied"


def sample(*watts: float) -> Sample:
    """A meter's power, of each phase."""
    readings = tuple(
        Reading(value=value, measurand=POWER_IMPORT, unit="W", phase=f"L{phase}")
        for phase, value in enumerate(watts, 1)
    )
    return Sample(at=NOW, readings=readings)


def power(state: StationState, powers: dict[int, float]) -> str:
    """The value of the power of EVSE 1."""
    ref = VariableRef(component="EVSE", variable="Power", evse=1)
    return live_value(VariableSpec(ref=ref, live=True), Moment(state=state, now=NOW, power=powers))


def test_the_power_of_an_evse_is_what_was_measured_last() -> None:
    place = Place(station="S", evse=1, connector=1)
    changes = [SamplesTaken(place=place, samples=(sample(1000, 1000, 1000), sample(2300, 2300, 2300.04)))]
    assert power(station(), power_after(changes)) == "6900.0"


def test_a_power_that_nobody_has_measured_or_can_measure_is_none() -> None:
    assert power(station(), {}) == power(station(), {2: 5.0}) == ""
    assert power(station(reachable=False), {1: 5.0}) == ""


def test_nothing_is_drawn_after_a_transaction() -> None:
    transaction = Transaction(id="t", number=1, evse=1, connector=1, started_at=NOW, last_at=NOW, token=None)
    step = TransactionChanged(
        station="S", phase=Phase.UPDATED, transaction=transaction, seq_no=1, at=NOW, offline=False,
        trigger=TriggerReason.METER_VALUE_PERIODIC, samples=(sample(11000),),
    )  # fmt: skip
    assert power_after([step]) == {1: 11000.0}
    assert power_after([step, replace(step, phase=Phase.ENDED)]) == {1: 0.0}
