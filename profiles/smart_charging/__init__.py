"""Profile Smart Charging: charging profiles, composite schedules, limits of others (OCPP 2.0.1 Part 2, K)."""

from profiles.smart_charging.profile import SmartChargingProfile

__all__ = ["SmartChargingProfile"]
