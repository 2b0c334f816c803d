"""The box's own journal: its last log records, station by station, in memory and of bounded size."""

from __future__ import annotations

import itertools
import logging
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

RECORDS = 300
"""So many records are kept of each station, and so many that are of none."""

TEXT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """A log record; ``source`` is the module that wrote it, ``number`` counts all of them."""

    at: datetime
    level: str
    source: str
    text: str
    number: int = 0


class Journal(logging.Handler):
    """Keeps what the box logs, from level INFO on.

    A record is of the stations that are among its arguments; one that names none may matter to each of them.

    Args:
        stations: Every station of the site.
        now: The box's clock.
    """

    def __init__(self, stations: Callable[[], tuple[str, ...]], now: Callable[[], datetime]) -> None:
        super().__init__(logging.INFO)
        self._stations = stations
        self._now = now
        self._numbers = itertools.count()
        self._kept: dict[str, deque[Entry]] = {}

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take what is logged meanwhile."""
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            self.handleError(record)
            return
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            text = f"{text}: {type(error).__name__}: {error}"
        entry = Entry(self._now(), record.levelname, record.name, text[:TEXT_LENGTH], next(self._numbers))
        for owner in self._owners(record) or {""}:
            self._kept.setdefault(owner, deque(maxlen=RECORDS)).append(entry)

    def _owners(self, record: logging.LogRecord) -> set[str]:
        args = record.args if isinstance(record.args, tuple) else ()
        named = {arg if isinstance(arg, str) else getattr(arg, "station", None) for arg in args}
        return {station for station in self._stations() if station in named}

    def entries(self, station: str, start: datetime | None = None, stop: datetime | None = None) -> list[Entry]:
        """What is kept of a station and of none, from ``start`` to ``stop`` (None: no limit), the oldest first."""
        self.acquire()
        try:
            found = [*self._kept.get("", ()), *self._kept.get(station, ())]
        finally:
            self.release()
        return sorted((e for e in found if _within(e.at, start, stop)), key=lambda each: each.number)


def _within(at: datetime, start: datetime | None, stop: datetime | None) -> bool:
    return (start is None or at >= start) and (stop is None or at <= stop)
