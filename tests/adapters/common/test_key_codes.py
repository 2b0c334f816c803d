"""Key codes at a wallbox: they start and end sessions as cards do (C04)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from gateway.keypad import Entered, Keypad
from tests.adapters.common.site import opened
from tests.fakes.box import ID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.adapters.common.site import Site

CODE = "47110815"
TOKEN = {"idToken": CODE, "type": "KeyCode"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(tmp_path) as found:
        yield found


@pytest.mark.ocpp("C04.FR.04", "C01.FR.01", "C01.FR.03")
async def test_a_code_starts_and_ends_a_session(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    keypad = Keypad(site.box.hub.execute, site.box.hub.now)
    await site.plug()
    site.box.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted"}}
    assert await keypad.enter(ID, 1, CODE) is Entered.ACCEPTED
    assert site.box.backend.asked == [("Authorize", {"idToken": TOKEN})]
    assert (await site.told_of_start())[0]["idToken"] == TOKEN
    assert await keypad.enter(ID, 1, CODE) is Entered.ACCEPTED
    await site.until(lambda: not site.box.state.transactions)
    ended = (await site.box.sent_of("TransactionEvent"))[-1]
    assert (ended["triggerReason"], ended["idToken"]) == ("StopAuthorized", TOKEN)
    assert CODE not in caplog.text


async def test_a_wrong_one_does_nothing(site: Site) -> None:
    keypad = Keypad(site.box.hub.execute, site.box.hub.now)
    await site.plug()
    site.box.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Invalid"}}
    assert await keypad.enter(ID, 1, CODE) is Entered.REFUSED
    assert site.box.state.transactions == ()
    assert await keypad.enter(ID, 1, CODE) is Entered.WAIT
