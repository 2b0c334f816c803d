"""Keeps every EVSE at what it may draw, whoever says so: sensors, load management, people, the backend's profiles."""

from __future__ import annotations

from gateway.limits.arbiter import Arbiter
from gateway.model.limits.binding import LOAD, Binding, binding
from gateway.model.limits.reason import LimitName, LimitReason

__all__ = ["LOAD", "Arbiter", "Binding", "LimitName", "LimitReason", "binding"]
