"""Alerts: when they are raised, and which ones stand. Pure."""

from __future__ import annotations

from gateway.model.alerts.alert import NOTHING, Alert, Standing, by_severity
from gateway.model.alerts.causes import Causes, variable_of
from gateway.model.alerts.latch import OFTEN, REST, RESTLESS, Latch
from gateway.model.alerts.overload import overloads

__all__ = [
    "NOTHING",
    "OFTEN",
    "REST",
    "RESTLESS",
    "Alert",
    "Causes",
    "Latch",
    "Standing",
    "by_severity",
    "overloads",
    "variable_of",
]
