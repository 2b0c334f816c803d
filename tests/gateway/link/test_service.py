"""All links together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.contracts import Reply
from gateway.link.service import Link, Parts
from gateway.link.status import LinkState
from gateway.link.target import Target
from tests.gateway.link.fakes import NOW, PASSWORD, SCHEMAS, STATION, TIMING, eventually

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.contracts import Json
    from tests.gateway.link.csms import Csms
    from tests.gateway.link.fakes import Box


def _link(box: Box, url: str, supervise: Callable[[str, Callable[[], Awaitable[None]]], Awaitable[None]]) -> Link:
    parts = Parts(outbox=box.outbox, handlers=box.handlers, schemas=SCHEMAS, now=lambda: NOW, random=lambda: 0.5)
    target = Target(identity=STATION, url=url, password=PASSWORD)
    return Link([target], parts, prefix="box-", timing=TIMING, supervise=supervise)


async def test_supervised_link_comes_back_after_a_defect(csms: Csms, box: Box) -> None:
    ended: list[str] = []

    async def again(name: str, run: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await run()
            except* ZeroDivisionError:
                ended.append(name)

    async def defect(payload: Json) -> Reply:
        return Reply(payload={"status": str(len(payload) / 0)})

    box.handlers.answers["ClearCache"] = defect
    link = _link(box, csms.url, again)
    link.hello(STATION)
    task = asyncio.create_task(link.run())
    peer = await csms.peer()
    await eventually(lambda: link.accepted(STATION))
    await peer.raw(b'[2,"1","ClearCache",{}]')
    await csms.peer(2)
    await eventually(lambda: link.accepted(STATION))
    task.cancel()
    await asyncio.wait([task])
    assert ended == ["link CS-1"]
    assert link.status(STATION).state is LinkState.OFFLINE


async def test_message_ids_stay_within_36_characters(box: Box) -> None:
    parts = Parts(outbox=box.outbox, handlers=box.handlers, schemas=SCHEMAS, now=lambda: NOW, random=lambda: 0.5)
    with pytest.raises(ValueError, match="too-long-a-prefix"):
        Link([], parts, prefix="too-long-a-prefix")


async def test_unknown_station_is_a_key_error(box: Box) -> None:
    link = box.make("ws://127.0.0.1:9/ocpp")
    with pytest.raises(KeyError):
        link.accepted("CS-2")
    assert link.status(STATION).url == "ws://127.0.0.1:9/ocpp/CS-1"
