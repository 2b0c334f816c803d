"""The clocks that simulators run by: real time, or a multiple of it."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable


class Timer(Protocol):
    """A timer that can be called off."""

    def cancel(self) -> None:
        """Call the timer off; harmless when it has already run."""


class Clock(ABC):
    """Simulated time: the seconds that meters and timers run by, and the wall time that messages are stamped with."""

    def __init__(self, *, start: datetime | None = None) -> None:
        self._start = start if start is not None else datetime.now(UTC)

    @abstractmethod
    def elapsed(self) -> float:
        """Give the simulated seconds since the start."""

    @abstractmethod
    def call_at(self, elapsed: float, callback: Callable[[], None]) -> Timer:
        """Call ``callback`` when ``elapsed()`` reaches the given value (s), at once if it has passed."""

    def now(self) -> datetime:
        """Give the simulated wall time (UTC)."""
        return self._start + timedelta(seconds=self.elapsed())

    async def sleep(self, seconds: float) -> None:
        """Wait for so many simulated seconds."""
        await self.wait(asyncio.Event(), seconds)

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait for the event, at most so many simulated seconds (None: without limit), and clear it.

        The event belongs to its one waiter: it is set as well when the time is up.

        Returns:
            True if the event came before the time was up.
        """
        late = False

        def on_time() -> None:
            nonlocal late
            late = True
            event.set()

        timer = None if seconds is None else self.call_at(self.elapsed() + seconds, on_time)
        try:
            await event.wait()
        finally:
            if timer is not None:
                timer.cancel()
        event.clear()
        return not late


class ScaledClock(Clock):
    """Real time, or a multiple of it.

    Meters and timers run faster; time stamps stay true, so that they agree with those of everybody else.

    Args:
        speed: simulated seconds per real second, above 0.
        start: wall time at the start (UTC); now by default.
    """

    def __init__(self, *, speed: float = 1.0, start: datetime | None = None) -> None:
        super().__init__(start=start)
        self._speed = speed
        self._origin = time.monotonic()

    @override
    def now(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._origin)

    @override
    def elapsed(self) -> float:
        return (time.monotonic() - self._origin) * self._speed

    @override
    def call_at(self, elapsed: float, callback: Callable[[], None]) -> Timer:
        delay = max(0.0, (elapsed - self.elapsed()) / self._speed)
        return asyncio.get_running_loop().call_later(delay, callback)
