"""Profile Firmware: new firmware for the station."""

from profiles.firmware.profile import FirmwareProfile

__all__ = ["FirmwareProfile"]
