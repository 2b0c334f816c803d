"""Says a fault once, however often it comes, and once more when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging


_MOST = 100
"""Kinds of faults at one station; whoever sends garbage must not fill the memory with it."""


class Complaints:
    """What has been complained of at one station, by kind of fault."""

    def __init__(self, logger: logging.Logger, where: str) -> None:
        self._logger = logger
        self._where = where
        self._open: set[str] = set()

    def once(self, kind: str, text: str, *args: object) -> None:
        """Log a fault, unless it is already known; ``text`` and ``args`` as in logging."""
        if kind not in self._open and len(self._open) < _MOST:
            self._open.add(kind)
            self._logger.warning("%s: %s", self._where, text % args)

    def over(self, kind: str, text: str, *args: object) -> None:
        """Log that a fault is over, if there was one."""
        if kind in self._open:
            self._open.remove(kind)
            self._logger.info("%s: %s", self._where, text % args)
