"""CALLs that come once more although they have been answered (OCPP 2.0.1 Part 2, Appendix 1: AttemptedReplayAttacks)."""

from __future__ import annotations

from collections import deque
from hashlib import sha256
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from gateway.link.connection import Connection
    from gateway.link.rpc import Call

EVENT = "AttemptedReplayAttacks"
REMEMBERED = 256


class Replays:
    """The last CALLs of a connection that have been answered.

    A CSMS that has missed an answer repeats its CALL on another connection; on the same one nothing gets lost.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._answered: deque[bytes] = deque(maxlen=REMEMBERED)
        self._told = False

    def first(self, connection: Connection, call: Call) -> bool:
        """Tell whether this CALL is the first of its connection to come once more."""
        if connection is not self._connection or self._told:
            return False
        self._told = _print(call) in self._answered
        return self._told

    def answered(self, connection: Connection, call: Call) -> None:
        """The answer to a CALL has been sent."""
        if connection is not self._connection:
            self._connection, self._told = connection, False
            self._answered.clear()
        self._answered.append(_print(call))


def _print(call: Call) -> bytes:
    return sha256(orjson.dumps((call.id, call.action, call.payload))).digest()
