"""Sensors that have to be asked: each at its own pace, none in the way of another."""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated

from pydantic import Field
from typing_extensions import override

from gateway.config.fields import Section
from gateway.contracts.sensing import SensorKind
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.contracts.sensing import Panel, SensorSettings
    from gateway.model.sensing import Value

logger = logging.getLogger(__name__)

RETRY = 5.0
"""Seconds at least until a sensor that has failed is asked again."""


class PolledKeys(Section):
    """The keys of every sensor that is asked."""

    poll: Annotated[float, Field(ge=0.05, le=3600)] = Field(5.0, description="Seconds between two readings.")


class AskedKind(SensorKind):
    """Asks each sensor at its pace."""

    def __init__(self, sensors: Sequence[SensorSettings]) -> None:
        self._sensors = tuple(sensors)

    @abstractmethod
    async def ask(self, settings: SensorSettings) -> Mapping[str, Value]:
        """Read a sensor.

        Raises:
            GatewayError: it does not answer, or what it answers is not understood.
        """

    @override
    async def run(self, panel: Panel) -> None:
        async with asyncio.TaskGroup() as group:
            for settings in self._sensors:
                group.create_task(self._poll(settings, panel))

    async def _poll(self, settings: SensorSettings, panel: Panel) -> None:
        """Read one sensor on shared ticks, so that many of them wake the box together."""
        loop, lost = asyncio.get_running_loop(), False
        period: float = settings.options.poll if isinstance(settings.options, PolledKeys) else RETRY
        while True:
            try:
                values = await self.ask(settings)
            except GatewayError as error:
                if not lost:
                    logger.warning("sensor %s: %s", settings.name, error)
                lost, wait = True, max(period, RETRY)
                panel.lost(settings.name, error)
            else:
                if lost:
                    logger.warning("sensor %s: back", settings.name)
                lost, wait = False, period
                panel.told(settings.name, values)
            await asyncio.sleep(wait - loop.time() % wait)


class PolledKind(AskedKind):
    """Asks in threads: reading a file of the kernel may take as long as the sensor does."""

    @abstractmethod
    def read(self, settings: SensorSettings) -> Mapping[str, Value]:
        """Read a sensor; runs in a thread and may block.

        Raises:
            GatewayError: it does not answer, or what it answers is not understood.
        """

    @override
    async def ask(self, settings: SensorSettings) -> Mapping[str, Value]:
        return await asyncio.to_thread(self.read, settings)
