"""How far a firmware update is, as a station says it."""

from __future__ import annotations

from gateway.model.events import FirmwareStatus

FIRMWARE = {status.value: status for status in FirmwareStatus if status is not FirmwareStatus.IDLE}
"""By name, the same in every version. Idle is only said because somebody asks: the box knows what it has ordered."""
