"""A clock that stands still until it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from typing_extensions import override

from gateway.clock import Clock

START = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)


class SettableClock(Clock):
    """The box's clock in a test's hands."""

    def __init__(self, start: datetime = START) -> None:
        super().__init__()
        self.time = start
        self.hardware = start

    @override
    def system(self) -> datetime:
        return self.hardware

    @override
    def now(self) -> datetime:
        return self.time

    @override
    def synchronise(self, reference: datetime) -> timedelta:
        moved = reference - self.time
        self.time = reference
        return moved

    def pass_(self, **duration: float) -> datetime:
        """Let time pass (keywords as of ``timedelta``) and say what time it is."""
        self.time += timedelta(**duration)
        return self.time
