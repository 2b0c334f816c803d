"""Monitors on variables of the device model (OCPP 2.0.1 Part 1, 4.4; Part 2, N02 to N08). Pure."""

from __future__ import annotations

from gateway.model.monitoring.book import Book, Held
from gateway.model.monitoring.judge import FRESH, Finding, Memory, Seen, Trigger, judge
from gateway.model.monitoring.monitor import (
    LOWEST_SEVERITY,
    MonitoringBase,
    MonitorType,
    Origin,
    VariableMonitor,
    monitors_of,
)
from gateway.model.monitoring.setting import SetStatus, Verdict, Wish, judged

__all__ = [
    "FRESH",
    "LOWEST_SEVERITY",
    "Book",
    "Finding",
    "Held",
    "Memory",
    "MonitorType",
    "MonitoringBase",
    "Origin",
    "Seen",
    "SetStatus",
    "Trigger",
    "VariableMonitor",
    "Verdict",
    "Wish",
    "judge",
    "judged",
    "monitors_of",
]
