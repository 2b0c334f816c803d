"""How far a firmware update, or the upload of a log, is, as a station says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.ocpp1x.fields import text
from gateway.model.events import FirmwareProgress, FirmwareStatus, LogProgress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.ocpp1x.exchange import Exchange
    from gateway.model.events import LogStatus

FIRMWARE = {status.value: status for status in FirmwareStatus if status is not FirmwareStatus.IDLE}
"""By name, the same in every version. Idle is only said because somebody asks: the box knows what it has ordered."""


async def firmware_progress(exchange: Exchange) -> None:
    """Publish what the status of a request says of firmware; a status that the box does not know says nothing."""
    status = FIRMWARE.get(text(exchange.fields, "status") or "")
    if status is not None:
        await exchange.hub.publish(FirmwareProgress(station=exchange.peer.id, at=exchange.now, status=status))


async def log_progress(exchange: Exchange, statuses: Mapping[str, LogStatus]) -> None:
    """Publish what the status of a request says of a log, by its name in ``statuses``; others say nothing."""
    status = statuses.get(text(exchange.fields, "status") or "")
    if status is not None:
        await exchange.hub.publish(LogProgress(station=exchange.peer.id, at=exchange.now, status=status))
