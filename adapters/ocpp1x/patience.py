"""The adapter's times, in one place so that a test can shorten them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Times in seconds."""

    heartbeat: int = 300
    """Heartbeat interval that stations are given."""
    silence_factor: float = 3.0
    """How many heartbeat intervals a station may be silent before it counts as lost ..."""
    silence_least: float = 900.0
    """... but never less than this."""
    authorize: float = 8.0
    """How long the backend has for an Authorize; stations wait 10 s or longer for their answer."""
    begin: float = 5.0
    """How long the backend has for its word on a transaction that begins."""
    vendor: float = 8.0
    """How long the backend has for a DataTransfer."""
    call: float = 20.0
    """How long a station has to answer a call."""
    exchange: float = 12.0
    """How long a call waits for the station's own requests to be answered."""
    greeting: float = 20.0
    """How long a station that has come has to say that it has started, before it is asked how it stands."""
    gap: float = 600.0
    """A station that was not heard for this long may come back with messages that it had to keep ..."""
    settle: float = 300.0
    """... and is given this long to deliver them; until then its times say nothing about its clock."""

    @property
    def silence(self) -> float:
        """How long a station may be silent before it counts as lost."""
        return max(self.silence_factor * self.heartbeat, self.silence_least)
