"""Slow jobs of the simulated station: uploading diagnostics, installing firmware."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from gateway.bench.ocpp_s.memory import Entry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from gateway.bench.ocpp_s.chargepoint import ChargePoint
    from gateway.bench.ocpp_s.wire import Calling

_BAD = 400
_VERSION_LENGTH = 50
_STEPS = {"Downloading", "Installing"}
_ENDS = {"DownloadFailed", "InstallationFailed", "Installed"}
NOT_FOR_IT = b"for another station"
"""What begins so, the station cannot install."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Where a file goes or comes from.

    Args:
        location: ``http://`` URL; a station cannot reach any other.
        retries: further attempts after the first.
        interval: pause between attempts, simulated s.
    """

    location: str
    retries: int = 0
    interval: int = 60


class Jobs:
    """Carries out what GetDiagnostics and UpdateFirmware ask for (OCPP 1.5, sections 5.8 and 5.17)."""

    def __init__(self, point: ChargePoint, line: Calling) -> None:
        self._point = point
        self._outlets = point.outlets
        self._line = line
        self._diagnostics = self._firmware = "Idle"
        self._loaded = b""

    @property
    def diagnostics_name(self) -> str:
        """Name of the file that GetDiagnostics yields."""
        return f"diagnostics-{self._outlets.config.identity}.log"

    async def upload_diagnostics(self, transfer: Transfer) -> None:
        """Put the diagnostics file to ``location`` + its name, and report how that went."""
        self._diagnostics_are("Uploading")
        done = await self._attempt(transfer, self._put)
        self._diagnostics_are("Uploaded" if done else "UploadFailed")

    async def update_firmware(
        self, transfer: Transfer, retrieve_at: datetime, when_idle: Callable[[], Awaitable[None]]
    ) -> bool:
        """Fetch and install firmware, and report how that went.

        Args:
            transfer: where the file is; its name without the suffix is the new version.
            retrieve_at: not to be fetched earlier.
            when_idle: returns when no transaction runs.

        Returns:
            True if a reboot must follow.
        """
        await self._outlets.clock.sleep(max(0.0, (retrieve_at - self._outlets.now()).total_seconds()))
        self._firmware_is("Downloading")
        if not await self._attempt(transfer, self._get):
            self._firmware_is("DownloadFailed")
            return False
        self._firmware_is("Downloaded")
        await when_idle()
        self._firmware_is("Installing")
        if self._loaded.startswith(NOT_FOR_IT):
            self._firmware_is("InstallationFailed")
            return False
        self._outlets.memory.firmware = PurePosixPath(URL(transfer.location).path).stem[:_VERSION_LENGTH]
        self._firmware_is("Installed")
        return True

    def tell_diagnostics(self) -> None:
        """Say how the upload of diagnostics stands; one that is done is no longer told of."""
        self._notify("DiagnosticsStatusNotification", self._diagnostics)

    def tell_firmware(self) -> None:
        """Say how the update of the firmware stands; one that is done is no longer told of."""
        self._notify("FirmwareStatusNotification", self._firmware)

    def _diagnostics_are(self, status: str) -> None:
        self._diagnostics = status if status == "Uploading" else "Idle"
        if status != "Uploading" or self._outlets.config.dialect.progress:
            self._notify("DiagnosticsStatusNotification", status)

    def _firmware_is(self, status: str) -> None:
        self._firmware = "Idle" if status in _ENDS else status
        if status not in _STEPS or self._outlets.config.dialect.progress:
            self._notify("FirmwareStatusNotification", status)

    async def _attempt(self, transfer: Transfer, act: Callable[[URL], Awaitable[bool]]) -> bool:
        try:
            url = URL(transfer.location)
        except ValueError:
            return False
        if url.scheme not in {"http", "https"}:
            return False
        for attempt in range(transfer.retries + 1):
            if attempt:
                await self._outlets.clock.sleep(transfer.interval)
            try:
                if not self._line.is_cut and await act(url):
                    return True
            except (aiohttp.ClientError, TimeoutError):
                continue
        return False

    async def _put(self, url: URL) -> bool:
        lines = [f"{item.at.isoformat()} {item.operation} {item.outcome}" for item in self._point.ledger.exchanges]
        async with self._line.http.put(url / self.diagnostics_name, data="\n".join(lines).encode()) as answer:
            return answer.status < _BAD

    async def _get(self, url: URL) -> bool:
        async with self._line.http.get(url) as answer:
            self._loaded = await answer.read()
            return answer.status < _BAD and bool(self._loaded)

    def _notify(self, operation: str, status: str) -> None:
        self._outlets.post(Entry(operation=operation, fields={"status": status}, durable=True))
