"""The adapter's times: those of every OCPP 1.x station, and those of a connection."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.ocpp1x.patience import Patience as OcppPatience


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience(OcppPatience):
    """Times in seconds."""

    ping: float = 60.0
    """How often a connection is tried with a ping; half of it is the time for the pong."""
    absence: float = 60.0
    """How long a station may be without a connection before it counts as lost."""
    arrival: float = 300.0
    """How long a station has to connect after the start of the box, before it counts as lost."""
    idle: float = 15.0
    """How long whoever has opened a TCP connection has to ask for something."""
    close: float = 3.0
    """How long a station has to take part in closing a connection."""
