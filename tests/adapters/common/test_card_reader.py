"""An added card reader on a real pseudo-terminal and on TCP."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from typing import TYPE_CHECKING

import pytest

from adapters.common.card_reader import token_in
from gateway.model import events as ev
from gateway.model.tokens import Authorization, AuthorizationStatus
from tests.adapters.common.rig import LiveBox, build, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def line() -> Iterator[tuple[int, str]]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize(
    ("text", "token"),
    [("04a1b2c3", "04A1B2C3"), ("04:A1:B2:C3", "04A1B2C3"), (" 1234 ", "1234"), ("??", None), ("x" * 60, None)],
)
def test_what_is_a_card_number(text: str, token: str | None) -> None:
    found = token_in(text)
    assert (found.value if found else None) == token


async def test_a_card_starts_and_ends_a_session(line: tuple[int, str]) -> None:
    master, path = line
    rig = build(LiveBox([]), reader={"serial": path})
    async with running(rig):
        rig.wire.plugged = True
        await rig.until(lambda: rig.wire.letter == "B" and bool(rig.box.of(ev.ConnectorChanged)))

        def shown() -> bool:
            os.write(master, b"\x0204A1B2C3\r\n\x03")  # again and again: the port may not be open yet
            return rig.wire.letter == "C"

        await rig.until(shown)
        assert len(rig.box.asked) == 1, "a card that is held there is told once"
        rig.box.authorization = Authorization(status=AuthorizationStatus.INVALID)
        os.write(master, b"11223344\r\n04A1B2C3\r\n")
        await rig.until(lambda: bool(rig.box.of(ev.TransactionEnded)))
    assert rig.wire.letter == "B"


async def test_a_reader_in_the_network() -> None:
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"04A1B2C3\n")
        await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        rig = build(LiveBox([]), reader={"tcp": f"127.0.0.1:{port}"})
        rig.wire.plugged = True
        async with running(rig):
            await rig.until(lambda: rig.wire.letter == "C")
        async with asyncio.timeout(5):
            await gone.wait()
