"""A line that is cut, or a server that ends, in the very moment in which somebody connects."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from gateway.bench.family.endpoint import Session
from gateway.bench.family.tcp import TcpEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterable


class Mute(Session):
    """Says nothing."""

    @override
    def feed(self, data: bytes) -> Iterable[bytes]:
        return ()


@pytest.mark.parametrize("turns", range(5))
async def test_who_connects_as_the_line_is_cut_hears_of_it(turns: int) -> None:
    endpoint = TcpEndpoint("tcp", "127.0.0.1", 0, Mute)
    await endpoint.start()
    with socket.socket() as peer:
        peer.setblocking(False)  # noqa: FBT003
        peer.connect_ex(("127.0.0.1", endpoint.port))
        for _ in range(turns):
            await asyncio.sleep(0)
        await endpoint.aclose()
        with contextlib.suppress(ConnectionResetError):
            async with asyncio.timeout(5):
                assert await asyncio.get_running_loop().sock_recv(peer, 1) == b""
    gc.collect()  # what nobody closed would be warned of here
