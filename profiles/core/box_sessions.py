"""The variables of a station whose transactions the box runs: it honours them itself (OCPP 2.0.1 Part 2, 2.6 and 2.7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.device import Mutability
from gateway.model.readings import ENERGY_REGISTER, POWER_IMPORT
from gateway.model.session import TxPoint
from profiles.common.variable_specs import fixed, place, writable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.model.device import VariableSpec
    from gateway.model.installation import Installation
    from gateway.model.station import StationState

_DAY = 86_400
_LIST_LENGTH = 1000  # ConfigurationValueSize
_POINTS = tuple(point.value for point in TxPoint)
_MEASURANDS = (ENERGY_REGISTER, POWER_IMPORT, "Current.Import", "Current.Offered", "Voltage", "Frequency")
_OF_DC = ("SoC",)
_DC_PLUGS = {"cCCS1", "cCCS2", "cG105"}
"""Connector types whose station is told the car's state of charge (Part 2, ConnectorEnumType)."""


def transactions(state: StationState) -> Iterator[VariableSpec]:
    """``TxCtrlr``: when transactions start and stop."""
    name = "TxCtrlr"
    points = _POINTS if state.bays else tuple(each for each in _POINTS if each != TxPoint.PARKING_BAY_OCCUPANCY)
    yield writable(name, "EVConnectionTimeOut", "60", minimum=1, maximum=_DAY)
    yield writable(name, "MaxEnergyOnInvalidId", "0", minimum=0)
    yield writable(name, "StopTxOnEVSideDisconnect", "true")
    yield writable(name, "StopTxOnInvalidId", "true")
    yield writable(name, "TxBeforeAcceptedEnabled", "true")
    yield _choice(name, "TxStartPoint", "PowerPathClosed", points)
    yield _choice(name, "TxStopPoint", "EVConnected,Authorized", points)


def metering(state: StationState, installation: Installation) -> Iterator[VariableSpec]:
    """``SampledDataCtrlr`` and ``AlignedDataCtrlr``: which readings are told when."""
    plugs = {outlet.connector_type for outlet in installation.outlets.values()}
    measurands = _MEASURANDS + (() if plugs.isdisjoint(_DC_PLUGS) else _OF_DC)
    name = "SampledDataCtrlr"
    yield fixed(name, "Available", "true")
    yield writable(name, "Enabled", "true")
    yield fixed(name, "RegisterValuesWithoutPhases", "true")
    yield _choice(name, "TxStartedMeasurands", ENERGY_REGISTER, measurands)
    yield _choice(name, "TxUpdatedMeasurands", f"{ENERGY_REGISTER},{POWER_IMPORT},Current.Import", measurands)
    yield writable(name, "TxUpdatedInterval", "60", minimum=0, maximum=_DAY)
    yield _choice(name, "TxEndedMeasurands", ENERGY_REGISTER, measurands)
    yield writable(name, "TxEndedInterval", "0", minimum=0, maximum=_DAY)
    name = "AlignedDataCtrlr"
    yield fixed(name, "Available", "true")
    yield writable(name, "Enabled", "true")
    yield from during_idle(state)
    yield _choice(name, "Measurands", ENERGY_REGISTER, measurands)
    yield writable(name, "Interval", "0", minimum=0, maximum=_DAY)
    yield _choice(name, "TxEndedMeasurands", "", measurands)
    yield writable(name, "TxEndedInterval", "0", minimum=0, maximum=_DAY)


def during_idle(state: StationState) -> Iterator[VariableSpec]:
    """``AlignedDataCtrlr.SendDuringIdle``, of the station and of each EVSE: the box keeps back what is not to be told."""
    yield writable("AlignedDataCtrlr", "SendDuringIdle", "false")
    for evse in (number for number in state.evses() if number):
        spec = place("AlignedDataCtrlr", "SendDuringIdle", "false", evse=evse)
        yield replace(spec, mutability=Mutability.READ_WRITE, persistent=True)


def _choice(component: str, variable: str, value: str, values: tuple[str, ...]) -> VariableSpec:
    return replace(writable(component, variable, value, length=_LIST_LENGTH), values=values)
