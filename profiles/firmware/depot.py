"""Where updates that the box leads are kept: the order beside the station's secrets, the file in a folder of its own."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING
from urllib.parse import quote

from profiles.firmware.order import kept_order

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.contracts import Northbound
    from profiles.firmware.order import Order

FOLDER = "firmware"
DOCUMENT = "firmware-order.json"


class Depot:
    """Orders and files, one of each for a station."""

    def __init__(self, northbound: Northbound) -> None:
        self._northbound = northbound

    def file(self, station: str, order: Order) -> Path:
        """Where the file of an order is, once it is there."""
        return self._folder(station) / order.file_name

    async def order(self, station: str) -> Order | None:
        """The order that an earlier run has left.

        Raises:
            GatewayError: ``vault-failed``.
        """
        text = (await self._northbound.vault.documents(station)).get(DOCUMENT)
        return None if text is None else kept_order(text)

    async def keep(self, station: str, order: Order) -> None:
        """Write an order: it is there after a restart.

        Raises:
            GatewayError: ``vault-failed``.
        """
        await self._northbound.vault.keep(station, {DOCUMENT: order.text()})

    async def make_room(self, station: str) -> None:
        """Make the folder for another file.

        Raises:
            OSError: it cannot be made.
        """
        await asyncio.to_thread(self._folder(station).mkdir, mode=0o700, parents=True, exist_ok=True)

    async def clear(self, station: str) -> None:
        """Keep nothing of a station any more.

        Raises:
            GatewayError: ``vault-failed``.
        """
        await asyncio.to_thread(shutil.rmtree, self._folder(station), ignore_errors=True)
        if DOCUMENT in await self._northbound.vault.documents(station):
            await self._northbound.vault.keep(station, {DOCUMENT: None})

    def _folder(self, station: str) -> Path:
        return self._northbound.folder(FOLDER) / quote(station, safe="").replace(".", "%2E")
