"""Connector status, faults and availability (OCPP 2.0.1 Part 2, G)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.changes import Cause, ConnectorStatusChanged, FaultChanged
from gateway.model.evse import Alarm, Closure, ConnectorState, ConnectorStatus, Fault
from gateway.model.ids import Place
from gateway.model.rules.context import Applied
from gateway.model.rules.holding import with_reserved
from gateway.model.station import Capability, ParkingBay

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.changes import Change
    from gateway.model.commands import ChangeAvailability
    from gateway.model.events import AlarmChanged, BayChanged, ConnectorChanged
    from gateway.model.station import StationState

UNREACHABLE = Fault(component="LegacyStation", variable="Problem", code="StationUnreachable")
"""The box does not reach the station behind it."""

_DOWN = {ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED}


def status_of(state: StationState, connector: ConnectorState) -> ConnectorStatus:
    """The status that the backend is to see: nobody charges at a station that the box does not reach."""
    if not state.reachable:
        return ConnectorStatus.UNAVAILABLE
    if not state.operative:
        return replace(connector, operative=False).status
    return connector.status


def differences(
    before: StationState, after: StationState, at: datetime, cause: Cause | None = None
) -> tuple[Change, ...]:
    """The changes of status between two states, connector by connector."""
    changed: list[Change] = []
    for connector in after.connectors:
        old = before.connector(connector.evse, connector.connector)
        status = status_of(after, connector)
        if old is None or status_of(before, old) is not status:
            place = Place(station=after.id, evse=connector.evse, connector=connector.connector)
            changed.append(ConnectorStatusChanged(place=place, at=at, status=status, cause=cause))
    return tuple(changed)


def faults_changed(
    place: Place, at: datetime, old: tuple[Fault, ...], new: tuple[Fault, ...], cause: Cause | None = None
) -> tuple[Change, ...]:
    """The faults that have come, changed their details, or gone."""
    before = {fault.key: fault for fault in old}
    after = {fault.key: fault for fault in new}
    gone = [
        FaultChanged(place=place, at=at, fault=fault, active=False, cause=cause)
        for key, fault in before.items()
        if key not in after
    ]
    come = [
        FaultChanged(place=place, at=at, fault=fault, active=True, cause=cause)
        for fault in new
        if before.get(fault.key) != fault
    ]
    return (*gone, *come)


def connector_changed(state: StationState, event: ConnectorChanged, at: datetime) -> Applied:
    """Take a station's report of a connector, or (evse 0) of itself.

    A station that reports itself down takes its connectors with it; their own reports bring them back.
    """
    if event.place.evse == 0:
        return _station_changed(state, event, at)
    old = state.connector(event.place.evse, event.place.connector)
    new = ConnectorState(
        evse=event.place.evse,
        connector=event.place.connector,
        reported=event.status,
        at=old.at if old and old.reported is event.status else at,
        operative=old.operative if old else True,
        closures=old.closures if old else (),
        alarms=old.alarms if old else (),
        scheduled=old is not None and old.scheduled and event.status is ConnectorStatus.OCCUPIED,
        held=_stays_reserved(state, old, event.status),
        faults=event.faults,
    )
    after = with_reserved(state.with_connector(new), at)
    faults = faults_changed(event.place, at, old.faults if old else (), event.faults)
    return Applied(state=after, changes=(*differences(state, after, at), *faults))


def bay_changed(state: StationState, event: BayChanged) -> Applied:
    """Take what a sensor sees of a parking bay; whoever runs the transactions goes by it."""
    others = tuple(bay for bay in state.bays if bay.evse != event.place.evse)
    now = ParkingBay(evse=event.place.evse, occupied=event.occupied)
    return Applied(state=replace(state, bays=tuple(sorted((*others, now), key=lambda bay: bay.evse))))


def alarm_changed(state: StationState, event: AlarmChanged, at: datetime) -> Applied:
    """A sensor of the box has begun or ceased to see something that keeps drivers away; the same again changes nothing."""
    alarm = Alarm(holder=event.holder, evse=event.place.evse, fault=event.fault)
    here = [connector for connector in state.connectors if covers(event.place, connector)]
    before = {each for connector in here for each in connector.alarms if each.holder == event.holder}
    if before == ({alarm} if event.active else set()):
        return Applied(state=state)
    connectors = tuple(_alarmed(c, alarm, active=event.active) if c in here else c for c in state.connectors)
    after = replace(state, connectors=connectors)
    old = tuple(each.fault for each in before if each.fault is not None)
    new = (event.fault,) if event.active and event.fault is not None else ()
    cause = None if event.source is None else Cause(variable=event.source, over=not event.active)
    changes = (*differences(state, after, at, cause), *faults_changed(event.place, at, old, new, cause))
    return Applied(state=after, changes=changes)


def _alarmed(connector: ConnectorState, alarm: Alarm, *, active: bool) -> ConnectorState:
    others = tuple(each for each in connector.alarms if each.holder != alarm.holder)
    alarms = (*others, alarm) if active else others
    closures = tuple(each for each in connector.closures if each is not Closure.ALARM)
    return replace(connector, alarms=alarms, closures=(*closures, Closure.ALARM) if alarms else closures)


def _stays_reserved(state: StationState, old: ConnectorState | None, status: ConnectorStatus) -> bool:
    """True while nothing but a cable has come to a connector that the box keeps (G01.FR.09, G03.FR.09)."""
    if old is None or status is not ConnectorStatus.OCCUPIED or Capability.BOX_SESSIONS not in state.capabilities:
        return False
    return old.held or old.reported is ConnectorStatus.RESERVED


def _station_changed(state: StationState, event: ConnectorChanged, at: datetime) -> Applied:
    lost = tuple(fault for fault in state.faults if fault == UNREACHABLE)
    after = replace(state, faults=(*event.faults, *lost))
    if event.status in _DOWN:
        connectors = tuple(
            c if c.reported in {ConnectorStatus.OCCUPIED, event.status} else replace(c, reported=event.status, at=at)
            for c in state.connectors
        )
        after = replace(after, connectors=connectors)
    own = tuple(fault for fault in state.faults if fault != UNREACHABLE)
    faults = faults_changed(Place(station=state.id), at, own, event.faults)
    return Applied(state=after, changes=(*differences(state, after, at), *faults))


def reachability_changed(state: StationState, at: datetime, *, reachable: bool) -> Applied:
    """The station has been lost or found again.

    Whether the backend has been told of a loss is kept among the station's faults: a station that was never found has
    no loss to take back.
    """
    others = tuple(fault for fault in state.faults if fault != UNREACHABLE)
    told = len(others) < len(state.faults)
    after = replace(state, reachable=reachable, faults=others if reachable else (*others, UNREACHABLE))
    link = FaultChanged(place=Place(station=state.id), at=at, fault=UNREACHABLE, active=not reachable)
    news = (link,) if told is reachable else ()
    return Applied(state=after, changes=(*differences(state, after, at), *news))


def availability_changed(state: StationState, command: ChangeAvailability, at: datetime, *, later: bool) -> Applied:
    """The CSMS, or the box, has set a connector, an EVSE or the whole station (evse 0) operative or not.

    Args:
        state: of the station.
        command: what was set.
        at: when.
        later: the station has said that it waits for the end of something.
    """
    whole = command.place.evse == 0 and command.closure is None
    wanted = replace(state, operative=command.operative) if whole else state
    connectors = tuple(
        _set(wanted, c, command, later=later) if covers(command.place, c) else c for c in state.connectors
    )
    after = replace(wanted, connectors=connectors)
    return Applied(state=after, changes=differences(state, after, at))


def _set(state: StationState, old: ConnectorState, command: ChangeAvailability, *, later: bool) -> ConnectorState:
    """A connector as it is set; ``state`` has what was set of the station as a whole."""
    new = old
    if command.closure is not None:
        others = tuple(each for each in old.closures if each is not command.closure)
        new = replace(old, closures=others if command.operative else (*others, command.closure))
    elif command.place.evse:
        new = replace(old, operative=command.operative)
    in_use = later or state.transaction_at(old.evse) is not None
    waits = old.scheduled or (not command.operative and in_use and old.reported is ConnectorStatus.OCCUPIED)
    return replace(new, scheduled=waits and not (new.open and state.operative))


def covers(place: Place, connector: ConnectorState) -> bool:
    """True for a connector that a place (evse 0: the station, connector 0: the EVSE) has in it."""
    return place.evse == 0 or (connector.evse == place.evse and place.connector in {0, connector.connector})


def opens(state: StationState, command: ChangeAvailability) -> bool:
    """Tell whether anything is open once a command has made something operative (G03.FR.07, G04.FR.08)."""
    if command.place.evse == 0 and command.closure is None:
        return True
    there = (connector for connector in state.connectors if covers(command.place, connector))
    return state.operative and any(_set(state, each, command, later=False).open for each in there)
