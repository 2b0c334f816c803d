"""A station from its connecting to its leaving: its requests are answered one after the other, beside the reader."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from adapters.ocpp1x.fields import Deviation
from adapters.ocpp_json.frames import Bad, Call, ErrorCode, decode, encode_error

if TYPE_CHECKING:
    from adapters.ocpp_json.connection import Connection
    from adapters.ocpp_json.peers import Peer
    from adapters.ocpp_json.service import Service

_LOG = logging.getLogger(__name__)
_MAX_WAITING = 32
"""Requests that may wait for their turn; a station that keeps to OCPP-J (4.1.1) never has more than one."""


class Session:
    """One connection of one station.

    Args:
        peer: the station.
        connection: its own.
        service: answers its requests.
    """

    def __init__(self, peer: Peer, connection: Connection, service: Service) -> None:
        self._peer = peer
        self._connection = connection
        self._service = service
        self._waiting: asyncio.Queue[Call | None] = asyncio.Queue()

    async def read(self) -> None:
        """Take frames until the connection is gone."""
        while (text := await self._connection.receive()) is not None:
            await self._take(text)

    def end(self) -> None:
        """Nothing more will be read: what waits is still answered, and nobody waits for an answer."""
        self._connection.lost()
        self._waiting.put_nowait(None)

    async def answer(self) -> None:
        """Answer requests in their order, to the last that came, even if the station has gone meanwhile.

        What a station has reported is kept all the same; it may not say it again.
        """
        while (call := await self._waiting.get()) is not None:
            with self._peer.exchange():
                answer = await self._service.answer(self._peer, call)
                if answer is not None:
                    await self._connection.send(answer)

    async def _take(self, text: bytes) -> None:
        frame = decode(text)
        if isinstance(frame, Bad):
            self._note("frame-malformed", frame.reason, text)
            if frame.id is not None:
                await self._connection.send(encode_error(frame.id, ErrorCode.FORMATION_VIOLATION, frame.reason))
        elif not isinstance(frame, Call):
            if not self._connection.answered(frame):
                self._note("answer-unexpected", "", b"")
        elif self._waiting.qsize() >= _MAX_WAITING:
            self._note("requests-crowded", "", b"")
            await self._connection.send(encode_error(frame.id, ErrorCode.GENERIC_ERROR, "too many requests at once"))
        else:
            self._waiting.put_nowait(frame)

    def _note(self, code: str, path: str, raw: bytes) -> None:
        self._peer.note((Deviation(code=code, path=path, raw=raw[:60].decode("utf-8", "replace")),))
