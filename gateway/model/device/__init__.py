"""The OCPP 2.0.1 device model of one station: components, typed variables, values."""

from __future__ import annotations

from gateway.model.device.live import Moment, live_value, measured_after, power_after, timestamp
from gateway.model.device.model import DeviceModel
from gateway.model.device.report import Criterion, Pattern, ReportBase, ReportItem, inventory, report
from gateway.model.device.results import GetResult, SetResult, VariableStatus, rejected
from gateway.model.device.station_held import LEGACY_STATION
from gateway.model.device.variable import VariableRef, VariableSpec
from gateway.model.device_types import Attribute, DataType, Mutability

__all__ = [
    "LEGACY_STATION",
    "Attribute",
    "Criterion",
    "DataType",
    "DeviceModel",
    "GetResult",
    "Moment",
    "Mutability",
    "Pattern",
    "ReportBase",
    "ReportItem",
    "SetResult",
    "VariableRef",
    "VariableSpec",
    "VariableStatus",
    "inventory",
    "live_value",
    "measured_after",
    "power_after",
    "rejected",
    "report",
    "timestamp",
]
