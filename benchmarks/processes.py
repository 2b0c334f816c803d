"""The measured processes: starting them, and what the kernel says that they used (Linux)."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

_TICKS = os.sysconf("SC_CLK_TCK")
_MIB = 1024
"""KiB in one MiB."""
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used so far.

    Attributes:
        cpu: seconds, user and system, all threads.
        rss: resident memory now in MiB.
        wakeups: voluntary context switches of all threads.
    """

    cpu: float
    rss: float
    wakeups: int


def usage(pid: int) -> Usage:
    """Read /proc (proc(5))."""
    folder = Path("/proc") / str(pid)
    # utime and stime are fields 14 and 15; the name in field 2 may hold blanks.
    times = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
    rss = _field(folder / "status", "VmRSS")
    wakeups = sum(_field(task / "status", "voluntary_ctxt_switches") for task in (folder / "task").iterdir())
    return Usage(cpu=sum(map(int, times)) / _TICKS, rss=rss / _MIB, wakeups=wakeups)


def _field(file: Path, name: str) -> int:
    line = next(line for line in file.read_text().splitlines() if line.startswith(name + ":"))
    return int(line.split()[1])


@asynccontextmanager
async def running(arguments: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of this Python, stopped by SIGTERM at the end."""
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
