"""A stream of bytes as lines. Pure."""

from __future__ import annotations

MAX_LINE = 1024
"""Bytes without an end are noise, or the wrong speed."""


class Splitter:
    """Puts lines together from pieces of any size."""

    def __init__(self, end: str) -> None:
        self._end = end.encode("ascii")
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are whole now, without their ends and without empty ones."""
        self._rest += data
        *lines, rest = self._rest.split(self._end)
        self._rest = rest if len(rest) <= MAX_LINE else bytearray()
        # The end of one line may come with signs that belong to neither: CR LF where the end is CR.
        return [bytes(line) for line in (each.strip(b"\r\n\0 ") for each in lines) if 0 < len(line) <= MAX_LINE]

    def clear(self) -> None:
        """Forget the beginning of a line."""
        self._rest.clear()
