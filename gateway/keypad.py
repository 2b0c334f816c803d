"""Key codes that drivers type on the box's page (OCPP 2.0.1 Part 2, C04). No code is ever logged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.model.commands import PresentToken
from gateway.model.ids import Place
from gateway.model.tokens import Token, TokenType

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from gateway.model.commands import Command, Outcome

LONGEST_WAIT = timedelta(minutes=5)
_CODE = re.compile(r"[0-9A-Za-z]{1,36}")


class Entered(StrEnum):
    """What has come of a code."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WAIT = "wait"  # another is being looked at, or too many were wrong


@dataclass(slots=True, kw_only=True)
class _Tries:
    """At one station: how many codes in a row were wrong, when the next may come, whether one is being looked at."""

    wrong: int = 0
    until: datetime | None = None
    busy: bool = False


class Keypad:
    """Takes codes, one at a time at each station; after each wrong one the next has to wait twice as long (C04.FR.06).

    Args:
        execute: Carries a command out.
        now: The time.
    """

    def __init__(self, execute: Callable[[Command], Awaitable[Outcome]], now: Callable[[], datetime]) -> None:
        self._execute = execute
        self._now = now
        self._tries: dict[str, _Tries] = {}

    async def enter(self, station: str, evse: int, code: str) -> Entered:
        """Take a code for an EVSE: it starts a session there, or ends one."""
        tries = self._tries.setdefault(station, _Tries())
        if tries.busy or (tries.until is not None and self._now() < tries.until):
            return Entered.WAIT
        tries.busy = True
        try:
            accepted = _CODE.fullmatch(code) is not None and await self._is_accepted(station, evse, code)
        finally:
            tries.busy = False
        if accepted:
            tries.wrong, tries.until = 0, None
            return Entered.ACCEPTED
        tries.until = self._now() + min(timedelta(seconds=2**tries.wrong), LONGEST_WAIT)
        tries.wrong = min(tries.wrong + 1, 30)
        return Entered.REFUSED

    async def _is_accepted(self, station: str, evse: int, code: str) -> bool:
        place = Place(station=station, evse=evse, connector=1)
        command = PresentToken(place=place, token=Token(value=code, type=TokenType.KEY_CODE))
        return (await self._execute(command)).accepted
