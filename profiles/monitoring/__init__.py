"""Profile Monitoring: monitors on variables, and the events of them (OCPP 2.0.1 Part 2, N02 to N08)."""

from __future__ import annotations

from profiles.monitoring.profile import MonitoringProfile

__all__ = ["MonitoringProfile"]
