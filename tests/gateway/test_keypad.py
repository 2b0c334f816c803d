"""Key codes: who may try again when, and what the station is asked."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from gateway.keypad import LONGEST_WAIT, Entered, Keypad
from gateway.model.commands import ACCEPTED, Outcome, PresentToken, Verdict
from gateway.model.ids import Place
from gateway.model.tokens import Token, TokenType
from tests.fakes.clock import SettableClock

if TYPE_CHECKING:
    from gateway.model.commands import Command

REFUSED = Outcome(verdict=Verdict.REJECTED)


class Door:
    """A keypad with a station behind it that knows one code."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.asked: list[Command] = []
        self.open = asyncio.Event()
        self.open.set()
        self.keypad = Keypad(self._execute, self.clock.now)

    async def _execute(self, command: Command) -> Outcome:
        self.asked.append(command)
        await self.open.wait()
        assert isinstance(command, PresentToken)
        return ACCEPTED if command.token.value == "4711" else REFUSED

    async def enter(self, code: str, station: str = "CP-1") -> Entered:
        return await self.keypad.enter(station, 2, code)


@pytest.fixture
def door() -> Door:
    return Door()


async def test_a_code_is_a_token_at_its_evse(door: Door) -> None:
    assert await door.enter("4711") is Entered.ACCEPTED
    place = Place(station="CP-1", evse=2, connector=1)
    assert door.asked == [PresentToken(place=place, token=Token(value="4711", type=TokenType.KEY_CODE))]


@pytest.mark.ocpp("C04.FR.06")
@pytest.mark.parametrize(("wrong", "wait"), [(1, 1), (2, 2), (3, 4), (4, 8), (9, 256), (10, 300), (50, 300)])
async def test_after_each_wrong_one_the_next_has_to_wait_longer(door: Door, wrong: int, wait: int) -> None:
    for _ in range(wrong):
        door.clock.pass_(seconds=LONGEST_WAIT.total_seconds())
        assert await door.enter("0000") is Entered.REFUSED
    door.clock.pass_(seconds=wait - 1)
    assert await door.enter("4711") is Entered.WAIT
    door.clock.pass_(seconds=1)
    assert await door.enter("4711") is Entered.ACCEPTED


async def test_the_right_one_ends_the_waiting(door: Door) -> None:
    for _ in range(3):
        await door.enter("0000")
        door.clock.pass_(minutes=5)
    assert await door.enter("4711") is Entered.ACCEPTED
    assert await door.enter("0000") is Entered.REFUSED
    door.clock.pass_(seconds=1)
    assert await door.enter("4711") is Entered.ACCEPTED


@pytest.mark.ocpp("C04.FR.06")
async def test_one_at_a_time_at_each_station(door: Door) -> None:
    door.open.clear()
    first = asyncio.create_task(door.enter("0000"))
    await asyncio.sleep(0)
    assert await door.enter("4711") is Entered.WAIT
    door.open.set()
    assert await first is Entered.REFUSED
    assert await door.enter("4711", station="CP-2") is Entered.ACCEPTED


@pytest.mark.parametrize("code", ["", "a b", "1" * 37, "ü", "1;--"])
async def test_what_can_be_no_code_is_nobodys(door: Door, code: str) -> None:
    assert await door.enter(code) is Entered.REFUSED
    assert door.asked == []


@pytest.mark.ocpp("C04.FR.04")
async def test_nothing_is_logged(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await door.enter("987654")
    assert "987654" not in caplog.text
