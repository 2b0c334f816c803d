"""A serial line: a pair of pseudo-terminals, of which the gateway opens the other end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from typing import TYPE_CHECKING

from typing_extensions import override

from gateway.bench.family.endpoint import Endpoint, HangUp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateway.bench.family.endpoint import Session

_CHUNK = 4096


def bits_of(form: str) -> int:
    """Bits of one byte on the wire: start, data, parity and stop, for a format such as 8E1."""
    return 1 + int(form[0]) + (form[1] != "N") + int(form[2])


class PtyEndpoint(Endpoint):
    """One serial line.

    Args:
        session: Makes the session of the line.
        more: What else belongs into the ``connection`` table: baud, format, unit.
        byte_time: Seconds that a byte takes on the wire; 0: none.
    """

    def __init__(
        self, session: Callable[[], Session], *, more: Mapping[str, object] | None = None, byte_time: float = 0.0
    ) -> None:
        self._make = session
        self._session = session()
        self._more = dict(more or {})
        self._byte_time = byte_time
        self._free_at = 0.0
        self._master = self._slave = -1
        self._path = ""
        self._is_cut = False
        self._waiting: set[asyncio.TimerHandle] = set()

    @property
    @override
    def connection(self) -> Mapping[str, object]:
        return {"serial": self._path, **self._more}

    @override
    async def start(self) -> None:
        # Our own hold on the other end keeps the line up while no gateway has opened it.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._path = os.ttyname(self._slave)
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    def _readable(self) -> None:
        try:
            data = os.read(self._master, _CHUNK)
        except OSError:
            return
        if self._is_cut:
            return
        try:
            answers = b"".join(self._session.feed(data))
        except HangUp:
            # A serial line has no end: the station only stays silent.
            return
        if answers:
            self._later(answers, len(data) + len(answers))

    def _later(self, data: bytes, length: int) -> None:
        """Send, once the bytes before have gone over the wire."""
        if not self._byte_time:
            self._send(data)
            return
        loop = asyncio.get_running_loop()
        self._free_at = max(loop.time(), self._free_at) + length * self._byte_time

        def send() -> None:
            self._waiting.discard(handle)
            self._send(data)

        handle = loop.call_at(self._free_at, send)
        self._waiting.add(handle)

    def _send(self, data: bytes) -> None:
        # A full terminal loses bytes, as a serial line without flow control does.
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, data)

    @override
    def tell(self, lines: Iterable[bytes]) -> None:
        data = b"".join(lines)
        if data and not self._is_cut and self._master >= 0:
            self._later(data, len(data))

    @override
    async def cut(self) -> None:
        self._is_cut = True
        self._session = self._make()

    @override
    async def mend(self) -> None:
        self._is_cut = False

    @override
    async def aclose(self) -> None:
        for handle in self._waiting:
            handle.cancel()
        self._waiting.clear()
        if self._master >= 0:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)
            os.close(self._slave)
            self._master = self._slave = -1
