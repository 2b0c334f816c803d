"""The gateway as a process of its own: started, killed, stopped, and its log."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.status import ask
from gateway.status import Status, from_json, socket_path

if TYPE_CHECKING:
    from collections.abc import Callable

_REPOSITORY = Path(__file__).parents[2]
_PATIENCE = 20.0
_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
"""What one box has compiled the next ones read: a third of the time of a start. Some machines do not keep it otherwise."""


class Box:
    """One box on one data folder, over any number of lives.

    Args:
        site: its site file.
        data_dir: its data folder.
    """

    def __init__(self, site: Path, data_dir: Path) -> None:
        self.site = site
        self.data_dir = data_dir
        self.log: list[str] = []
        self.lives = 0
        self.exit_codes: list[int] = []
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        assert self._reader is None, "still running"
        self.lives += 1
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "run", str(self.site),
            cwd=_REPOSITORY, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE, start_new_session=True, env={**os.environ, **_COMPILED},
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read(self._process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            self.log.append(line.decode(errors="replace").rstrip())
            self._news.set()

    def kill(self) -> None:
        """Kill -9, at once."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    def terminate(self) -> None:
        assert self._process is not None
        self._process.terminate()

    async def gone(self) -> int:
        """Wait until the process has ended; its exit code."""
        assert self._process is not None
        async with asyncio.timeout(_PATIENCE):
            code = await self._process.wait()
            if self._reader is not None:
                await self._reader
        self._reader = None
        self.exit_codes.append(code)
        return code

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.terminate()
        return await self.gone()

    async def close(self) -> None:
        """Leave nothing running, whatever has happened."""
        if self._reader is not None:
            self.kill()
            await self.gone()

    async def logged(self, *texts: str, since: int = 0, within: float = _PATIENCE) -> str:
        """Wait for a line that holds all of the texts."""

        def found() -> str | None:
            return next((line for line in self.log[since:] if all(text in line for text in texts)), None)

        async with asyncio.timeout(within):
            while (line := found()) is None:
                self._news.clear()
                await self._news.wait()
        return line

    async def status(self) -> Status:
        """What the box tells of itself on its socket."""
        return from_json(await asyncio.to_thread(ask, socket_path(self.data_dir), 5.0))

    async def status_until(self, predicate: Callable[[Status], bool], within: float = 10.0) -> Status:
        """Ask until the answer is as wanted: the box's socket tells of no changes by itself."""
        async with asyncio.timeout(within):
            while True:
                status = await self.status()
                if predicate(status):
                    return status
                await asyncio.sleep(0.02)
