"""Times that no OCPP variable sets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """All in seconds.

    Attributes:
        second: length of one second of an OCPP variable or interval; other than 1 only in tests.
        connect: limit for one attempt to connect, from the name's look-up to the WebSocket.
        close: limit for a closing handshake.
        boot: shortest own wait before the next BootNotification where the CSMS gives none (B02.FR.07, B03.FR.05);
            the longest is twice that.
        pong: how long a CSMS may take to answer a ping.
        answer: how long the outbox waits for the answer to a CALL, which is to be there before its effects.
        pause: wait before a message is tried again whose answer could not be stored here.
        longest_away: longest wait between two attempts to connect; RetryBackOff* may double a day until it is years.
        synchronise: longest time without a Heartbeat (G02.FR.07).
    """

    second: float = 1.0
    connect: float = 30.0
    close: float = 2.0
    boot: float = 60.0
    pong: float = 20.0
    answer: float = 5.0
    pause: float = 5.0
    longest_away: float = 86_400.0
    synchronise: float = 86_400.0
