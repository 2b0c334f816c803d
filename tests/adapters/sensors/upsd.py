"""Network UPS Tools: the real server with its dummy driver, and a server that says what it is told to."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.ports import free_port

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

# Debian's upsd in the PATH is a script that starts nothing until /etc is changed; the program is beside the drivers.
_FOLDERS = "/lib/nut:/usr/lib/nut:/usr/libexec/nut:/usr/sbin:/usr/local/sbin"


def _program(name: str) -> str:
    found = shutil.which(name, path=_FOLDERS)
    if found is None:
        pytest.skip("nut-server is not installed")
    return found


class Nut:
    """upsd and the driver of one UPS, which shows what a file says."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        (folder / "run").mkdir(mode=0o700)
        self._write("ups.conf", f"[garage]\ndriver = dummy-ups\nport = {folder}/garage.dev\npollinterval = 1\n")
        self._write("upsd.conf", f"LISTEN 127.0.0.1 {self.port}\n")
        self._write("upsd.users", "")

    def _write(self, name: str, text: str) -> None:
        path = self._folder / name
        path.write_text(text, encoding="ascii")
        path.chmod(0o600)

    def show(self, variables: Mapping[str, str]) -> None:
        """What the UPS says from now on; the driver looks once a second."""
        self._write("garage.dev.new", "".join(f"{name}: {value}\n" for name, value in variables.items()))
        (self._folder / "garage.dev.new").rename(self._folder / "garage.dev")

    async def start(self, *programs: str) -> None:
        """Start upsd, or the driver."""
        user = pwd.getpwuid(os.getuid()).pw_name
        run = str(self._folder / "run")
        places = {"NUT_CONFPATH": str(self._folder), "NUT_STATEPATH": run, "NUT_ALTPIDPATH": run, "NUT_PIDPATH": run}
        for name in programs or ("dummy-ups", "upsd"):
            which = ("-a", "garage") if name == "dummy-ups" else ()
            self._processes[name] = await asyncio.create_subprocess_exec(
                _program(name), *which, "-F", "-u", user, env={**os.environ, **places},
                stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip

    async def stop(self, *programs: str) -> None:
        """Stop upsd, or the driver."""
        for name in programs or tuple(self._processes):
            process = self._processes.pop(name)
            process.terminate()
            await process.wait()


@asynccontextmanager
async def nut(folder: Path, variables: Mapping[str, str]) -> AsyncIterator[Nut]:
    """A running upsd on loopback, below a folder of the test."""
    found = Nut(folder)
    found.show(variables)
    try:
        await found.start()
        yield found
    finally:
        await found.stop()


class Scripted:
    """Answers each line with the next of its texts; None: it hangs up."""

    def __init__(self, answers: Sequence[str | None], tls: ssl.SSLContext | None = None) -> None:
        self.port = 0
        self.asked: list[str] = []
        self.connections = 0
        self._answers = deque(answers)
        self._tls = tls

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while (line := await reader.readline()) and self._answers:
                self.asked.append(line.decode().strip())
                answer = self._answers.popleft()
                if answer is None:
                    return
                writer.write(answer.encode())
                if self.asked[-1] == "STARTTLS" and answer == "OK STARTTLS\n" and self._tls is not None:
                    await writer.start_tls(self._tls)
        except OSError:
            pass  # the other end has had enough
        finally:
            writer.close()


@asynccontextmanager
async def scripted(answers: Sequence[str | None], tls: ssl.SSLContext | None = None) -> AsyncIterator[Scripted]:
    """A server with these answers, on loopback."""
    found = Scripted(answers, tls)
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found
