"""An added card reader: each card's number is a line of text on a serial port or a TCP connection."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.common.serial_port import SerialSettings, open_serial
from adapters.common.wire import Unreachable
from gateway.model.tokens import Token, type_of_card

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.common.config import CardReader

logger = logging.getLogger(__name__)

HELD = 2.0
"""Seconds within which the same number again is the same card still held there."""

_RETRY = 10.0
_PATIENCE = 5.0
_LONGEST = 64
_NUMBER = re.compile(r"[0-9A-Za-z]{4,36}")
_BETWEEN = re.compile(r"[\s:\-]")


def token_in(line: str) -> Token | None:
    """The token of a line; colons, dashes and blanks between the digits do not count. None: no card number."""
    number = _BETWEEN.sub("", line).upper()
    return Token(value=number, type=type_of_card(number)) if _NUMBER.fullmatch(number) else None


class _Lines(asyncio.Protocol):
    def __init__(self) -> None:
        self.lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._buffer = b""

    @override
    def data_received(self, data: bytes) -> None:
        *lines, self._buffer = re.split(rb"[\r\n\x02\x03]+", self._buffer + data)
        self._buffer = self._buffer[-_LONGEST:]
        for line in lines:
            if line:
                self.lines.put_nowait(line[:_LONGEST].decode("ascii", "replace"))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.lines.put_nowait(None)


class ReaderTask:
    """Listens to one reader; ``present`` is awaited for each card."""

    def __init__(self, keys: CardReader, present: Callable[[Token], Awaitable[None]]) -> None:
        self._keys = keys
        self._present = present

    @property
    def where(self) -> str:
        """The reader, for people."""
        return self._keys.serial or str(self._keys.tcp)

    async def run(self) -> None:
        """Listen until cancelled; a loss is told once."""
        lost = False
        while True:
            try:
                lines, transport = await self._open()
            except Unreachable as error:
                if not lost:
                    logger.warning("card reader %s: %s", self.where, error)
                lost = True
                await asyncio.sleep(_RETRY)
                continue
            if lost:
                logger.warning("card reader %s: back", self.where)
                lost = False
            try:
                await self._listen(lines)
            finally:
                transport.close()
            logger.warning("card reader %s: lost", self.where)
            lost = True
            await asyncio.sleep(_RETRY)

    async def _open(self) -> tuple[_Lines, asyncio.Transport]:
        lines = _Lines()
        if self._keys.serial is not None:
            return lines, await open_serial(lines, SerialSettings(path=self._keys.serial, baud=self._keys.baud))
        address = self._keys.tcp
        if address is None:
            raise Unreachable("no-connection", where="-", reason="-")
        try:
            async with asyncio.timeout(_PATIENCE):
                transport, _ = await asyncio.get_running_loop().create_connection(
                    lambda: lines, address.host, address.port
                )
        except (OSError, TimeoutError) as error:
            raise Unreachable("no-connection", where=str(address), reason=str(error)) from error
        return lines, transport

    async def _listen(self, source: _Lines) -> None:
        loop = asyncio.get_running_loop()
        held, since = "", 0.0
        while (line := await source.lines.get()) is not None:
            token = token_in(line)
            if token is None:
                logger.debug("card reader %s: no card number", self.where)
                continue
            again = token.value == held and loop.time() - since < HELD
            held, since = token.value, loop.time()
            if not again:
                await self._present(token)
