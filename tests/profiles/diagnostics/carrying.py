"""A log that is carried to a server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from yarl import URL

from profiles.diagnostics.carrier import Carrier
from profiles.diagnostics.files import LogFile
from tests.fakes.box import ID

if TYPE_CHECKING:
    from profiles.diagnostics.results import Result
    from tests.fakes.box import Box

FILE = LogFile("a.json", b"{}" * 100_000)


async def carry(box: Box, url: str) -> Result:
    """Try once."""
    async with asyncio.timeout(20):
        return await Carrier(box.hub).carry(ID, URL(url), FILE)
