"""Answers that may still come to requests that were given up, where nothing in an answer tells which request it is of."""

from __future__ import annotations

import asyncio


class Owed:
    """How many answers a station owes, and to which request.

    A late answer does no harm to the same request sent again. Any other request has to wait until the late ones have
    come, or come no more: else "done" to the one would be read as "done" to the other.
    """

    def __init__(self) -> None:
        self._text = ""
        self._count = 0
        self._until = 0.0
        self._paid = asyncio.Event()

    @property
    def count(self) -> int:
        """How many."""
        return self._count

    def sent(self, text: str, patience: float) -> None:
        """A request went out; its answer comes within ``patience`` seconds, if at all."""
        if text != self._text:
            self._text, self._count = text, 0
        self._count += 1
        self._until = asyncio.get_running_loop().time() + patience
        self._paid.clear()

    def came(self) -> None:
        """An answer has come."""
        self._count = max(0, self._count - 1)
        if not self._count:
            self._paid.set()

    def forgive(self) -> None:
        """Nothing more comes: the connection is a new one."""
        self._count = 0
        self._paid.set()

    async def clear_for(self, text: str) -> None:
        """Wait until an answer that comes can only be that to ``text``."""
        if not self._count or text == self._text:
            return
        try:
            async with asyncio.timeout_at(self._until):
                await self._paid.wait()
        except TimeoutError:
            self.forgive()
