"""A panel that notes what sensors tell."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.model.errors import GatewayError
    from gateway.model.sensing import Value


class FakePanel:
    """``Panel`` for tests of kinds of sensors."""

    def __init__(self, *, read_only: bool = False) -> None:
        self.read_only = read_only
        self.values: list[tuple[str, Mapping[str, Value]]] = []
        self.losses: list[tuple[str, GatewayError]] = []
        self._news = asyncio.Event()

    def told(self, sensor: str, values: Mapping[str, Value]) -> None:
        self.values.append((sensor, values))
        self._news.set()

    def lost(self, sensor: str, error: GatewayError) -> None:
        self.losses.append((sensor, error))
        self._news.set()

    async def until(self, condition: Callable[[FakePanel], bool]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(10):
            while not condition(self):
                self._news.clear()
                await self._news.wait()
