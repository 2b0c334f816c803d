"""The hardware that the box adds to a station, and the box itself, as components of the device model."""

from __future__ import annotations

from profiles.equipment.profile import EquipmentProfile

__all__ = ["EquipmentProfile"]
