"""A connection to upsd, the server of Network UPS Tools (NUT developer guide, "Network protocol information"; RFC 9271)."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.config.fields import HostPort

ANSWER = 5.0
"""Seconds for a connection, and for an answer."""
STALE = frozenset({"DATA-STALE", "DRIVER-NOT-CONNECTED"})
"""What upsd says when it has lost the UPS itself."""

_ERROR = "ERR "
_STARTTLS_MOST = 100
_WAYS_TO_FAIL = (OSError, EOFError, UnicodeError)  # the last of a host name that DNS cannot have
_VARIABLE = re.compile(r'VAR \S+ (?P<name>\S+) "(?P<value>(?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")


def variable(line: str) -> tuple[str, str] | None:
    """Name and value in a line such as ``VAR ups battery.charge "87"``; None if it is none."""
    found = _VARIABLE.fullmatch(line)
    return None if found is None else (found["name"], _ESCAPED.sub(r"\1", found["value"]))


class NutLink:
    """One connection, for every UPS behind one upsd; it is made when it is needed, and again after a failure."""

    def __init__(self, upsd: HostPort, *, tls: bool = False, ca_file: Path | None = None) -> None:
        """Remember where it is.

        Args:
            upsd: Host and port, 3493 by default.
            tls: Ask for TLS before anything else.
            ca_file: Who may have signed the server's certificate; the system's authorities if absent.
        """
        self._upsd = upsd
        self._tls = tls
        self._ca_file = ca_file
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def variables(self, ups: str) -> dict[str, str]:
        """All variables of a UPS, as they are sent.

        Raises:
            GatewayError: ``nut-unreachable``: no connection. ``nut-stale``: upsd has lost the UPS. ``nut-refused``: it
                refuses; ``nut-answer``: it says what no upsd says.
        """
        async with self._turn:
            kept = self._streams is not None
            try:
                return await self._try(ups)
            except GatewayError as error:
                if not kept or error.code != "nut-unreachable":
                    raise
                return await self._try(ups)  # upsd ends what has been idle for a minute, and when it is updated

    async def _try(self, ups: str) -> dict[str, str]:
        try:
            async with asyncio.timeout(ANSWER):
                return await self._list(ups)
        except _WAYS_TO_FAIL as error:
            self.close()
            reason = str(error) or type(error).__name__
            raise GatewayError("nut-unreachable", address=str(self._upsd), reason=reason) from error
        except (GatewayError, asyncio.CancelledError):
            self.close()  # what is left of an answer would be taken for the next one
            raise

    def close(self) -> None:
        """End the connection."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()

    async def aclose(self) -> None:
        """End the connection, and wait until it is."""
        streams = self._streams
        self.close()
        if streams is not None:
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()

    async def _list(self, ups: str) -> dict[str, str]:
        if self._streams is None:
            self._streams = await self._connect()
        reader, writer = self._streams
        first = await _ask(reader, writer, f"LIST VAR {ups}", self._upsd)
        if first.startswith(_ERROR):
            code = first.removeprefix(_ERROR).partition(" ")[0]
            raise GatewayError("nut-stale" if code in STALE else "nut-refused", name=ups, reason=code)
        found: dict[str, str] = {}
        line = first
        while line != f"END LIST VAR {ups}":
            pair = variable(line)
            if pair is not None:
                found[pair[0]] = pair[1]
            elif line != f"BEGIN LIST VAR {ups}":
                raise GatewayError("nut-answer", address=str(self._upsd), value=line[:60])
            line = await _line(reader, self._upsd)
        return found

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(self._upsd.host, self._upsd.port)
        with contextlib.ExitStack() as undo:
            undo.callback(writer.close)
            if self._tls:
                await self._secure(reader, writer)
            undo.pop_all()
        return reader, writer

    async def _secure(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """TLS from here on. More than the one answer in the clear may be from anybody, and is refused."""
        context = await asyncio.to_thread(ssl.create_default_context, cafile=self._ca_file)
        writer.write(b"STARTTLS\n")
        said = b""
        while b"\n" not in said:
            more = await reader.read(_STARTTLS_MOST)
            if not more:
                raise EOFError("connection closed")
            said += more
        if said != b"OK STARTTLS\n":
            reason = said.decode("ascii", errors="replace").strip().removeprefix(_ERROR)
            raise GatewayError("nut-refused", name="STARTTLS", reason=reason)
        await writer.start_tls(context, server_hostname=self._upsd.host)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, what: str, upsd: HostPort) -> str:
    writer.write(what.encode("ascii") + b"\n")
    await writer.drain()
    return await _line(reader, upsd)


async def _line(reader: asyncio.StreamReader, upsd: HostPort) -> str:
    try:
        line = await reader.readline()
    except ValueError as error:  # longer than any line of upsd
        raise GatewayError("nut-answer", address=str(upsd), value="...") from error
    if not line.endswith(b"\n"):
        raise EOFError("connection closed")
    return line.decode("utf-8", errors="replace").strip()
