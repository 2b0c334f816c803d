"""What a change follows from."""

from __future__ import annotations

from gateway.model.alerts import Causes
from gateway.model.changes import Cause, ConnectorStatusChanged, FaultChanged
from gateway.model.device import VariableRef
from gateway.model.evse import ConnectorStatus, Fault
from gateway.model.ids import Place
from tests.fakes.clock import START

WATER = VariableRef(component="FloodSensor", variable="Active")
TRIPPED = VariableRef(component="FloodSensor", variable="Tripped")
FIRST, SECOND = (Place(station="CP", evse=evse, connector=1) for evse in (1, 2))
WHOLE = Place(station="CP")


def availability(evse: int | None = None, connector: int | None = None) -> VariableRef:
    component = "ChargingStation" if evse is None else "Connector" if connector else "EVSE"
    return VariableRef(component=component, evse=evse, connector=connector, variable="AvailabilityState")


def status(place: Place, cause: Cause | None = None) -> ConnectorStatusChanged:
    return ConnectorStatusChanged(place=place, at=START, status=ConnectorStatus.FAULTED, cause=cause)


def fault(place: Place, *, active: bool = True, cause: Cause | None = None) -> FaultChanged:
    wet = Fault(component="FloodSensor", variable="Tripped")
    return FaultChanged(place=place, at=START, fault=wet, active=active, cause=cause)


def after(*changes: ConnectorStatusChanged | FaultChanged) -> Causes:
    causes = Causes()
    for change in changes:
        causes = causes.noted(change)
    return causes


def test_the_nearest_cause_counts() -> None:
    seen = Cause(variable=WATER)
    causes = after(status(FIRST, seen), status(SECOND, seen), fault(WHOLE, cause=seen))
    assert causes.of(TRIPPED) == seen
    for ref in (availability(1), availability(2, 1), availability()):
        assert causes.of(ref) == Cause(variable=TRIPPED)
    assert causes.of(VariableRef(component="ChargingStation", variable="Problem")) == Cause(variable=TRIPPED)
    assert causes.of(WATER) is None
    assert causes.of(VariableRef(component="EVSE", evse=1, variable="Power")) is None


def test_the_end_follows_from_the_end() -> None:
    over = Cause(variable=WATER, over=True)
    causes = after(status(FIRST, over), fault(FIRST, active=False, cause=over))
    assert causes.of(TRIPPED) is None, "that is the fault of the EVSE, not of the station"
    assert causes.of(availability(1)) == Cause(
        variable=VariableRef(component="FloodSensor", evse=1, variable="Tripped"), over=True
    )


def test_without_a_fault_the_sensor_is_the_cause_of_the_status() -> None:
    causes = after(status(FIRST, Cause(variable=WATER)), status(SECOND))
    assert causes.of(availability(1)) == Cause(variable=WATER)
    assert causes.of(availability(2)) is None


def test_a_later_change_for_another_reason_has_another_cause() -> None:
    causes = after(status(FIRST, Cause(variable=WATER)), fault(FIRST), status(FIRST))
    assert causes.of(availability(1)) is None
