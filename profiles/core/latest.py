"""The last readings of each EVSE, as they have come from stations."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.model.readings import Sample


class LatestReadings:
    """The last sample of each EVSE (0: the station's main meter) since the box has started."""

    def __init__(self) -> None:
        self._samples: dict[tuple[str, int], Sample] = {}
        self._news = asyncio.Event()

    def note(self, station: str, evse: int, samples: Iterable[Sample]) -> None:
        """Keep the last of some samples; one without readings says nothing."""
        last = next((sample for sample in reversed(tuple(samples)) if sample.readings), None)
        if last is not None:
            self._samples[station, evse] = last
            self._news.set()

    def of(self, station: str) -> Mapping[int, Sample]:
        """The last sample of each EVSE of a station that has told any."""
        return {evse: sample for (owner, evse), sample in self._samples.items() if owner == station}

    async def newer(self, station: str, evse: int, than: Sample | None, *, patience: float) -> None:
        """Wait for another sample of an EVSE, for ``patience`` seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._samples.get((station, evse)) is than:
                    self._news.clear()
                    await self._news.wait()
