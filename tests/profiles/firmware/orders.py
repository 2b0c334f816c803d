"""Orders for firmware, and what is told of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gateway.model import events as ev
from tests.fakes.box import ID, Box
from tests.fakes.clock import START

if TYPE_CHECKING:
    from gateway.contracts import Json
    from gateway.model.events import FirmwareStatus

LOCATION = "ftp://user:secret@files.example.com/fw-2.0.bin"


def order(request_id: int = 5, hours: float = 0, **firmware: Any) -> Json:
    """An UpdateFirmwareRequest; ``hours`` from now until the firmware is to be fetched."""
    retrieve = (START + timedelta(hours=hours)).isoformat()
    return {"requestId": request_id, "firmware": {"location": LOCATION, "retrieveDateTime": retrieve, **firmware}}


async def report(box: Box, *statuses: FirmwareStatus) -> None:
    """The station tells how it goes."""
    for status in statuses:
        await box.hub.publish(ev.FirmwareProgress(station=ID, at=box.clock.now(), status=status))


async def told(box: Box) -> list[tuple[str, int]]:
    """(status, requestId) of what goes to the CSMS."""
    payloads = await box.sent_of("FirmwareStatusNotification")
    return [(payload["status"], payload["requestId"]) for payload in payloads]
