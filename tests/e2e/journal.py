"""What a box has written to its database, seen from outside: the frames of SQLite's write-ahead log."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_HEADER, _FRAME = struct.Struct(">8I"), struct.Struct(">6I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The write-ahead log at a moment (sqlite.org/fileformat2.html, 4).

    Attributes:
        lap: How often it has begun anew.
        commits: Transactions in this lap.
        size: Bytes of them.
    """

    lap: int
    commits: int
    size: int


def journal(database: Path) -> Journal:
    """Read the log beside a database. Frames of an earlier lap, which are still in the file, are passed over."""
    content = database.with_name(database.name + "-wal").read_bytes()
    _, _, page, lap, *salt, _, _ = _HEADER.unpack_from(content)
    at, commits, size = _HEADER.size, 0, 0
    while at + _FRAME.size + page <= len(content):
        _, after, *own, _, _ = _FRAME.unpack_from(content, at)
        if own != salt:
            break
        at += _FRAME.size + page
        commits += after > 0
        size = at
    return Journal(lap=lap, commits=commits, size=size)


class Written:
    """What is written from now on. It is to be looked at often: of a lap that ends, only what was seen counts."""

    def __init__(self, database: Path) -> None:
        self.commits = self.size = 0
        self._database = database
        self._before = journal(database)

    def look(self) -> None:
        """Count what has come since the last look."""
        before, now = self._before, journal(self._database)
        again = now.lap != before.lap
        self.commits += now.commits - (0 if again else before.commits)
        self.size += now.size - (0 if again else before.size)
        self._before = now
