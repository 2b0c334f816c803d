"""A dry run shows everything that the backend would receive, in order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.contracts import Message
from gateway.link.target import Target
from gateway.paper import Paper
from gateway.store.outbox import WINDOW
from tests.fakes.box import ID, open_box

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.contracts import Json

TARGET = Target(identity=ID, url="ws://backend.example/ocpp", password="", user="", security_profile=0, vendor="V", model="M")  # fmt: skip


async def test_more_than_the_window_of_the_outbox_is_shown_once_the_station_is_known(tmp_path: Path) -> None:
    shown: list[tuple[str, Json]] = []
    complete = asyncio.Event()

    def show(station: str, action: str, payload: Json) -> None:
        assert station == ID
        shown.append((action, payload))
        if len(shown) == WINDOW + 51:
            complete.set()

    async with open_box(tmp_path) as box:
        paper = Paper(box.hub, box.storage, {ID: TARGET}, box.clock.now, show)
        task = asyncio.create_task(paper.run())
        for number in range(WINDOW + 50):
            await box.hub.post(ID, Message(action="NotifyEvent", payload={"seqNo": number}))
        assert not shown, "it has not booted"
        paper.hello(ID)
        async with asyncio.timeout(20):
            await complete.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert shown[0][0] == "BootNotification"
    assert [payload["seqNo"] for action, payload in shown if action == "NotifyEvent"][: WINDOW + 50] == [
        *range(WINDOW + 50)
    ]


async def test_a_question_is_shown_and_a_token_accepted(tmp_path: Path) -> None:
    shown: list[str] = []
    async with open_box(tmp_path) as box:
        paper = Paper(box.hub, box.storage, {ID: TARGET}, box.clock.now, lambda _s, action, _p: shown.append(action))
        answer = await paper.ask(ID, "Authorize", {"idToken": {"idToken": "1", "type": "Local"}}, patience=1)
        assert answer == {"idTokenInfo": {"status": "Accepted"}}
        assert await paper.ask(ID, "DataTransfer", {}, patience=1) is None
        paper.beat(ID)
        assert (paper.accepted(ID), paper.pending(ID), paper.online_since(ID)) == (False, False, None)
    assert shown == ["Authorize", "DataTransfer", "Heartbeat"]
